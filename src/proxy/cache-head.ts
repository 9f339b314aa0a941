import type { CacheRequest } from '../cache/cache-request.ts';
import type { Entry } from '../cache/entry.ts';
import { toStored } from '../cache/stored.ts';
import { keepingOf } from '../cache/storing.ts';
import { isAboutStored, updatedHead } from '../cache/validation.ts';
import type { ResponseHead } from '../http/head.ts';
import type { CacheDesk } from './cache-desk.ts';

/** What the answer to a HEAD says of the stored one: it is still that, with these fields, or it is another by now (RFC 9111 §4.3.5). */
export function freshenByHead(
  desk: CacheDesk,
  request: CacheRequest,
  entry: Entry,
  head: ResponseHead,
  nowMs: number,
): void {
  if (head.status >= 500) return;
  const { stored, body } = entry;
  if (!isAboutStored(stored, body.bytes ?? 0, head)) return void desk.cache.update(entry, null);
  const times = { requestMs: nowMs, responseMs: nowMs };
  const updated = updatedHead(stored, head);
  const keeping = keepingOf({ ...request, method: 'GET' }, updated, request.policy, times);
  if (typeof keeping === 'string') return void desk.cache.update(entry, null);
  void desk.cache.update(entry, { ...toStored(request, updated, keeping, times), selection: stored.selection });
}
