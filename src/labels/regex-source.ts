import { bad, type Fault } from './value-reading.ts';

const sourceCharsMax = 1_000;

/**
 * The only way a regex of a label is compiled: flag `u`, unanchored, case-sensitive.
 * @throws SyntaxError for a source that `regexFault` refuses.
 */
export function compileRegex(source: string): RegExp {
  return new RegExp(source, 'u');
}

/** Why a regex is refused; null when it may be used. */
export function regexFault(source: string): Fault | null {
  if (source === '') return fault('a regex after the `~`, such as ~^app-[0-9]+\\.example\\.com$');
  if (source.length > sourceCharsMax) return fault(`a regex of at most ${sourceCharsMax} characters`);
  if (source.startsWith('*'))
    return fault('a regex; `~*` is nginx for "in any case"', `write \`~(?i:${source.slice(1, 150)})\``);
  if (source.startsWith('(?i)'))
    return fault('a regex as JavaScript knows it', `write \`~(?i:${source.slice(4, 150)})\``);
  try {
    compileRegex(source);
  } catch (error) {
    return fault(`a valid regex (flag u): ${reasonOf(error)}`);
  }
  if (isCatastrophic(source)) {
    return fault(
      'a regex without a repeat inside a repeat such as (a+)+: a crafted request could keep it busy for hours',
      'make the inner part end in a fixed character, as in ([a-z0-9-]+\\.)+',
    );
  }
  return null;
}

function fault(expected: string, suggestion = ''): Fault {
  return bad(expected, suggestion).faults[0] as Fault;
}

/** V8 says `Invalid regular expression: /…/u: Nothing to repeat`; only the last part is news. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return message.slice(message.lastIndexOf(': ') + 2);
}

/** From this many repeats on, a bounded quantifier is as bad as an unbounded one. */
export const repeatsMany = 10;

/** One character, escape or class, where `lastIndex` stands. */
export const oneAtom = /\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|c.|.)|\[(?:\\.|[^\]\\])*\]|./suy;

const oneQuantifier = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;

/** How often what stands before `at` is repeated; `end` is behind the quantifier, or `at` where there is none. */
export function quantifierAt(
  source: string,
  at: number,
): { readonly min: number; readonly max: number; readonly end: number } {
  oneQuantifier.lastIndex = at;
  const parts = oneQuantifier.exec(source);
  if (parts === null) return { min: 1, max: 1, end: at };
  const end = oneQuantifier.lastIndex;
  const [, sign, least, comma, most] = parts;
  if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY, end };
  const min = Number(least);
  if (comma === '') return { min, max: min, end };
  return { min, max: most === '' ? Number.POSITIVE_INFINITY : Number(most), end };
}

/**
 * Whether a repeated group can itself match the same text in many ways: every part of one of its alternatives is optional
 * or repeated, as in `(a+)+`, `(a*b?)*`, `(.*)+`. A fixed part, as in `([a-z]+\.)+`, makes each round unambiguous.
 * The obvious forms only; the rest is bounded by the length of hosts and paths.
 */
function isCatastrophic(source: string): boolean {
  let at = 0;
  let found = false;

  /** Reads alternatives up to `)` or the end; true when one of them is loose throughout. */
  function alternatives(): boolean {
    let anyLoose = false;
    let loose = true;
    let repeats = false;
    const endAlternative = () => {
      anyLoose ||= loose && repeats;
      loose = true;
      repeats = false;
    };
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++;
        endAlternative();
        continue;
      }
      const part = element();
      if (part.zeroWidth) continue;
      loose &&= part.loose;
      repeats ||= part.repeats;
    }
    endAlternative();
    return anyLoose;
  }

  function element(): { readonly loose: boolean; readonly repeats: boolean; readonly zeroWidth: boolean } {
    const group = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/y;
    group.lastIndex = at;
    const opened = group.exec(source);
    let innerLoose = false;
    let zeroWidth = false;
    if (opened !== null) {
      at = group.lastIndex;
      innerLoose = alternatives();
      at++;
      zeroWidth = /[=!]$/.test(opened[0]);
    } else {
      zeroWidth = atom();
    }
    const { min, max, end } = quantifierAt(source, at);
    at = end;
    const many = max >= repeatsMany;
    found ||= many && innerLoose && !zeroWidth;
    return { loose: min === 0 || many || innerLoose, repeats: many || innerLoose, zeroWidth };
  }

  /** Steps over one character, escape or class; true for `^`, `$`, `\b`. */
  function atom(): boolean {
    oneAtom.lastIndex = at;
    const text = oneAtom.exec(source)?.[0] ?? source.slice(at, at + 1);
    at += Math.max(1, text.length);
    return text === '^' || text === '$' || text === '\\b' || text === '\\B';
  }

  alternatives();
  return found;
}
