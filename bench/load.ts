import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemEnvironment } from '../scripts/command.ts';

/** One kind of work that every proxy is given. */
export interface Work {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** What the backend answers with: `/100`, `/10k` or `/1m`. */
  readonly path: string;
  readonly bodyBytes: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that could not be made, broke or were too slow. */
  readonly failed: number;
  /** Answers with another status than 2xx or 3xx. */
  readonly notOk: number;
}

const script = fileURLToPath(new URL('./load.lua', import.meta.url));

/** Loads a loopback port with wrk for some seconds. Throws when wrk fails or does not come back. */
export async function load(options: {
  readonly wrk: string;
  readonly core: number;
  readonly port: number;
  readonly work: Work;
  /** Whole seconds: wrk knows no smaller unit. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Promise<LoadResult> {
  const { wrk, core, port, work, seconds, signal } = options;
  const url = `http://127.0.0.1:${port}/`;
  const args = ['-t', '1', '-c', String(work.connections), '-d', `${seconds}s`, '-s', script, url];
  args.push('--', work.method, work.path, String(work.bodyBytes));
  const child = spawn('taskset', ['-c', String(core), wrk, ...args], {
    env: systemEnvironment(),
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
  const result = /^result (\{.*\})$/m.exec(text)?.[1];
  if (result === undefined) throw new Error(`wrk gave no result:\n${text}`);
  return JSON.parse(result) as LoadResult;
}
