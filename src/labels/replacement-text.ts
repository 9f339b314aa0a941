import { bad, didYouMean, type Fault } from './value-reading.ts';

/** A part of a replacement: text as it stands, or what a group of the regex has matched. */
export type ReplacementPart = string | { readonly group: number | string };

/** What a regex has to offer a replacement: `$1` to `$<count>`, and names. */
export interface Groups {
  readonly count: number;
  readonly names: readonly string[];
}

/** The groups of a regex that compiles. */
export function groupsOf(regex: RegExp): Groups {
  // With nothing as an alternative it matches anything, and a match lists all groups.
  const match = new RegExp(`${regex.source}|`, regex.flags).exec('') as RegExpExecArray;
  return { count: match.length - 1, names: Object.keys(match.groups ?? {}) };
}

const reference = /\$(?:(\$)|(&)|(\d{1,2})|<([^>]*)>)?/g;

/**
 * Takes a replacement apart as JavaScript would: `$1`, `$<name>`, `$&` for all that was matched, `$$` for a dollar sign. `$12` is
 * group 12 where there is one, else group 1 and a 2.
 *
 * @returns `stray`: the first `$` that stands for nothing, with what follows it; null = there is none.
 */
export function readReplacement(
  text: string,
  { count, names }: Groups,
): { readonly parts: readonly ReplacementPart[]; readonly stray: string | null } {
  const parts: ReplacementPart[] = [];
  let stray: string | null = null;
  let from = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, dollar, all, digits, name] = match;
    parts.push(text.slice(from, match.index));
    from = match.index + whole.length;
    const number = numberOf(digits ?? '', count);
    if (dollar !== undefined) parts.push('$');
    else if (all !== undefined) parts.push({ group: 0 });
    else if (name !== undefined && names.includes(name)) parts.push({ group: name });
    else if (number > 0) parts.push({ group: number }, (digits as string).slice(String(number).length));
    else stray ??= whole === '$' ? text.slice(match.index, match.index + 20) : whole;
  }
  parts.push(text.slice(from));
  return { parts: parts.filter((part) => part !== ''), stray };
}

/** The group that the digits begin with; 0 = none. */
function numberOf(digits: string, count: number): number {
  if (/^0|^$/.test(digits)) return 0;
  return [Number(digits), Number(digits[0])].find((number) => number <= count) ?? 0;
}

/**
 * Why a replacement is refused; null when every `$` in it stands for something.
 *
 * @param written the label with that replacement, for the mend.
 */
export function replacementFault(text: string, groups: Groups, written: (replacement: string) => string): Fault | null {
  const mended = text.replaceAll(/\$\{(\w+)\}|\{re\.(?:\w+\.)?(\w+)\}/g, (_, braced?: string, caddy?: string) => {
    const group = (braced ?? caddy) as string;
    return /^\d+$/.test(group) ? `$${group}` : `$<${group}>`;
  });
  if (mended !== text) return fault('groups as $1 or $<name>', didYouMean(written(mended)));
  if (/\{[a-z_.]*\}/i.test(text))
    return fault(
      'groups of the regex such as $1; placeholders in braces are for proxy.redirect, and the query is kept',
    );
  const { stray } = readReplacement(text, groups);
  return stray === null ? null : { ...fault(`$$ for a dollar sign, or a group: ${groupsText(groups)}`), item: stray };
}

function groupsText({ count, names }: Groups): string {
  if (count === 0) return 'the regex has none, such as (.*)';
  const numbers = count === 1 ? 'the regex has $1' : `the regex has $1 to $${count}`;
  return [numbers, ...names.map((name) => `$<${name}>`)].join(', ');
}

function fault(expected: string, suggestion = ''): Fault {
  return bad(expected, suggestion).faults[0] as Fault;
}
