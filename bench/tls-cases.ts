import { type Client, handshakeLoad, type LoadResult, type LoadTarget, requestLoad } from './load.ts';

/** One kind of work over TLS that proxies are given. */
export interface TlsCase {
  readonly name: string;
  readonly load: (target: LoadTarget, clients: TlsClients) => Promise<LoadResult>;
  /** Whether every request has a handshake of its own. */
  readonly handshakes: boolean;
}

export interface TlsClients {
  readonly wrk: Client;
  readonly luajit: Client;
  /** For wrk. */
  readonly opensslConfig: string;
}

export const keptConnections = 64;
/** Connections of the client of handshakes at once. */
export const lanes = 16;

export const cases: readonly TlsCase[] = [
  kept('GET 100 B', '/100'),
  kept('GET 10 KiB', '/10k'),
  each('full handshake, TLS 1.3', { version: '1.3', resume: false }),
  each('resumed handshake, TLS 1.3', { version: '1.3', resume: true }),
  each('full handshake, TLS 1.2', { version: '1.2', resume: false }),
  each('resumed handshake, TLS 1.2', { version: '1.2', resume: true }),
];

function kept(name: string, path: string): TlsCase {
  const request = { method: 'GET', path, bodyBytes: 0, connections: keptConnections } as const;
  return {
    name,
    handshakes: false,
    load: (target, { wrk, opensslConfig }) => requestLoad({ ...wrk, ...target, ...request, opensslConfig }),
  };
}

function each(name: string, about: { version: '1.2' | '1.3'; resume: boolean }): TlsCase {
  return {
    name,
    handshakes: true,
    load: (target, { luajit }) => handshakeLoad({ ...luajit, ...target, ...about, connections: lanes }),
  };
}
