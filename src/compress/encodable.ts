import type { RequestHead, ResponseHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import { listItems } from '../http/list-items.ts';
import type { MediaTypes } from './media-types.ts';

/** Sums over the bytes as they are: whoever checks them, or a signature over them, must get these bytes (RFC 9530). */
const digestNames = ['content-digest', 'repr-digest', 'digest', 'content-md5'] as const;

/** Answers without a body of their own. */
const bodiless = new Set([204, 205]);

/** What an answer is to compression: nothing, something that another request might get compressed, or this one. */
export type Encodable = 'never' | 'other-request' | 'this-request';

/** @param bytesMin answers that state a smaller length are never compressed; an empty one is not in any case. */
export function encodableOf(
  head: ResponseHead,
  request: RequestHead,
  { types, bytesMin }: { readonly types: MediaTypes; readonly bytesMin: number },
): Encodable {
  const { status, headers } = head;
  if (status < 200 || bodiless.has(status) || headers.has('content-encoding')) return 'never';
  if (isNotToBeTransformed(headers) || hasDigest(headers)) return 'never';
  const type = headers.only('content-type');
  // What a 304 is about may have a type that it does not name.
  if (status === 304) return type !== undefined && !types.has(type) ? 'never' : 'other-request';
  if (type === undefined || !types.has(type)) return 'never';
  if (status === 206 || headers.has('content-range')) return 'other-request';
  const bytes = statedBytes(head, request);
  if (bytes !== null && (bytes === 0 || bytes < bytesMin)) return 'never';
  return mayBeEncodedFor(request) ? 'this-request' : 'other-request';
}

/** A part is one of the bytes as they are, and a client may forbid changes too (RFC 9111 §5.2.1.6). */
export function mayBeEncodedFor({ headers }: Pick<RequestHead, 'headers'>): boolean {
  return !headers.has('range') && !isNotToBeTransformed(headers);
}

/** Drops from trailers what was worked out for other bytes. */
export function withoutDigests(trailers: HeaderList): HeaderList {
  const kept = trailers.clone();
  for (const name of digestNames) kept.delete(name);
  return kept;
}

function isNotToBeTransformed(headers: HeaderList): boolean {
  return headers.has('cache-control') && listItems(headers.all('cache-control')).includes('no-transform');
}

function hasDigest(headers: HeaderList): boolean {
  if (digestNames.some((name) => headers.has(name))) return true;
  if (!headers.has('trailer')) return false;
  const announced = listItems(headers.all('trailer'));
  return digestNames.some((name) => announced.includes(name));
}

/** null = nobody knows. What the answer to a HEAD states is what GET would have had. */
function statedBytes({ headers, bodyLength }: ResponseHead, { method }: RequestHead): number | null {
  if (method !== 'HEAD') return bodyLength;
  const stated = headers.only('content-length');
  return stated === undefined || !/^\d{1,15}$/.test(stated) ? null : Number(stated);
}
