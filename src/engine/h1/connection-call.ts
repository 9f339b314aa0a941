import type { ProxyFailure } from '../../http/failure.ts';
import type { UpstreamEvents, UpstreamRequest } from '../../http/transport.ts';
import type { Deadlines } from './deadlines.ts';
import type { ResponseLimits } from './response-reader.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** What becomes of a connection between its exchanges. */
export interface ConnectionKeeper {
  readonly deadlines: Deadlines;
  readonly idleMs: number;
  readonly continueWaitMs: number;
  readonly limits: ResponseLimits;
  /** Ready for another request. */
  idle(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
}

/** The exchange that a connection is busy with. */
export interface ConnectionCall {
  readonly request: UpstreamRequest;
  readonly events: UpstreamEvents;
  /** Failed before a head arrived; `stale` = a kept connection that gave no byte. */
  onFailure(failure: ProxyFailure, about: { readonly stale: boolean }): void;
}
