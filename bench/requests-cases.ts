/** One kind of request that every proxy is given. */
export interface RequestsCase {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** What the backend answers with, see lua/backend.lua. */
  readonly path: '/100' | '/10k' | '/chk' | '/1mb';
  readonly bodyBytes: number;
  readonly connections: number;
  /** http-proxy is slow and known: two cases are enough to place it. */
  readonly withHttpProxy: boolean;
}

const get = { method: 'GET', bodyBytes: 0, withHttpProxy: false } as const;

/** What `syscalls`, `memory` and `workers` use too. */
export const smallGet: RequestsCase = {
  ...get,
  name: 'GET 100 B',
  path: '/100',
  connections: 64,
  withHttpProxy: true,
};

export const cases: readonly RequestsCase[] = [
  smallGet,
  { ...get, name: 'GET 10 KiB', path: '/10k', connections: 64 },
  { ...get, name: 'GET 10 KiB, chunked', path: '/chk', connections: 64 },
  { name: 'POST 10 KiB', method: 'POST', path: '/100', bodyBytes: 10 * 1024, connections: 64, withHttpProxy: true },
  { ...get, name: 'GET 1 MiB, 16 connections', path: '/1mb', connections: 16 },
  { ...get, name: 'GET 100 B, 1 connection', path: '/100', connections: 1 },
  { ...get, name: 'GET 100 B, 512 connections', path: '/100', connections: 512 },
];
