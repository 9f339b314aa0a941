/** What a stored answer may be used for; worked out when it is stored or validated. Durations in ms. */
export interface Terms {
  /** How old it was when it arrived (RFC 9111 §4.2.3, corrected_initial_age). */
  readonly initialAgeMs: number;
  readonly lifetimeMs: number;
  /** Never without asking the backend (`no-cache`). */
  readonly alwaysValidate: boolean;
  /** Never when it is no longer fresh (RFC 9111 §4.2.4). */
  readonly neverStale: boolean;
  readonly staleIfErrorMs: number;
  readonly staleWhileRevalidateMs: number;
}

/** An answer with its terms and when it arrived. */
export interface Dated {
  readonly terms: Terms;
  /** Epoch ms. */
  readonly responseMs: number;
}

/** RFC 9111 §4.2.3; never negative, also where the clock was set back. */
export function ageMs({ terms, responseMs }: Dated, nowMs: number): number {
  return terms.initialAgeMs + Math.max(0, nowMs - responseMs);
}

/** How long it has been stale; negative while it is fresh. */
export function stalenessMs(dated: Dated, nowMs: number): number {
  return ageMs(dated, nowMs) - dated.terms.lifetimeMs;
}
