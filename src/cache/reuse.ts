import type { HeaderList } from '../http/header-list.ts';
import { type Directives, readCacheControl, secondsOf } from './cache-control.ts';
import { ageMs, type Dated, stalenessMs } from './terms.ts';

/** fresh: as it is. stale: as it is, because the client takes it. updating: as it is, while a fresh one is fetched. */
export type Reuse = 'fresh' | 'stale' | 'updating' | 'validate';

/** What a client says of the answers it takes (RFC 9111 §5.2.1). */
export interface RequestTerms {
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  /** ms; undefined = any. */
  readonly maxAgeMs: number | undefined;
  readonly minFreshMs: number;
  /** ms past its freshness; 0 = none. */
  readonly maxStaleMs: number;
}

const noTerms: RequestTerms = {
  noCache: false,
  onlyIfCached: false,
  maxAgeMs: undefined,
  minFreshMs: 0,
  maxStaleMs: 0,
};

export function readRequestTerms(headers: HeaderList): RequestTerms {
  if (!headers.has('cache-control')) return noTerms;
  const directives = readCacheControl(headers.all('cache-control'));
  const maxAge = secondsOf(directives, 'max-age');
  return {
    noCache: directives.has('no-cache'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAgeMs: maxAge === undefined ? undefined : maxAge * 1000,
    minFreshMs: (secondsOf(directives, 'min-fresh') ?? 0) * 1000,
    maxStaleMs: maxStaleMs(directives),
  };
}

/** Whether a stored answer may be shown to a request without asking the backend (RFC 9111 §4). */
export function reuseOf(stored: Dated, request: RequestTerms, nowMs: number): Reuse {
  const { alwaysValidate, neverStale, staleWhileRevalidateMs } = stored.terms;
  const { maxAgeMs } = request;
  if (alwaysValidate || request.noCache) return 'validate';
  if (maxAgeMs !== undefined && ageMs(stored, nowMs) > maxAgeMs) return 'validate';
  const staleMs = stalenessMs(stored, nowMs);
  if (staleMs + request.minFreshMs < 0) return 'fresh';
  // A client that asks for something fresher than fresh takes nothing stale.
  if (staleMs < 0 || request.minFreshMs > 0 || neverStale) return 'validate';
  if (staleMs < staleWhileRevalidateMs) return 'updating';
  return staleMs < request.maxStaleMs ? 'stale' : 'validate';
}

/** Whether it may stand in for an answer that failed (RFC 5861 §4); a failure stands in for none. */
export function mayStandIn(stored: Dated & { readonly status: number }, nowMs: number): boolean {
  const { alwaysValidate, neverStale, staleIfErrorMs } = stored.terms;
  return stored.status < 500 && !alwaysValidate && !neverStale && stalenessMs(stored, nowMs) < staleIfErrorMs;
}

/** `max-stale` alone takes any age. */
function maxStaleMs(directives: Directives): number {
  if (directives.get('max-stale') === null) return Number.POSITIVE_INFINITY;
  return (secondsOf(directives, 'max-stale') ?? 0) * 1000;
}
