import type { HeaderList } from '../http/header-list.ts';
import type { NotKept } from './storing.ts';

/** In nginx's words, as `X-Cache-Status` has them. */
export const cacheWords = ['HIT', 'MISS', 'EXPIRED', 'STALE', 'UPDATING', 'REVALIDATED', 'BYPASS'] as const;
export type CacheWord = (typeof cacheWords)[number];

/** What the cache had to do with an answer. */
export interface Outcome {
  readonly word: CacheWord;
  /** Why the backend was asked (RFC 9211 §2.2); null = it was not. */
  readonly forwarded: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial' | null;
  /** What the backend answered, where the client gets something else. */
  readonly backendStatus?: number;
  /** It is kept from now on. */
  readonly stored?: boolean;
  /** The request waited for the answer to another one. */
  readonly collapsed?: boolean;
  /** Whole seconds until it is stale, negative if it is. */
  readonly ttlSeconds?: number;
  readonly why?: NotKept;
}

/** Says it in the words of nginx and of RFC 9211. Ours is the last cache of the list, which is the one next to the client. */
export function tellOutcome(headers: HeaderList, outcome: Outcome): void {
  headers.set('X-Cache-Status', outcome.word);
  headers.append('Cache-Status', cacheStatus(outcome));
}

function cacheStatus({ forwarded, backendStatus, stored, collapsed, ttlSeconds, why }: Outcome): string {
  let text = 'fairlead';
  text += forwarded === null ? '; hit' : `; fwd=${forwarded}`;
  if (backendStatus !== undefined) text += `; fwd-status=${backendStatus}`;
  if (ttlSeconds !== undefined) text += `; ttl=${ttlSeconds}`;
  if (stored) text += '; stored';
  if (collapsed) text += '; collapsed';
  return why === undefined ? text : `${text}; detail=${why}`;
}
