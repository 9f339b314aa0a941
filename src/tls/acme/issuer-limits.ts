const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How much may be asked of an issuer. All windows slide: in any stretch of that length there are at most so many. */
export interface IssuerLimits {
  /** New orders at one issuer, in production and at its staging apart. */
  readonly orders: Limit;
  /** Certificates for names that had none before, per registered domain (a guess: see registered-domain.ts). */
  readonly domain: Limit;
  /** Certificates for exactly the same names. */
  readonly set: Limit;
  /** Failed orders per name. */
  readonly failures: Limit;
}

export interface Limit {
  readonly countMax: number;
  readonly windowMs: number;
}

/**
 * What we allow ourselves at every issuer. It stays below what Let's Encrypt publishes, the strictest of the large ones, so
 * that a person at the same account can still mend something by hand:
 *
 * | what | Let's Encrypt | ours |
 * | --- | --- | --- |
 * | new orders per account in 3 hours | 300 | 240 |
 * | certificates per registered domain in 7 days | 50 | 40, renewals not counted (as there) |
 * | certificates per exact set of names in 7 days | 5 | 4; those that live less than 2 days: 4 in one life |
 * | failed validations per name in 1 hour | 5 | 3 failed orders |
 *
 * Orders that a handshake asks for get half of the first two: strangers must not spend what renewals need.
 */
export const politeLimits: IssuerLimits = {
  orders: { countMax: 240, windowMs: 3 * hourMs },
  domain: { countMax: 40, windowMs: 7 * dayMs },
  set: { countMax: 4, windowMs: 7 * dayMs },
  failures: { countMax: 3, windowMs: hourMs },
};

/** Certificates that live less than this come from private authorities, or from those that expect weekly limits to be passed. */
const briefLifeMs = 2 * dayMs;

/** The window for one set of names, given how long its last certificate lives; 0 = there was none. */
export function setLimit({ set }: IssuerLimits, lifeMs: number): Limit {
  return lifeMs > 0 && lifeMs < briefLifeMs ? { ...set, windowMs: lifeMs } : set;
}

export function halved({ countMax, windowMs }: Limit): Limit {
  return { countMax: Math.max(1, Math.floor(countMax / 2)), windowMs };
}

/** When the next one fits, given when the others were (ascending); 0 = now. */
export function nextFitMs(times: readonly number[], { countMax, windowMs }: Limit): number {
  const decisive = times.at(-countMax);
  return decisive === undefined ? 0 : decisive + windowMs;
}

/** Longest wait after failures in a row. */
export const waitMs = {
  order: dayMs,
  /** Nobody but us was asked. */
  preflight: 15 * minuteMs,
  /** One order then tries whether the issuer is back, for all. */
  issuer: hourMs,
} as const;

/** Longest Retry-After that is honoured; Let's Encrypt's longest window. */
export const retryAfterMsMax = 7 * dayMs;

/**
 * One minute, doubled with each failure in a row, and up to a tenth more so that many that failed together do not come again
 * together. @param random 0 ≤ x < 1.
 */
export function backOffMs(failures: number, about: { readonly maxMs: number; readonly random: () => number }): number {
  const baseMs = Math.min(about.maxMs, minuteMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(Math.min(about.maxMs, baseMs) * (1 + about.random() / 10));
}
