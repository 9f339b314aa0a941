import type { ResponseHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { CachePolicy } from '../routing/table.ts';
import { type Directives, fieldsOf, isUnqualified, readCacheControl, readSeconds, secondsOf } from './cache-control.ts';
import { dateOf, isKeptStatus, type Lifetime, lifetimeOf } from './lifetime.ts';
import { type ResponseRules, readResponseRules } from './response-rules.ts';
import type { Terms } from './terms.ts';
import { varyNames as readVary } from './vary.ts';

/** Why an answer is not kept. */
export type NotKept =
  | 'method'
  | 'status'
  | 'request-no-store'
  | 'no-store'
  | 'private'
  | 'authorization'
  | 'set-cookie'
  | 'vary'
  | 'not-understood'
  | 'nothing-gained'
  | 'too-large'
  | 'purged';

export interface Keeping {
  readonly terms: Terms;
  /** Names in Vary, in lower case. */
  readonly varyNames: readonly string[];
  /** Fields that are not to be shown to others, in lower case. */
  readonly withheld: readonly string[];
}

/** When an answer was asked for and when its head came; epoch ms. */
export interface Times {
  readonly requestMs: number;
  readonly responseMs: number;
}

interface Question {
  readonly method: string;
  readonly headers: HeaderList;
}

/** Whether the answer to a request may be kept by a shared cache (RFC 9111 §3), and on which terms. */
export function keepingOf(
  request: Question,
  response: Pick<ResponseHead, 'status' | 'headers'>,
  policy: CachePolicy,
  times: Times,
): Keeping | NotKept {
  const { status, headers } = response;
  const rules = readResponseRules(headers);
  const { directives } = rules;
  const force = policy.force && isKeptStatus(status, policy);
  if (request.method !== 'GET') return 'method';
  if (status < 200 || status === 206 || status === 304) return 'status';
  if (readCacheControl(request.headers.all('cache-control')).has('no-store')) return 'request-no-store';
  const forbidden = force ? null : forbiddenBy(directives, status);
  if (forbidden !== null) return forbidden;
  if (request.headers.has('authorization') && !isSharedForAll(directives)) return 'authorization';
  // Somebody's cookie must not reach somebody else; by force the page is kept, but never the cookie.
  if (headers.has('set-cookie') && !force) return 'set-cookie';
  const names = readVary(headers);
  if (names === null) return 'vary';
  const terms = termsOf(response, rules, policy, times);
  const isOfUse = terms.lifetimeMs > 0 || headers.has('etag') || headers.has('last-modified');
  if (!isOfUse) return 'nothing-gained';
  const qualified = force ? [] : [...fieldsOf(directives, 'no-cache'), ...fieldsOf(directives, 'private')];
  const varyNames = [...new Set([...names, ...policy.identityHeaders])];
  return { terms, varyNames, withheld: force ? ['set-cookie', 'set-cookie2'] : qualified };
}

function forbiddenBy(directives: Directives, status: number): NotKept | null {
  // Who understands the status may ignore the no-store beside it (RFC 9111 §5.2.2.3).
  if (directives.has('must-understand')) {
    if (!understoodStatuses.has(status)) return 'not-understood';
  } else if (directives.has('no-store')) return 'no-store';
  return isUnqualified(directives, 'private') ? 'private' : null;
}

/** RFC 9111 §3.5. */
function isSharedForAll(directives: Directives): boolean {
  return directives.has('public') || directives.has('must-revalidate') || directives.has('s-maxage');
}

function termsOf(
  response: Pick<ResponseHead, 'status' | 'headers'>,
  rules: ResponseRules,
  policy: CachePolicy,
  times: Times,
): Terms {
  const { directives } = rules;
  const initialAgeMs = initialAge(response.headers, times);
  const lifetime = lifetimeOf(response, rules, policy, { initialAgeMs, responseMs: times.responseMs });
  const forced = policy.force && isKeptStatus(response.status, policy);
  const alwaysValidate = !forced && isUnqualified(directives, 'no-cache');
  const neverStale = !forced && (alwaysValidate || forbidsStale(directives));
  const staleMs = (name: string, byLabel: number): number => {
    if (neverStale) return 0;
    const seconds = secondsOf(directives, name);
    return seconds === undefined ? byLabel : seconds * 1000;
  };
  return {
    initialAgeMs,
    lifetimeMs: lifetime.ms,
    alwaysValidate,
    neverStale,
    staleIfErrorMs: staleMs('stale-if-error', policy.staleIfErrorMs),
    staleWhileRevalidateMs: staleMs('stale-while-revalidate', staleByLabel(lifetime, policy)),
  };
}

/** What nobody called fresh has no time after which it is old. */
function staleByLabel(lifetime: Lifetime, { staleWhileRevalidateMs }: CachePolicy): number {
  return lifetime.by === 'nobody' ? 0 : staleWhileRevalidateMs;
}

function forbidsStale(directives: Directives): boolean {
  return ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name));
}

/** RFC 9111 §4.2.3. Date has whole seconds: by itself it makes nothing old before one is over. */
function initialAge(headers: HeaderList, { requestMs, responseMs }: Times): number {
  const dateMs = dateOf(headers, responseMs) ?? responseMs;
  const apparentMs = Math.max(0, Math.floor((responseMs - dateMs) / 1000) * 1000);
  const [first = ''] = (headers.get('age') ?? '').split(',');
  const statedMs = (readSeconds(first.trim()) ?? 0) * 1000;
  return Math.max(apparentMs, statedMs + Math.max(0, responseMs - requestMs));
}

/** Final statuses of RFC 9110 §15 that can be kept. */
const understoodStatuses = new Set([
  ...[200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409],
  ...[410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505],
]);
