import type { ContentCoding } from '../http/accept-encoding.ts';
import { hasWeakTag, weakTag } from '../http/entity-tag.ts';
import type { ResponseHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';

/**
 * Makes of a head one for the same answer in a coding: of another length, no longer to be had in parts, and with a tag that
 * does not promise the same bytes (RFC 9110 §8.8.1).
 *
 * @param method that was asked with: an answer to HEAD has no body, and says what one to GET says.
 */
export function toEncodedHead(head: ResponseHead, coding: ContentCoding, method: string): void {
  const { headers } = head;
  headers.set('Content-Encoding', coding);
  headers.delete('content-length');
  headers.delete('accept-ranges');
  weaken(headers);
  if (method !== 'HEAD') head.bodyLength = null;
}

/**
 * A client that was given the weak form of a tag with the compressed answer is told in the same form that it still holds: by a
 * strong one it would not know what it has again (RFC 9111 §4.3.4).
 *
 * @param held lines of If-None-Match.
 */
export function toHeldTag(headers: HeaderList, held: readonly string[]): void {
  const tag = headers.only('etag');
  if (tag !== undefined && hasWeakTag(held.join(','), tag.trim())) weaken(headers);
}

/** What is no tag cannot be made a weak one, and must not stand for two different bodies. */
function weaken(headers: HeaderList): void {
  if (!headers.has('etag')) return;
  const weak = weakTag(headers.only('etag')?.trim() ?? '');
  if (weak === null) headers.delete('etag');
  else headers.set('ETag', weak);
}
