import { durationText } from '../base/duration.ts';
import { treatmentOf } from '../cache/treatment.ts';
import type { RequestHead } from '../http/head.ts';
import { readTarget } from '../http/target.ts';
import type { CacheForesight } from '../proxy/cache-foresight.ts';
import type { Foresights } from '../proxy/foresight.ts';
import { Predicates } from '../routing/predicates.ts';
import type { Question } from '../routing/question.ts';
import type { CachePolicy } from '../routing/table.ts';
import type { Judged } from './explain-step.ts';

/** What the cache would do with a request. */
export function cacheText(
  policy: CachePolicy,
  { method, headers, target, authority, clientAddress, bodyLength }: Question & Pick<RequestHead, 'bodyLength'>,
): string {
  const { normalised: path, query } = readTarget(target) ?? { normalised: target, query: '' };
  const header = (name: string) => headers.get(name);
  const asked = { host: authority, path, query, method, clientAddress, header };
  const treatment = treatmentOf({ method, headers, bodyLength }, asked, policy, new Predicates());
  switch (treatment) {
    case 'lookup':
      return `answers from the store what is there and fresh, ${freshText(policy)}`;
    case 'change':
      return 'forgets what is stored of the address once the backend has agreed';
    case 'bypass':
      return 'has no part in this request';
    default:
      return treatment satisfies never;
  }
}

function freshText({ ttlMs, force }: CachePolicy): string {
  if (ttlMs === null) return 'by what the backend says (RFC 9111)';
  return `for ${durationText(ttlMs)} ${force ? 'whatever the backend says' : 'where the backend says nothing'}`;
}

/** Whether no backend is asked, whoever has the connection: each worker has an answer for it, or refuses it for want of one. */
export function isForStoresAlone({ workers, foresights }: Foresights): boolean {
  const told = foresights.flatMap((one) => (one?.cache == null ? [] : [one.cache]));
  return told.length === workers && told.every(({ status, refused }) => status !== null || refused);
}

/** What the stores of all workers have for it now. */
export function judgeCache(foresights: Foresights | null): Judged & { readonly says: string } {
  const told = foresights?.foresights.flatMap((one) => (one?.cache == null ? [] : [one.cache])) ?? [];
  const [first] = told;
  if (first === undefined || foresights === null)
    return { verdict: 'unknown', says: 'the data plane did not say in time what is stored' };
  const same = told.filter(({ word, status }) => word === first.word && status === first.status);
  if (told.length < foresights.workers)
    return { verdict: 'unknown', says: `${told.length} of ${foresights.workers} workers answered in time` };
  if (same.length < told.length) {
    const counts = Map.groupBy(told, ({ word }) => word);
    const words = [...counts].map(([word, those]) => `${word} at ${those.length}`).sort();
    const refused = told.some((one) => one.refused) ? '; without a stored answer 504 not-cached' : '';
    return {
      verdict: 'unknown',
      says: `it depends on the worker that has the connection: ${words.join(', ')}${refused}`,
    };
  }
  if (first.refused)
    return {
      verdict: 'stop',
      status: 504,
      reason: 'not-cached',
      says: `${first.word}, and the request takes nothing but a stored answer`,
    };
  if (first.status === null) return { verdict: 'pass', reason: first.word, says: `${first.word}${ageText(first)}` };
  return { verdict: 'stop', status: first.status, reason: first.word, says: `${first.word}${ageText(first)}` };
}

function ageText({ ageSeconds, ttlSeconds }: CacheForesight): string {
  if (ageSeconds === null || ttlSeconds === null) return '';
  const left = ttlSeconds >= 0 ? `fresh for ${ttlSeconds} s more` : `stale for ${-ttlSeconds} s`;
  return `: ${ageSeconds} s old, ${left}`;
}
