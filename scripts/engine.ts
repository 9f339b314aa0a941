import { existsSync } from 'node:fs';
import { findProgram } from './command.ts';
import { canInstall, installPackages } from './engine/apt.ts';
import { startDaemon } from './engine/daemon.ts';
import { outOfReach, ping } from './engine/ping.ts';
import { type Engine, privateEngine } from './engine/private-engine.ts';

export type { Engine };

export interface EngineOptions {
  readonly say: (line: string) => void;
  /** Where the private engine keeps its files. */
  readonly dir?: string;
}

const packages = ['docker.io', 'busybox-static', 'iptables'];

/**
 * A way to a Docker engine on this machine: one that runs, else a private one, for which the packages are installed where
 * they are missing (root on Debian only, and it says so first). Throws with what to do when there is no way.
 */
export async function ensureEngine({ say, dir = '/var/lib/fairlead-engine' }: EngineOptions): Promise<Engine> {
  const { found, tried } = await runningEngine();
  if (found)
    return { socket: found, endpoint: `unix://${found}`, startedHere: false, own: false, stop: async () => {} };
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !(findProgram('dockerd') || canInstall())) {
    throw new Error(
      [
        'No usable Docker engine on this machine:',
        ...tried.map((line) => `  ${line}`),
        'Start one (`sudo systemctl start docker`), or point DOCKER_HOST at one you may use (unix://…).',
        'Or run this as root on Debian: it installs and starts a private engine by itself.',
      ].join('\n'),
    );
  }
  return privateEngine(dir, {
    async start() {
      if (!findProgram('dockerd') || !findProgram('iptables')) {
        say(`No Docker engine here: installing ${packages.join(', ')} with apt-get (about half a minute).`);
        await installPackages(packages);
      }
      say(`Starting a private Docker engine in ${dir}.`);
      await startDaemon({ dir, dockerd: findProgram('dockerd') ?? 'dockerd' });
    },
  });
}

/** The first engine that runs already and whose containers can be dialled from here. */
async function runningEngine(): Promise<{ found?: string; tried: string[] }> {
  const tried: string[] = [];
  const host = process.env.DOCKER_HOST;
  const sockets = ['/var/run/docker.sock'];
  if (host?.startsWith('unix://')) sockets.unshift(host.slice('unix://'.length));
  else if (host) tried.push(`DOCKER_HOST=${host}: not a unix:// endpoint, so its containers are out of reach`);
  for (const socket of new Set(sockets)) {
    const answer = existsSync(socket) ? await ping(socket) : { answers: false as const, reason: 'no such socket' };
    const problem = answer.answers ? await outOfReach(socket) : answer.reason;
    if (!problem) return { found: socket, tried };
    tried.push(`unix://${socket}: ${problem}`);
  }
  return { tried };
}
