import { bucketScope } from '../limit/bucket-table.ts';
import { isAdmitted } from '../limit/gcra.ts';
import type { LimitQuestion, LimitReading } from '../limit/limit-reading.ts';
import { bucketName } from '../limit/shared-buckets.ts';
import type { SharedLimits } from '../store/redis/shared-limits.ts';
import type { Inquiry } from './inquiry.ts';

/** A person can wait longer for it than a request could. */
const sharedMsMax = 1_000;

/**
 * How full a bucket is, by the rules of `SharedBuckets`: whoever is known to have had enough is refused without a question to the
 * store, and where that does not answer the own table counts.
 *
 * @param shared null = there is one proxy.
 * @returns null where the data plane does not answer.
 */
export async function readLimit(
  about: { readonly own: Pick<Inquiry, 'backlog'>; readonly shared: Pick<SharedLimits, 'peek'> | null },
  { scope, key, terms }: LimitQuestion,
): Promise<LimitReading | null> {
  const { own, shared } = about;
  const backlogMs = await own.backlog(bucketScope(scope), key);
  if (backlogMs === null) return null;
  if (shared === null || !isAdmitted(backlogMs, terms)) return { backlogMs, countedBy: 'this-proxy' };
  const found = await inTime(shared.peek({ bucket: bucketName(scope, key), ...terms }));
  return found === null ? { backlogMs, countedBy: 'this-proxy-alone' } : { backlogMs: found, countedBy: 'all-proxies' };
}

async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), sharedMsMax);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
