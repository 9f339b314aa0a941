import type { Work } from './load.ts';

export interface Case extends Work {
  /** http-proxy is slow and known: two cases are enough to place it. */
  readonly withHttpProxy: boolean;
}

const get = { method: 'GET', bodyBytes: 0, withHttpProxy: false } as const;

export const cases: readonly Case[] = [
  { ...get, name: 'GET 100 B', path: '/100', connections: 64, withHttpProxy: true },
  { ...get, name: 'GET 10 KiB', path: '/10k', connections: 64 },
  { name: 'POST 10 KiB', method: 'POST', path: '/100', bodyBytes: 10 * 1024, connections: 64, withHttpProxy: true },
  { ...get, name: 'GET 1 MiB, 16 connections', path: '/1m', connections: 16 },
  { ...get, name: 'GET 100 B, 1 connection', path: '/100', connections: 1 },
  { ...get, name: 'GET 100 B, 512 connections', path: '/100', connections: 512 },
];
