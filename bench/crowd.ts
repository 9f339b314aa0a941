import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemEnvironment } from '../scripts/command.ts';

/** What lua/crowd.lua tells of its clients. Seconds are of the monotonic clock, as `process.hrtime` has them. */
export interface CrowdResult {
  readonly answered: number;
  readonly failed: number;
  readonly notOk: number;
  /** When half of those who were answered had their answer, and when all had. */
  readonly halfSeconds: number;
  readonly lastSeconds: number;
  /** How many got which X-Cache-Status; `none` without one. */
  readonly words: Readonly<Record<string, number>>;
}

const script = fileURLToPath(new URL('./lua/crowd.lua', import.meta.url));
const endsWithinMs = 120_000;

/** So many clients that ask for one object at once. `onAsked` is called when all have asked. Throws when the program fails. */
export async function crowd(
  options: {
    readonly program: string;
    readonly core: number | undefined;
    readonly port: number;
    readonly clients: number;
    readonly path: string;
    readonly signal: AbortSignal;
  },
  onAsked: () => Promise<void>,
): Promise<CrowdResult> {
  const { program, core, port, clients, path, signal } = options;
  const pinned = core === undefined ? [program] : ['taskset', '-c', String(core), program];
  const [first = program, ...rest] = [...pinned, script, String(port), String(clients), path];
  const child = spawn(first, rest, {
    env: systemEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: endsWithinMs,
    signal,
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const read = async (): Promise<CrowdResult> => {
    let result: CrowdResult | null = null;
    for await (const line of createInterface(child.stdout)) {
      if (line === 'asked') await onAsked();
      else if (line.startsWith('result ')) result = JSON.parse(line.slice('result '.length)) as CrowdResult;
    }
    if (result === null) throw new Error('the crowd of clients gave no result');
    return result;
  };
  try {
    return await Promise.race([read(), failed]);
  } finally {
    child.kill();
  }
}
