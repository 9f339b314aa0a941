import { durationText } from '../base/duration.ts';
import { sizeText } from '../base/size.ts';
import { asksForSomething } from '../labels/activity.ts';
import type { OptionKey, Options } from '../labels/options.ts';
import type { OptionSource } from '../labels/spec.ts';
import { optionKeys, rowOf } from '../labels/table.ts';
import { effectiveHealth } from '../routing/backend-check.ts';
import type { RouteDetail } from '../routing/route-detail.ts';

/** One option of a route as `/routes` shows it. */
export interface OptionView {
  /** As a label would say it: a boolean, a number, a text, or a list of texts; null where there is none. Secrets are `…`. */
  readonly value: OptionValue;
  readonly source: OptionSource;
  /** The label or the setting that gave it. */
  readonly label?: string;
  readonly active: boolean;
  readonly note?: string;
}

export type OptionValue = null | boolean | number | string | readonly (string | number)[];

/** Effective options of a route, in the order of the documentation; `set`: only those that somebody gave. */
export function optionViews(
  { options: said, sources, winner }: Pick<RouteDetail, 'options' | 'sources' | 'winner'>,
  which: 'all' | 'set',
): Readonly<Record<string, OptionView>> {
  const options = { ...said, health: effectiveHealth(said.health, winner.container) };
  const views: Record<string, OptionView> = {};
  for (const key of optionKeys) {
    const given = sources[key];
    if (given !== undefined) {
      const value = shownValue(key, options, given.text);
      views[key] = { value, source: given.source, label: given.label, ...activity(key, options[key]) };
    } else if (which === 'all') {
      views[key] = { value: shownValue(key, options, null), source: 'built-in', ...activity(key, options[key]) };
    }
  }
  return views;
}

/** Whether this version acts on the value of an option. */
export function isActiveOption(key: OptionKey, value: unknown): boolean {
  const { active } = rowOf(key);
  return typeof active === 'boolean' ? active : active(value);
}

/** Options that somebody set, that ask for something, and on which this version does not act. */
export function optionsToCome({ options, sources }: Pick<RouteDetail, 'options' | 'sources'>): readonly OptionKey[] {
  return optionKeys.filter(
    (key) => sources[key] !== undefined && !isActiveOption(key, options[key]) && asksForSomething(key, options[key]),
  );
}

function activity(key: OptionKey, value: unknown): Pick<OptionView, 'active' | 'note'> {
  return isActiveOption(key, value) ? { active: true } : { active: false, note: 'not yet active' };
}

/** @param text what its owner wrote, without secrets; null where it is built-in. */
function shownValue(key: OptionKey, options: Options, text: string | null): OptionValue {
  const row = rowOf(key);
  if (key === 'health' && text === null) return options.health.kind;
  // Not said, they follow what was.
  const value: unknown =
    key === 'timeout.read' || key === 'timeout.send' ? (options[key] ?? options.timeout) : options[key];
  // A reading keeps secrets out of its text; the value itself is never looked at.
  if (row.secret === true) return text ?? (row.default === '–' ? null : row.default);
  if (typeof value === 'number') return withUnit(row.value, value);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const items = value.map(itemText);
    if (items.every((item) => item !== null)) return items;
  }
  // A union of its own: its owner's words, or those of the documentation.
  return text ?? (row.default === '–' ? null : row.default);
}

function withUnit(grammar: string, value: number): number | string {
  if (grammar.startsWith('duration')) return value === 0 ? 'off' : durationText(value);
  return grammar.startsWith('size') ? sizeText(value) : value;
}

function itemText(item: unknown): string | number | null {
  if (typeof item === 'string' || typeof item === 'number') return item;
  const text = typeof item === 'object' && item !== null && 'text' in item ? item.text : null;
  return typeof text === 'string' ? text : null;
}
