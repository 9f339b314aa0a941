import { type FailedRequest, failedRequest, rounded } from './failed-request.ts';
import type { Journey } from './journey.ts';

/** What a person waits for without a doubt; most backends take a hundredth of it, so that few requests are noted. */
export const slowFromMs = 1_000;

/** A request that ended well, and took long, as people are shown it. */
export interface SlowRequest extends Omit<FailedRequest, 'reason'> {
  /** Held, because no backend could take it. */
  readonly waitMs: number;
  /** Of the body of the answer, handed to the client's connection. */
  readonly bytes: number;
}

/** Whether a request of a route went well but slowly. A tunnel is no request that somebody waits for. @param nowMs monotonic. */
export function isSlow({ live, status, reason, startedMs }: Journey, nowMs: number): boolean {
  return live !== null && reason === null && status < 500 && status !== 101 && nowMs - startedMs >= slowFromMs;
}

/** @param nowMs monotonic; `epochMs` the same moment. */
export function slowRequest(journey: Journey, nowMs: number, epochMs: number): SlowRequest {
  const { reason: _none, ...request } = failedRequest(journey, nowMs, epochMs);
  return { ...request, waitMs: rounded(journey.waitMs), bytes: journey.responseBytes };
}
