import { command, findProgram } from '../scripts/command.ts';
import { canInstall, installPackages } from '../scripts/engine/apt.ts';

/** Programs that Debian has a package for. */
export type Program =
  | 'nginx'
  | 'haproxy'
  | 'caddy'
  | 'varnishd'
  | 'varnishncsa'
  | 'wrk'
  | 'h2load'
  | 'luajit'
  | 'taskset'
  | 'prlimit'
  | 'perf'
  | 'strace';

const packageOf: Readonly<Record<Program, string>> = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  caddy: 'caddy',
  varnishd: 'varnish',
  varnishncsa: 'varnish',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  luajit: 'luajit',
  taskset: 'util-linux',
  prlimit: 'util-linux',
  perf: 'linux-perf',
  strace: 'strace',
};

/**
 * The paths of the programs, installed with apt-get where they are missing and where that is possible (root on Debian).
 * No service is started. What cannot be had is left out of the answer, and that is said.
 */
export async function ensurePrograms(
  programs: readonly Program[],
  say: (line: string) => void,
): Promise<ReadonlyMap<Program, string>> {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0 && canInstall()) {
    const packages = [...new Set(missing.map((program) => packageOf[program]))];
    say(`Installing ${packages.join(', ')} with apt-get, to be measured beside Fairlead.`);
    await installPackages(packages);
  }
  const found = new Map<Program, string>();
  for (const program of programs) {
    const path = findProgram(program);
    if (path !== undefined) found.set(program, path);
    else say(`${program} is not installed and cannot be installed here: it is left out.`);
  }
  return found;
}

/** First version-like word a program prints about itself; every one of these prints it somewhere else. */
export async function versionOf(program: Program, path: string): Promise<string> {
  const args: Readonly<Record<Program, readonly string[]>> = {
    nginx: ['-v'],
    haproxy: ['-v'],
    caddy: ['version'],
    varnishd: ['-V'],
    varnishncsa: ['-V'],
    wrk: ['-v'],
    h2load: ['--version'],
    luajit: ['-v'],
    taskset: ['--version'],
    prlimit: ['--version'],
    perf: ['--version'],
    strace: ['--version'],
  };
  // nginx writes to standard error and wrk ends with code 1: a shell evens that out.
  const text = await command('sh', ['-c', '"$0" "$@" 2>&1; true', path, ...args[program]], { timeoutMs: 10_000 });
  const version = /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'unknown version';
  return `${program} ${version}`;
}
