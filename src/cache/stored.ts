import type { ResponseHead } from '../http/head.ts';
import { FlatHeaderList } from '../http/header-list.ts';
import { listItems } from '../http/list-items.ts';
import type { CacheRequest } from './cache-request.ts';
import type { Keeping, Times } from './storing.ts';
import type { Terms } from './terms.ts';
import { type Selection, selectionOf } from './vary.ts';

/** All of a kept answer but its body; plain data, which is written to disk as it is. */
export interface Stored {
  readonly key: string;
  /** Of the route that it was fetched for: no other shows it. */
  readonly route: string;
  /** For those who purge. */
  readonly host: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly status: number;
  readonly reason: string;
  /** `[name, value, …]`, without Age and what is not to be shown to others. */
  readonly fields: readonly string[];
  readonly selection: Selection;
  readonly terms: Terms;
  /** Epoch ms. */
  readonly requestMs: number;
  readonly responseMs: number;
}

/** More than anybody names. */
const tagsMax = 64;

export function toStored(
  request: CacheRequest,
  { status, reason, headers }: Pick<ResponseHead, 'status' | 'reason' | 'headers'>,
  keeping: Keeping,
  times: Times,
): Stored {
  const { key, route, host, path } = request;
  return {
    key,
    route,
    host,
    path,
    tags: listItems(headers.all('cache-tag'))
      .filter((tag) => tag !== '')
      .slice(0, tagsMax),
    status,
    reason,
    fields: shownFields(headers.flat(), keeping.withheld, times),
    selection: selectionOf(keeping.varyNames, request.headers),
    terms: keeping.terms,
    ...times,
  };
}

/** As the one gets it whom it was fetched for: with what is kept from all others. */
export function asFetched(stored: Stored, { headers }: Pick<ResponseHead, 'headers'>): Stored {
  return { ...stored, fields: shownFields(headers.flat(), [], stored) };
}

/** A list of its own for whoever answers with it. */
export function storedHeaders({ fields }: Pick<Stored, 'fields'>): FlatHeaderList {
  return new FlatHeaderList(fields.slice());
}

/** An answer without Date is given one by whoever keeps it (RFC 9110 §6.6.1). */
function shownFields(
  flat: readonly string[],
  withheld: readonly string[],
  { responseMs }: Pick<Times, 'responseMs'>,
): readonly string[] {
  const headers = new FlatHeaderList(flat.slice());
  const names = new Set(['age', 'trailer', ...withheld]);
  headers.filter((lower) => !names.has(lower));
  if (!headers.has('date')) headers.append('Date', new Date(responseMs).toUTCString());
  return headers.flat();
}
