import type { CacheRequest } from './cache-request.ts';
import type { Stored } from './stored.ts';
import type { StoredBody } from './stored-body.ts';
import { isSelected, selectionOf } from './vary.ts';

/** A kept answer where it is kept. */
export interface Entry {
  /** Its place; see `placeOf`. */
  readonly place: string;
  /** Of the first of all answers of its key: the places of the others are named after it. */
  readonly generation: string;
  readonly stored: Stored;
  readonly body: StoredBody;
}

/** Whether it answers a request, by route and Vary; whether it is fresh is another question. */
export function answers({ route, selection }: Stored, request: Pick<CacheRequest, 'route' | 'headers'>): boolean {
  return route === request.route && isSelected(selection, request.headers);
}

/**
 * Where the answer to a request is. The first of a key is at the key itself, and says what it varies on; the others are by what
 * a request has there. Whoever drops the first drops all: one that comes after it is of another generation.
 */
export function placeOf(
  request: Pick<CacheRequest, 'key' | 'route' | 'headers'>,
  first: Omit<Entry, 'body'> | null,
): string {
  if (first === null || answers(first.stored, request)) return request.key;
  return variantPlace(
    request,
    first.generation,
    first.stored.selection.map(([name]) => name),
  );
}

/** @param names that the answers of this key vary on. */
export function variantPlace(
  { key, route, headers }: Pick<CacheRequest, 'key' | 'route' | 'headers'>,
  generation: string,
  names: readonly string[],
): string {
  return `${key}\n${JSON.stringify([generation, route, selectionOf(names, headers)])}`;
}
