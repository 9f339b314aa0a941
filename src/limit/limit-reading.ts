import type { RateTerms } from './gcra.ts';

/** How full is the bucket of somebody? */
export interface LimitQuestion {
  /** What is limited; see `LimitPolicy.scope`. */
  readonly scope: string;
  /** What the request is counted under; see `limitKey`. */
  readonly key: string;
  readonly terms: RateTerms;
}

/** What was found, and nothing was taken. */
export interface LimitReading {
  readonly backlogMs: number;
  /** `this-proxy-alone`: the shared store does not answer. */
  readonly countedBy: 'this-proxy' | 'all-proxies' | 'this-proxy-alone';
}
