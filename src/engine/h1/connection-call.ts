import type { Socket } from 'node:net';
import type { ProxyFailure } from '../../http/failure.ts';
import type { UpstreamEvents, UpstreamRequest } from '../../http/transport.ts';
import type { BackendSessions } from './backend-sessions.ts';
import type { Deadlines } from './deadlines.ts';
import type { ParsedResponse } from './response-head.ts';
import type { ResponseLimits } from './response-reader.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** What becomes of a connection between its exchanges. */
export interface ConnectionKeeper {
  readonly deadlines: Deadlines;
  readonly idleMs: number;
  readonly continueWaitMs: number;
  readonly limits: ResponseLimits;
  readonly sessions: BackendSessions;
  /** Ready for another request. */
  idle(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
}

/** The exchange that a connection is busy with. */
export interface ConnectionCall {
  readonly request: UpstreamRequest;
  readonly events: UpstreamEvents;
  /** Where the request, which has no body, asks the backend to switch protocols. */
  readonly switching?: ProtocolSwitch;
  /** Failed before a head arrived; `stale` = a kept connection that gave no byte. */
  onFailure(failure: ProxyFailure, about: { readonly stale: boolean }): void;
}

export interface ProtocolSwitch {
  readonly protocol: string;
  /** The backend agrees: the connection is the taker's, with all that is read from now on, but for its read buffer. */
  onSwitch(head: ParsedResponse, socket: Socket): SwitchTaker;
}

export interface SwitchTaker {
  /** Takes what was read, `at`–`end` of a buffer that is used again; false = it is still in use, and nothing is read until the taker resumes. */
  read(bytes: Buffer, at: number, end: number): boolean;
}
