import type { ResponseHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import { type Stored, storedHeaders } from './stored.ts';

/** What a client asks of its own copy, or of a part: not what the cache asks the backend. */
const clientConditions = ['if-none-match', 'if-modified-since', 'range', 'if-range'] as const;

/** Makes of a request one for the whole, so that the answer can be kept, or one that validates what is stored (RFC 9111 §4.3.1). */
export function askForWhole(headers: HeaderList, stored: Stored | null): void {
  for (const name of clientConditions) headers.delete(name);
  if (stored === null) return;
  const { get } = validatorsOf(stored);
  const tag = get('etag');
  if (tag !== undefined) headers.append('If-None-Match', tag);
  const modified = get('last-modified');
  if (modified !== undefined) headers.append('If-Modified-Since', modified);
}

export function hasValidator(stored: Stored): boolean {
  const { get } = validatorsOf(stored);
  return get('etag') !== undefined || get('last-modified') !== undefined;
}

/** The stored head as a 304 has it from now on (RFC 9111 §3.2): its fields replace those of the same name, but for the body's. */
export function updatedHead(stored: Stored, { headers: fresh }: Pick<ResponseHead, 'headers'>): ResponseHead {
  const headers = storedHeaders(stored);
  const flat = fresh.flat();
  const names = new Set<string>();
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    if (!ofBody.has(name)) names.add(name);
  }
  headers.filter((lower) => !names.has(lower) && lower !== 'date');
  for (let i = 0; i < flat.length; i += 2) {
    if (names.has((flat[i] as string).toLowerCase())) headers.append(flat[i] as string, flat[i + 1] as string);
  }
  return { status: stored.status, reason: stored.reason, headers, bodyLength: null };
}

/** Whether the answer to a HEAD is about what is stored, so that its fields may replace the stored ones (RFC 9111 §4.3.5). */
export function isAboutStored(stored: Stored, bodyBytes: number, head: ResponseHead): boolean {
  if (head.status !== stored.status) return false;
  const { get } = validatorsOf(stored);
  const same = (name: 'etag' | 'last-modified'): boolean => {
    const value = head.headers.get(name);
    return value === undefined || value === get(name);
  };
  const length = head.headers.get('content-length');
  return same('etag') && same('last-modified') && (length === undefined || length === String(bodyBytes));
}

const ofBody = new Set(['content-length', 'content-encoding', 'content-range', 'content-md5', 'transfer-encoding']);

function validatorsOf({ fields }: Stored): { get(name: string): string | undefined } {
  return {
    get(name) {
      for (let i = 0; i < fields.length; i += 2) if (fields[i]?.toLowerCase() === name) return fields[i + 1];
      return undefined;
    },
  };
}
