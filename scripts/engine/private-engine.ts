import Docker from 'dockerode';
import { socketIn, stopDaemon } from './daemon.ts';
import { returnLease, takeLease } from './lease.ts';
import { locked } from './lock.ts';
import { ping } from './ping.ts';

export interface Engine {
  /** Path of the engine's Unix socket. */
  readonly socket: string;
  /** The same as an endpoint: `unix:///…`. */
  readonly endpoint: string;
  /** Whether this call started it. */
  readonly startedHere: boolean;
  /** Whether it is this project's private engine, whose images and containers are nobody else's. */
  readonly own: boolean;
  /** Ends the engine if it is the project's own and nobody else uses it. May be called twice. */
  stop(): Promise<void>;
}

/**
 * The private engine of a directory: joined where it runs, else brought up by `start`. Several processes may share it;
 * the last one to stop it ends the daemon, whoever started it.
 */
export function privateEngine(
  dir: string,
  { start, stopped = async () => {} }: { start: () => Promise<void>; stopped?: () => Promise<void> },
): Promise<Engine> {
  const alone = <T>(work: () => Promise<T>) => locked(`engine ${dir}`, work);
  return alone(async () => {
    const socket = socketIn(dir);
    const startedHere = !(await ping(socket)).answers;
    if (startedHere) {
      await start();
      await sweep(socket);
    }
    const lease = takeLease(dir);
    let end: Promise<void> | undefined;
    const stop = async () => {
      if (returnLease(dir, lease) > 0) return;
      await stopDaemon(dir);
      await stopped();
    };
    return {
      socket,
      endpoint: `unix://${socket}`,
      startedHere,
      own: true,
      stop: () => {
        end ??= alone(stop);
        return end;
      },
    };
  });
}

/** Removes what runs that were cut off left behind. The engine has just started, so nobody uses any of it. */
async function sweep(socketPath: string): Promise<void> {
  const docker = new Docker({ socketPath });
  for (const { Id } of await docker.listContainers({ all: true }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  await docker.pruneNetworks();
}
