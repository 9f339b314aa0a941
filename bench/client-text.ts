import { spawn } from 'node:child_process';
import { systemEnvironment } from '../scripts/command.ts';

/** One run of a program that loads a proxy. */
export interface ClientRun {
  /** Its path. */
  readonly program: string;
  /** The only core it may run on; undefined = all cores. */
  readonly core: number | undefined;
  /** How long it is meant to run; 20 s later it is ended. */
  readonly seconds: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Runs a client to its end and returns the last 64 KiB of what it wrote. Throws when it cannot be started or was stopped. */
export async function clientText(run: ClientRun, args: readonly string[]): Promise<string> {
  const { program, core, seconds, env, signal } = run;
  const pinned = core === undefined ? [program] : ['taskset', '-c', String(core), program];
  const [first = program, ...rest] = [...pinned, ...args];
  const child = spawn(first, rest, {
    env: { ...systemEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (seconds + 20) * 1000,
    signal,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-64 * 1024);
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('error', reject).on('close', () => resolve());
  await promise;
  return text;
}
