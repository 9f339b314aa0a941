import type { RouteSummary } from '../admin/live/live-view.ts';
import { type Column, columns, type Row } from './route-columns.ts';

export interface Sort {
  readonly column: Column;
  readonly order: 'up' | 'down';
}

/** `rate` or `-rate` of an address; null = the order in which routes are matched. */
export function readSort(text: string | null): Sort | null {
  const column = columns.find(({ key }) => key === text?.replace(/^-/, ''));
  return column === undefined ? null : { column, order: text?.startsWith('-') ? 'down' : 'up' };
}

/** What a press on the head of a column makes of it: one way, the other way, none. */
export function nextSort(column: Column, sort: Sort | null): string | null {
  const other = column.order === 'up' ? 'down' : 'up';
  const order = sort?.column !== column ? column.order : sort.order === column.order ? other : null;
  return order === null ? null : `${order === 'down' ? '-' : ''}${column.key}`;
}

/** The rows in order; those that are equal stay as they are matched. */
export function sorted(rows: readonly Row[], sort: Sort | null): readonly Row[] {
  if (sort === null) return rows;
  const { value } = sort.column;
  const sign = sort.order === 'up' ? 1 : -1;
  return rows.toSorted((a, b) => sign * compare(value(a), value(b)));
}

/** Whether a route has a text in its host, path, name, id or containers, as `/live?q=` decides it. */
export function fits({ id, host, path, name, backends }: RouteSummary, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const words = [id, host, path, name, ...backends.map(({ container }) => container)];
  return wanted === '' || words.some((word) => word.toLowerCase().includes(wanted));
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b), 'en');
  return a - b;
}
