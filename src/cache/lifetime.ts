import type { ResponseHead } from '../http/head.ts';
import type { CachePolicy } from '../routing/table.ts';
import { secondsOf } from './cache-control.ts';
import { readHttpDate } from './http-date.ts';
import type { ResponseRules } from './response-rules.ts';

/** How long an answer is fresh, in ms from its origin on, and who says so. */
export interface Lifetime {
  readonly ms: number;
  readonly by: 'backend' | 'label' | 'heuristic' | 'nobody';
}

/** RFC 9110 §15.1, but for 206, which is not kept. */
const heuristicStatuses = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);
const heuristicShare = 0.1;
/** Beyond that RFC 9111 §4.2.2 would have had a warning, when there were any. */
const heuristicMsMax = 24 * 60 * 60_000;

/**
 * RFC 9111 §4.2.1 for a shared cache. The label's time counts where the backend gives none; with `.force` it counts before all.
 *
 * @param initialAgeMs as in `Terms`: the label's time is counted from the arrival on.
 */
export function lifetimeOf(
  { status, headers }: Pick<ResponseHead, 'status' | 'headers'>,
  { directives, targeted }: ResponseRules,
  policy: CachePolicy,
  { initialAgeMs, responseMs }: { readonly initialAgeMs: number; readonly responseMs: number },
): Lifetime {
  const { ttlMs, force } = policy;
  const labelled = ttlMs !== null && isKeptStatus(status, policy) && !isDisguisedPage(headers, policy);
  const byLabel = { ms: (ttlMs ?? 0) + initialAgeMs, by: 'label' } as const;
  if (labelled && force) return byLabel;
  const seconds = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age');
  if (seconds !== undefined) return { ms: seconds * 1000, by: 'backend' };
  const dateMs = dateOf(headers, responseMs) ?? responseMs;
  if (!targeted && headers.has('expires')) {
    const expiresMs = readHttpDate(headers.only('expires') ?? '', responseMs);
    return { ms: expiresMs === null ? 0 : Math.max(0, expiresMs - dateMs), by: 'backend' };
  }
  if (labelled) return byLabel;
  const modified = headers.get('last-modified');
  if (ttlMs === null && modified !== undefined && (heuristicStatuses.has(status) || directives.has('public'))) {
    const modifiedMs = readHttpDate(modified, responseMs);
    if (modifiedMs !== null && modifiedMs < dateMs)
      return { ms: Math.min((dateMs - modifiedMs) * heuristicShare, heuristicMsMax), by: 'heuristic' };
  }
  return { ms: 0, by: 'nobody' };
}

/** Epoch ms of Date; null where there is none that can be read. */
export function dateOf(headers: ResponseHead['headers'], nowMs: number): number | null {
  const text = headers.get('date');
  return text === undefined ? null : readHttpDate(text, nowMs);
}

/** `proxy.cache.status`. */
export function isKeptStatus(status: number, { statuses }: CachePolicy): boolean {
  return statuses.some(({ from, to }) => status >= from && status <= to);
}

/** Under an asset's name a page is no asset: `/account/x.css` may be somebody's account with a backend that cuts the path. */
function isDisguisedPage(headers: ResponseHead['headers'], { assetsOnly }: CachePolicy): boolean {
  return assetsOnly && /^\s*(?:text\/html|application\/(?:xhtml|json))/i.test(headers.get('content-type') ?? '');
}
