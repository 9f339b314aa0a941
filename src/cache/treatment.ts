import type { RequestHead } from '../http/head.ts';
import type { MatchRequest } from '../routing/match-request.ts';
import type { Predicates } from '../routing/predicates.ts';
import type { CachePolicy } from '../routing/table.ts';

/** lookup: may be answered from the store. change: goes to the backend, and what is stored of it is void then. bypass: the cache has no part in it. */
export type Treatment = 'lookup' | 'change' | 'bypass';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** What browsers load along with a page (contract: `assets`). */
const assetName = /\.(?:js|css|png|jpe?g|gif|ico|svg|woff2?|ttf|eot)$/i;

export function treatmentOf(
  { method, headers, bodyLength }: Pick<RequestHead, 'method' | 'headers' | 'bodyLength'>,
  asked: MatchRequest,
  policy: CachePolicy,
  predicates: Predicates,
): Treatment {
  if (!safeMethods.has(method)) return 'change';
  if ((method !== 'GET' && method !== 'HEAD') || !policy.methods.includes(method)) return 'bypass';
  // A GET with a body means something else to its backend than one without.
  if (bodyLength !== 0) return 'bypass';
  if (policy.assetsOnly && !assetName.test(asked.path)) return 'bypass';
  if (headers.has('if-match') || headers.has('if-unmodified-since')) return 'bypass';
  return policy.bypass.some((predicate) => predicates.holds(predicate, asked)) ? 'bypass' : 'lookup';
}
