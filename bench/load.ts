import { fileURLToPath } from 'node:url';
import { type ClientRun, clientText } from './client-text.ts';
import { offered } from './tls-terms.ts';

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
  /** Requests whose connection resumed a session, where each has one of its own. */
  readonly resumed?: number;
}

export interface LoadTarget {
  /** Of loopback. */
  readonly port: number;
  /** Whole seconds: wrk knows no smaller unit. */
  readonly seconds: number;
}

/** How a client is started, without what it is told to do. */
export type Client = Pick<ClientRun, 'program' | 'core' | 'signal'>;

interface ClientOptions extends LoadTarget, Client {
  readonly connections: number;
}

const file = (name: string) => fileURLToPath(new URL(`./lua/${name}`, import.meta.url));

/** Loads a port with wrk. Throws when wrk fails or does not come back. */
export function requestLoad(
  options: ClientOptions & {
    readonly method: 'GET' | 'POST';
    /** Five characters that choose the backend's answer, see lua/backend.lua. */
    readonly path: string;
    readonly bodyBytes: number;
    /** How many different targets the heads have; as many as heads by default. */
    readonly targets?: number;
    /** `bench.test` by default. */
    readonly host?: string;
    /** Further field lines, such as `Authorization: …`. */
    readonly fields?: readonly string[];
    /** Over TLS, with this OpenSSL configuration. */
    readonly opensslConfig?: string;
  },
): Promise<LoadResult> {
  const { port, seconds, connections, method, path, bodyBytes, opensslConfig } = options;
  const { targets = 0, host = 'bench.test', fields = [] } = options;
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', file('load.lua')];
  const origin = opensslConfig === undefined ? `http://127.0.0.1:${port}` : `https://bench.test:${port}`;
  const env = opensslConfig === undefined ? {} : { OPENSSL_CONF: opensslConfig };
  return run({ ...options, env }, [
    ...args,
    `${origin}/`,
    '--',
    method,
    path,
    ...[bodyBytes, targets].map(String),
    host,
    ...fields,
  ]);
}

/** Loads a port with WebSocket messages through luajit. Throws when it fails or does not come back. */
export function messageLoad(options: ClientOptions & { readonly messageBytes: number }): Promise<LoadResult> {
  const { port, seconds, connections, messageBytes } = options;
  return run(options, [file('ws-load.lua'), ...[port, connections, messageBytes, seconds].map(String)]);
}

/**
 * Loads a port with TLS connections that each carry one request, through luajit. Each of `connections` lanes opens the next one when
 * the proxy has closed the last. Throws when it fails, does not come back, or other terms were agreed on than offered.
 */
export function handshakeLoad(
  options: ClientOptions & {
    readonly version: '1.2' | '1.3';
    /** Every connection but a lane's first resumes the session of the one before. */
    readonly resume: boolean;
  },
): Promise<LoadResult> {
  const { port, connections, seconds, version, resume } = options;
  const suite = version === '1.3' ? offered.suite13 : offered.suite12;
  const args = [port, connections, seconds, version, suite, offered.groups, resume ? 'resume' : 'full'].map(String);
  return run(options, [file('handshakes.lua'), ...args]);
}

async function run(options: ClientRun, args: readonly string[]): Promise<LoadResult> {
  const text = await clientText(options, args);
  const result = /^result (\{.*\})$/m.exec(text)?.[1];
  if (result === undefined) throw new Error(`${options.program} gave no result:\n${text}`);
  return JSON.parse(result) as LoadResult;
}
