import type { Reason } from '../http/failure.ts';

/** A request that ended in 5xx, or that the proxy refused or failed by itself, as people are shown it. */
export interface FailedRequest {
  /** When it ended, ISO 8601, UTC. */
  readonly at: string;
  readonly requestId: string;
  readonly method: string;
  /** As in the access log, without its query, cut to 200 characters. */
  readonly path: string;
  readonly status: number;
  /** null = it is the backend's own answer. */
  readonly reason: Reason | null;
  /** Address, as the access log has it. */
  readonly client: string;
  /** Whose backend answered, or failed last. */
  readonly container: string | null;
  /** `host:port` of it. */
  readonly upstream: string | null;
  readonly totalMs: number;
  readonly upstreamMs: number | null;
  /** On backends. */
  readonly tries: number;
}
