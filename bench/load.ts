import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemEnvironment } from '../scripts/command.ts';

export interface LoadResult {
  /** Or messages. */
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that could not be made, broke or were too slow. */
  readonly failed: number;
  /** Answers with another status than 2xx or 3xx. */
  readonly notOk: number;
  /** What the client itself used. */
  readonly clientCpuMs: number;
}

export interface LoadTarget {
  /** Of loopback. */
  readonly port: number;
  /** Whole seconds: wrk knows no smaller unit. */
  readonly seconds: number;
}

interface ClientOptions extends LoadTarget {
  /** Path of the program that is the client. */
  readonly program: string;
  /** The only core it may run on; undefined = all cores. */
  readonly core: number | undefined;
  readonly connections: number;
  readonly signal: AbortSignal;
}

const file = (name: string) => fileURLToPath(new URL(`./lua/${name}`, import.meta.url));

/** Loads a port with wrk. Throws when wrk fails or does not come back. */
export function requestLoad(
  options: ClientOptions & {
    readonly method: 'GET' | 'POST';
    /** Five characters that choose the backend's answer, see lua/backend.lua. */
    readonly path: string;
    readonly bodyBytes: number;
  },
): Promise<LoadResult> {
  const { port, seconds, connections, method, path, bodyBytes } = options;
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', file('load.lua')];
  return run(options, [...args, `http://127.0.0.1:${port}/`, '--', method, path, String(bodyBytes)]);
}

/** Loads a port with WebSocket messages through luajit. Throws when it fails or does not come back. */
export function messageLoad(options: ClientOptions & { readonly messageBytes: number }): Promise<LoadResult> {
  const { port, seconds, connections, messageBytes } = options;
  return run(options, [file('ws-load.lua'), ...[port, connections, messageBytes, seconds].map(String)]);
}

async function run({ program, core, seconds, signal }: ClientOptions, args: readonly string[]): Promise<LoadResult> {
  const pinned = core === undefined ? [program] : ['taskset', '-c', String(core), program];
  const [first = program, ...rest] = [...pinned, ...args];
  const child = spawn(first, rest, {
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
  if (result === undefined) throw new Error(`${program} gave no result:\n${text}`);
  return JSON.parse(result) as LoadResult;
}
