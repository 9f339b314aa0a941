import { hasTag, isSameStrongTag } from '../http/entity-tag.ts';
import type { ResponseHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import { type ByteRange, readByteRange } from './byte-range.ts';
import { readHttpDate } from './http-date.ts';
import { type Stored, storedHeaders } from './stored.ts';
import { ageMs } from './terms.ts';

/** An answer out of the store for one client. */
export interface StoredAnswer {
  readonly head: ResponseHead;
  /** Which bytes of the body; null = none. `to` is null where the end is not known yet. */
  readonly bytes: { readonly from: number; readonly to: number | null } | null;
}

interface Question {
  readonly method: string;
  readonly headers: HeaderList;
}

/**
 * What a client gets of a stored answer: the whole, a range of it, or the word that it has it already (RFC 9110 §13.2, §14.2).
 *
 * @param bodyBytes null while the body still comes and its length is not known.
 */
export function storedAnswer(stored: Stored, bodyBytes: number | null, request: Question, nowMs: number): StoredAnswer {
  const headers = storedHeaders(stored);
  headers.append('Age', String(Math.floor(ageMs(stored, nowMs) / 1000)));
  const { status, reason } = stored;
  if (status === 200 && isUnmodified(stored, headers, request.headers, nowMs)) return notModified(headers);
  if (bodyBytes !== null) headers.set('Content-Length', String(bodyBytes));
  if (request.method === 'HEAD') return { head: { status, reason, headers, bodyLength: 0 }, bytes: null };
  const range = status === 200 && bodyBytes !== null ? rangeOf(headers, request.headers, bodyBytes, nowMs) : null;
  if (range === 'unsatisfiable') return unsatisfiable(headers, bodyBytes ?? 0);
  if (range !== null) return partial(headers, range, bodyBytes ?? 0);
  const bytes = bodyBytes === 0 ? null : { from: 0, to: bodyBytes };
  return { head: { status, reason, headers, bodyLength: bodyBytes }, bytes };
}

/** If-None-Match counts alone where it is there (RFC 9110 §13.2.2); a stored answer without Last-Modified is as old as its Date. */
function isUnmodified(stored: Stored, headers: HeaderList, request: HeaderList, nowMs: number): boolean {
  if (request.has('if-none-match')) return hasTag(request.all('if-none-match').join(','), headers.get('etag'));
  const since = readHttpDate(request.only('if-modified-since') ?? '', nowMs);
  if (since === null) return false;
  const modified = headers.get('last-modified') ?? headers.get('date') ?? '';
  const modifiedMs = readHttpDate(modified, nowMs) ?? stored.responseMs;
  return modifiedMs <= since;
}

/** RFC 9110 §15.4.5: what says something of the body is left out. */
function notModified(headers: HeaderList): StoredAnswer {
  headers.filter((lower) => !lower.startsWith('content-') || isAboutTheSite(lower));
  return { head: { status: 304, reason: '', headers, bodyLength: 0 }, bytes: null };
}

function isAboutTheSite(lower: string): boolean {
  return lower === 'content-location' || lower.startsWith('content-security-policy');
}

function rangeOf(
  headers: HeaderList,
  request: HeaderList,
  bodyBytes: number,
  nowMs: number,
): ByteRange | 'unsatisfiable' | null {
  const field = request.only('range');
  if (field === undefined) return null;
  const condition = request.get('if-range');
  return condition === undefined || isSameVersion(condition, headers, nowMs) ? readByteRange(field, bodyBytes) : null;
}

/** RFC 9110 §13.1.5: of a date it must be the very same. */
function isSameVersion(condition: string, headers: HeaderList, nowMs: number): boolean {
  if (condition.startsWith('"') || condition.startsWith('W/')) return isSameStrongTag(condition, headers.get('etag'));
  const dateMs = readHttpDate(condition, nowMs);
  return dateMs !== null && dateMs === readHttpDate(headers.get('last-modified') ?? '', nowMs);
}

function partial(headers: HeaderList, { from, to }: ByteRange, bodyBytes: number): StoredAnswer {
  headers.set('Content-Length', String(to - from));
  headers.set('Content-Range', `bytes ${from}-${to - 1}/${bodyBytes}`);
  return { head: { status: 206, reason: '', headers, bodyLength: to - from }, bytes: { from, to } };
}

function unsatisfiable(headers: HeaderList, bodyBytes: number): StoredAnswer {
  headers.set('Content-Length', '0');
  headers.set('Content-Range', `bytes */${bodyBytes}`);
  return { head: { status: 416, reason: '', headers, bodyLength: 0 }, bytes: null };
}
