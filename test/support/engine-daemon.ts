import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type Docker from 'dockerode';
import { command, findProgram } from '../../scripts/command.ts';
import { type Daemon, startDaemon, stopDaemon } from '../../scripts/engine/daemon.ts';
import { ping } from '../../scripts/engine/ping.ts';
import { gone } from '../../scripts/engine/process-state.ts';
import { makeSideNetwork, removeSideNetwork, type SideNetwork } from '../../scripts/engine/side-network.ts';
import { progressOf } from '../../scripts/images/progress.ts';
import { Images } from '../../scripts/images.ts';
import { engineOf, type TestEngine, testEngine } from './engine.ts';

/** An engine that a test may stop, kill and start again. */
export interface ThrowawayEngine extends TestEngine {
  start(): Promise<void>;
  /** SIGTERM: it stops its containers first, and takes its socket away. */
  stop(): Promise<void>;
  /** SIGKILL: the containers go on, and the socket's file stays behind, dead. */
  kill(): Promise<void>;
}

/** 10.227.0.0/16 and up; as many throwaway engines can run at a time. */
const octets = { first: 227, last: 247 };

/**
 * Starts a daemon of its own, with the test backend's image in it, and one that the main engine has where `image` names it. `args` are
 * further arguments of dockerd, such as `--live-restore`.
 */
export async function throwawayEngine(
  t: TestContext,
  { args = [], image }: { args?: readonly string[]; image?: string } = {},
): Promise<ThrowawayEngine> {
  const { network, octet } = await claimNetwork();
  const dir = mkdtempSync(join(tmpdir(), 'fl-engine-'));
  let daemon: Daemon | undefined;
  const start = async () => {
    daemon = await startDaemon({
      dir,
      dockerd: findProgram('dockerd') ?? 'dockerd',
      prefix: network.prefix,
      args: [...network.args, ...args],
    });
  };
  const stop = () => stopDaemon(dir);
  const kill = async () => {
    if (!daemon) return;
    process.kill(daemon.pid, 'SIGKILL');
    await gone(daemon.pid, 10_000);
  };
  const socket = join(dir, 'docker.sock');
  // Hooks run in the order of their registration: the daemon has to live while `engineOf` removes its containers.
  t.after(async () => {
    if (!(await ping(socket)).answers) await start();
  });
  const engine = engineOf(t, socket);
  t.after(async () => {
    await stop();
    await unmountBelow(dir);
    await removeSideNetwork(octet);
    rmSync(dir, { recursive: true, force: true });
  });
  await start();
  await new Images(
    { socket, endpoint: `unix://${socket}`, startedHere: true, own: true, stop },
    { say: () => {} },
  ).ensureBackend();
  if (image !== undefined) await copyImage(image, testEngine(t).docker, engine.docker);
  return { ...engine, start, stop, kill };
}

async function copyImage(tag: string, from: Docker, to: Docker): Promise<void> {
  const loading = await to.loadImage(await from.getImage(tag).get());
  await progressOf(to, loading);
}

/** A killed daemon leaves the mounts of its containers behind. */
async function unmountBelow(dir: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? []);
  const below = mounts.filter((mount) => mount.startsWith(`${dir}/`));
  if (below.length > 0) await command('umount', ['--lazy', ...below.reverse()]);
}

async function claimNetwork(): Promise<{ network: SideNetwork; octet: number }> {
  for (let octet = octets.first; octet <= octets.last; octet += 1) {
    const network = await makeSideNetwork(octet, { adopt: false });
    if (network) return { network, octet };
  }
  throw new Error(`all ${octets.last - octets.first + 1} networks for throwaway engines are taken (\`ip netns list\`)`);
}
