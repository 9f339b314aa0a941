import type { OptionKey } from './options.ts';
import { backendRows } from './table/backend.ts';
import { connectionRows } from './table/connection.ts';
import { deliveryRows } from './table/delivery.ts';
import { guardRows } from './table/guards.ts';
import { headerRows } from './table/headers.ts';
import { healthRows } from './table/health.ts';
import { matchingRows } from './table/matching.ts';
import { observingRows } from './table/observing.ts';
import type { Row, Rows } from './table/row.ts';

/** Every label there is. A key of `Options` without a row, or a row without a key, does not compile. */
export const labelTable: Rows<OptionKey> = {
  ...matchingRows,
  ...backendRows,
  ...healthRows,
  ...connectionRows,
  ...headerRows,
  ...deliveryRows,
  ...guardRows,
  ...observingRows,
};

/** The rows under the headings of docs/labels.md. */
export const labelGroups: readonly { readonly title: string; readonly keys: readonly OptionKey[] }[] = [
  { title: 'Which requests', keys: keysOf(matchingRows) },
  { title: 'Which backend', keys: keysOf(backendRows) },
  { title: 'Health and failure', keys: keysOf(healthRows) },
  { title: 'The way of a request', keys: keysOf(connectionRows) },
  { title: 'Headers', keys: keysOf(headerRows) },
  { title: 'Cache and compression', keys: keysOf(deliveryRows) },
  { title: 'Protection', keys: keysOf(guardRows) },
  { title: 'Error pages, logs, layer 4', keys: keysOf(observingRows) },
];

function keysOf(rows: Partial<Rows<OptionKey>>): readonly OptionKey[] {
  return Object.keys(rows) as OptionKey[];
}

/** In a fixed order: that of the table. */
export const optionKeys: readonly OptionKey[] = keysOf(labelTable);

/** A row of which only the key is known at run time; its values are `unknown`, as the types of `Options` promise no more. */
export function rowOf(key: OptionKey): Row<unknown> {
  return labelTable[key] as Row<unknown>;
}

/** `limit.burst` → `limit`; a main option is its own group. */
export function groupOf(key: OptionKey): OptionKey {
  return key.split('.', 1)[0] as OptionKey;
}

const protectiveGroups = new Set<OptionKey>(
  optionKeys.filter((key) => rowOf(key).protective === true && groupOf(key) === key),
);

/** The option whose protection depends on this one: `limit` for `limit.burst`; null when it guards nothing. */
export function guardOf(key: OptionKey): OptionKey | null {
  if (rowOf(key).protective === true) return key;
  return protectiveGroups.has(groupOf(key)) ? groupOf(key) : null;
}

const groupsWithParts = new Set<string>(optionKeys.filter((key) => groupOf(key) !== key).map(groupOf));

/** Whether the option has sub-options, and so a shorthand. */
export function hasParts(key: OptionKey): boolean {
  return groupsWithParts.has(key);
}

export function isOptionKey(text: string): text is OptionKey {
  return Object.hasOwn(labelTable, text);
}
