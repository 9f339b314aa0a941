import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { AdminUnavailable } from './unavailable.ts';

/** sun_path holds 108 bytes, the last of them NUL. */
const pathBytesMax = 107;

/** Where the commands find a running proxy. */
export function socketPath(dataDir: string): string {
  return join(dataDir, 'admin.sock');
}

/**
 * Listens on a socket file that only its owner may open. One that a dead process left behind is replaced.
 * @throws AdminUnavailable when a living process has it, or it cannot be made.
 */
export async function listenOnSocketFile(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > pathBytesMax)
    throw new AdminUnavailable(`FAIRLEAD_DATA: ${path} is too long for a unix socket; choose a shorter directory`);
  if (isSocket(path)) {
    if (await answers(path))
      throw new AdminUnavailable(
        `FAIRLEAD_DATA: another proxy runs with this data directory (${path} answers); stop it or choose another directory`,
      );
    unlinkSync(path);
  }
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      reject(
        new AdminUnavailable(`FAIRLEAD_DATA: the socket ${path} cannot be made (${error.code ?? error.message})`, {
          cause: error,
        }),
      );
    server.once('error', onError);
    server.listen(path, () => {
      server.off('error', onError);
      resolve();
    });
  });
  // The directory is closed to others as well: between the two calls nobody slips in.
  chmodSync(path, 0o600);
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => end(true));
    // Only a refusal proves that nobody listens; whatever else it is, the file is not ours to remove.
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED'));
  });
}
