import { join } from 'node:path';
import { findProgram } from './command.ts';
import { canInstall } from './engine/apt.ts';
import { startDaemon } from './engine/daemon.ts';
import { type Engine, privateEngine } from './engine/private-engine.ts';
import { makeSideNetwork, removeSideNetwork } from './engine/side-network.ts';
import { unpackTrixie } from './engine/trixie.ts';
import type { EngineOptions } from './engine.ts';

/** See `makeSideNetwork`. */
const octet = 226;

/**
 * A second engine beside the first: Docker 26.1 (API 1.45), whose events come in another order than 20.10's. Its programs are
 * Debian trixie's, unpacked and not installed; runc is the one of the installed docker.io, so `ensureEngine` goes first.
 * Throws where this is not root on Debian.
 */
export function ensureEngine26({ say, dir = '/var/lib/fairlead-engine26' }: EngineOptions): Promise<Engine> {
  return privateEngine(dir, {
    async start() {
      if (!canInstall() || !findProgram('runc')) {
        throw new Error('The second engine needs root on Debian and the program runc (package docker.io or runc).');
      }
      say(`Starting Docker 26 in ${dir}.`);
      const root = await unpackTrixie(dir, ['docker.io', 'containerd']);
      const network = await makeSideNetwork(octet, { adopt: true });
      await startDaemon({
        dir,
        dockerd: join(root, 'usr/sbin/dockerd'),
        programs: join(root, 'usr/bin'),
        prefix: network?.prefix ?? [],
        args: network?.args ?? [],
      });
    },
    stopped: () => removeSideNetwork(octet),
  });
}
