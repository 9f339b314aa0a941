import type { Identity } from '../identity.ts';

/** A running proxy that sends `bench.test` to one backend on loopback, with the same header work and an access log like the others. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  readonly version: string;
  /** Speaks HTTP, or HTTPS where the contender was given an identity. */
  readonly port: number;
  /** The process whose whole tree is the proxy. */
  readonly pid: number;
  /** Grows while it is loaded; emptied between slots. Opened for appending by every proxy, so that emptying is safe. */
  readonly accessLog: string;
}

export interface ContenderOptions {
  /** The only core it may run on; undefined = all cores. */
  readonly core?: number | undefined;
  /** Processes or threads that serve, where a proxy can be told; 1 by default. */
  readonly workers?: number;
  /** Where it keeps its files; in memory, so that no disk is measured. */
  readonly dir: string;
  readonly backendPort: number;
  /** What it shows as `bench.test`; without one it speaks plain HTTP. */
  readonly identity?: Identity | undefined;
  /** It keeps what the backend lets it; where it can. */
  readonly cache?: boolean;
}

/** What every proxy here adds to a request: names in the spelling that backends compare without case. */
export const forwardedNames = [
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-request-id',
];

/** Idle connections to the backend that each may keep; above the largest number of clients used here. */
export const keptConnections = 1024;
