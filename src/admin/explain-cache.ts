import { durationText } from '../base/duration.ts';
import { treatmentOf } from '../cache/treatment.ts';
import { readTarget } from '../http/target.ts';
import { Predicates } from '../routing/predicates.ts';
import type { Question } from '../routing/question.ts';
import type { CachePolicy } from '../routing/table.ts';

/** What the cache would do with a request. */
export function cacheText(
  policy: CachePolicy,
  { method, headers, target, authority, clientAddress }: Question,
): string {
  const { normalised: path, query } = readTarget(target) ?? { normalised: target, query: '' };
  const header = (name: string) => headers.get(name);
  const asked = { host: authority, path, query, method, clientAddress, header };
  const treatment = treatmentOf({ method, headers, bodyLength: 0 }, asked, policy, new Predicates());
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
