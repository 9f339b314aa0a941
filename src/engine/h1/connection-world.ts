import type { ListenOptions } from '../../http/transport.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Deadlines } from './deadlines.ts';
import type { Pace } from './patience.ts';

/** What all connections of a listener share. */
export interface ConnectionWorld {
  readonly options: ListenOptions;
  readonly deadlines: Deadlines;
  readonly pace: Pace;
  readonly lingerMs: number;
  readonly draining: boolean;
  closed(connection: ClientConnection): void;
}

/** Bytes that wait for their turn behind the request being served; more stays in the kernel. */
export const waitingBytesMax = 64 * 1024;
/** Requests, and parts of bodies, that one client gets read before all others have had their turn. */
export const stepsMax = 32;
/** A request body that nobody wants is swallowed up to this size so that the connection can live on. */
export const discardBytesMax = 64 * 1024;
/** What a client may still send after its last answer, so that it reads this answer instead of an RST (RFC 9112 §9.6). */
export const lingerBytesMax = 1024 * 1024;

/**
 * head: a request head is awaited, or half read. body: its body is being read, wanted or not. answer: the request is
 * complete and its answer is not. linger: the last answer is out, and what still comes is thrown away. over: closed, or taken.
 */
export type ConnectionPhase = 'head' | 'body' | 'answer' | 'linger' | 'over';
