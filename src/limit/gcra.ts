/**
 * The token bucket of nginx's limit_req, as GCRA: of each client only the time is kept by which all it has asked for would
 * be done at the agreed rate. How far that lies ahead is its backlog.
 */
export interface RateTerms {
  /** Between two requests at the agreed rate, ms. */
  readonly intervalMs: number;
  /** Requests that may come beyond the rate. */
  readonly burst: number;
}

/** How a request stands that found this backlog. */
export interface Standing {
  readonly admitted: boolean;
  /** Until its turn comes at the agreed rate, ms. */
  readonly waitMs: number;
  /** Further requests that would be admitted now. */
  readonly remaining: number;
  /** Until one more would be admitted, ms; 0 = now. */
  readonly nextMs: number;
  /** Until all could come again, ms. */
  readonly resetMs: number;
}

/** Times are doubles: a sum of twenty intervals is not to the last bit twenty times one. */
const tolerance = 1e-3;

/** Whether a request is admitted that finds such a backlog, ms. */
export function isAdmitted(backlogMs: number, { intervalMs, burst }: RateTerms): boolean {
  return backlogMs <= (burst + tolerance) * intervalMs;
}

/** @param backlogMs what the request found; what it adds itself is reckoned here. */
export function standing(backlogMs: number, terms: RateTerms): Standing {
  const { intervalMs, burst } = terms;
  const admitted = isAdmitted(backlogMs, terms);
  const afterMs = admitted ? backlogMs + intervalMs : backlogMs;
  return {
    admitted,
    waitMs: backlogMs,
    remaining: Math.max(0, Math.floor(burst + 1 + tolerance - afterMs / intervalMs)),
    nextMs: Math.max(0, afterMs - burst * intervalMs),
    resetMs: afterMs,
  };
}
