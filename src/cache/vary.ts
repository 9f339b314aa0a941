import type { HeaderList } from '../http/header-list.ts';
import { listItems } from '../http/list-items.ts';

/** What a stored answer depends on: names in lower case, and what the request that it answered had there, null for nothing. */
export type Selection = readonly (readonly [name: string, value: string | null])[];

/** More names than any backend has a reason for. */
const namesMax = 32;

/** The names in Vary in their order, without repeats; null = no other request can be known to want the same (RFC 9111 §4.1). */
export function varyNames(response: HeaderList): readonly string[] | null {
  const lines = response.all('vary');
  if (lines.length === 0) return [];
  const names = [...new Set(listItems(lines))].filter((name) => name !== '');
  return names.includes('*') || names.length > namesMax ? null : names;
}

/** What a request has under these names. */
export function selectionOf(names: readonly string[], request: HeaderList): Selection {
  return names.map((name) => [name, selectingValue(name, request)]);
}

/** Whether a request has the same under all of the names. */
export function isSelected(selection: Selection, request: HeaderList): boolean {
  for (const [name, value] of selection) if (selectingValue(name, request) !== value) return false;
  return true;
}

/** Of these, case means nothing (RFC 9110 §12.5.3, §12.5.4). */
const caseless = new Set(['accept-encoding', 'accept-language']);

/** Lines of one name are one list, and white space around its commas means nothing (RFC 9110 §5.3, §5.6.1). */
function selectingValue(name: string, request: HeaderList): string | null {
  const lines = request.all(name);
  if (lines.length === 0) return null;
  const value = lines
    .join(',')
    .split(',')
    .map((item) => item.trim())
    .join(',');
  return caseless.has(name) ? value.toLowerCase() : value;
}
