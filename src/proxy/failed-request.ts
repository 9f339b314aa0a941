import type { Reason } from '../http/failure.ts';
import type { Journey } from './journey.ts';
import { redacted } from './log-redaction.ts';

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

const pathCharsMax = 200;
const methodCharsMax = 32;

/** Who keeps what failed or was slow, so that people can be shown it. */
export interface FailureNotes {
  /** @param nowMs monotonic, as in `journey.startedMs`. */
  note(journey: Journey, nowMs: number): void;
}

/**
 * Whether a request of a route ended as nobody wanted. A client that leaves is no failure of anybody here, nor is being sent to a
 * page to sign in on.
 */
export function hasFailed({ status, reason, live }: Journey): boolean {
  if (live === null || status >= 500) return live !== null;
  return reason !== null && reason !== 'client-aborted' && (status < 300 || status >= 400);
}

/** @param nowMs monotonic; `epochMs` the same moment. */
export function failedRequest(journey: Journey, nowMs: number, epochMs: number): FailedRequest {
  const { requestId, method, target, status, reason, client, peer, startedMs, upstreamMs, tries } = journey;
  return {
    at: new Date(epochMs).toISOString(),
    requestId,
    method: method.slice(0, methodCharsMax),
    path: shownPath(target),
    status,
    reason,
    client: client.address,
    container: peer?.container ?? null,
    upstream: peer?.shown ?? null,
    totalMs: rounded(nowMs - startedMs),
    upstreamMs: upstreamMs === null ? null : rounded(upstreamMs),
    tries,
  };
}

/** A query may hold anything, and is not needed to find the line in the access log. */
function shownPath(target: string): string {
  const path = /^[^?#]*/.exec(redacted(target))?.[0] ?? '';
  return path.length > pathCharsMax ? `${path.slice(0, pathCharsMax - 1)}…` : path;
}

/** To a hundredth. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
