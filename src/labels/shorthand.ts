import { closest } from '../base/suggest.ts';
import { foreignWords } from './foreign-words.ts';
import { splitWords } from './list-text.ts';
import type { OptionKey } from './options.ts';
import { groupOf, hasParts, isOptionKey, optionKeys, rowOf } from './table.ts';
import { didYouMean, type Fault } from './value-reading.ts';

/** `10/s burst=20` taken apart. */
export interface Shorthand {
  /** Value of the option itself; null when there are only sub-options. */
  readonly main: string | null;
  readonly parts: readonly { readonly key: OptionKey; readonly text: string }[];
  readonly faults: readonly Fault[];
}

/** The first say enough. */
const faultsMax = 20;

/**
 * Takes a value apart, for every option that has sub-options (contract §1.5): words `key=value` set sub-options, the rest is
 * the value. Quotes keep spaces inside a word.
 * @param label how the option is called in suggestions
 */
export function splitShorthand(key: OptionKey, text: string, label: string): Shorthand {
  if (!hasParts(key) || !text.includes('=')) return { main: text, parts: [], faults: [] };
  const words = splitWords(text);
  if (words === null) return { main: null, parts: [], faults: [{ expected: 'every quote closed' }] };
  const main: string[] = [];
  const parts: { key: OptionKey; text: string }[] = [];
  const faults: Fault[] = [];
  for (const word of words) {
    const [, name, value] = /^([a-z][a-z0-9_-]*)=(.*)$/is.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      main.push(word);
      continue;
    }
    const part = `${key}.${name.toLowerCase()}`;
    if (isOptionKey(part)) parts.push({ key: part, text: value.trim() });
    else if (faults.length < faultsMax) faults.push(unknownPart(key, name.toLowerCase(), value, label));
  }
  return { main: main.length === 0 ? null : main.join(' '), parts, faults };
}

function unknownPart(key: OptionKey, name: string, value: string, label: string): Fault {
  const names = optionKeys
    .filter((other) => other !== key && groupOf(other) === key)
    .map((other) => other.slice(key.length + 1));
  const foreign = Object.hasOwn(foreignWords, `${key}.${name}`) ? (foreignWords[`${key}.${name}`] as string) : null;
  const near = foreign?.startsWith(`${key}.`) ? foreign.slice(key.length + 1) : closest(name, names);
  const shownValue = rowOf(key).secret === true ? '…' : value;
  return {
    expected: `only the sub-options ${names.join(', ')}`,
    suggestion: near === null ? '' : didYouMean(`${label}.${near}=${shownValue}`),
    item: `${name}=${value}`,
  };
}
