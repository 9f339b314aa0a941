import { cacheKey } from '../cache/cache-key.ts';
import type { CacheWord } from '../cache/outcome.ts';
import { readRequestTerms, reuseOf } from '../cache/reuse.ts';
import { storedAnswer } from '../cache/stored-answer.ts';
import { ageMs, stalenessMs } from '../cache/terms.ts';
import { treatmentOf } from '../cache/treatment.ts';
import type { RequestHead } from '../http/head.ts';
import type { MatchRequest } from '../routing/match-request.ts';
import type { CacheDesk } from './cache-desk.ts';
import type { Caching } from './caching.ts';

/** What the cache of a worker would do with a request now. */
export interface CacheForesight {
  /** EXPIRED: there is one that is stale, and the backend is asked. */
  readonly word: Extract<CacheWord, 'HIT' | 'STALE' | 'MISS' | 'EXPIRED' | 'BYPASS'>;
  /** Of the answer out of the store; null = the backend is asked. */
  readonly status: number | null;
  /** The client takes nothing but a stored answer, and there is none for it. */
  readonly refused: boolean;
  /** Of what is stored, whole seconds; null where nothing is. */
  readonly ageSeconds: number | null;
  /** Until it is stale, negative where it is. */
  readonly ttlSeconds: number | null;
}

interface CacheQuestion extends MatchRequest, Pick<RequestHead, 'headers' | 'bodyLength' | 'target'> {
  readonly port: number | null;
  readonly scheme: 'http' | 'https';
}

/** By the rules of `consultCache`; what is stored stays where it is. */
export async function foreseeCache(
  { cache: { cache }, now }: { readonly cache: Pick<CacheDesk, 'cache'>; now(): number },
  { caching: { policy, predicates }, route }: { readonly caching: Caching; readonly route: string },
  request: CacheQuestion,
): Promise<CacheForesight> {
  const { method, headers, host, path } = request;
  const nothing = { status: null, refused: false, ageSeconds: null, ttlSeconds: null };
  if (treatmentOf(request, request, policy, predicates) !== 'lookup') return { ...nothing, word: 'BYPASS' };
  const key = cacheKey(request, route, policy);
  const asked = { method, headers, key, route, host, path, policy };
  const found = await cache.peek(asked);
  const terms = readRequestTerms(headers);
  if (found === null) return { ...nothing, word: 'MISS', refused: terms.onlyIfCached };
  const { stored, bodyBytes } = found;
  const nowMs = now();
  const reuse = reuseOf(stored, terms, nowMs);
  const ages = {
    ageSeconds: Math.floor(ageMs(stored, nowMs) / 1000),
    ttlSeconds: Math.floor(-stalenessMs(stored, nowMs) / 1000),
  };
  if (reuse === 'validate') return { ...ages, word: 'EXPIRED', status: null, refused: terms.onlyIfCached };
  const { status } = storedAnswer(stored, bodyBytes, asked, nowMs).head;
  return { ...ages, word: reuse === 'fresh' ? 'HIT' : 'STALE', status, refused: false };
}
