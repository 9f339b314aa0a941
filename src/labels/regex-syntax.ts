/** From this many repeats on, a bounded quantifier is as bad as an unbounded one. */
export const repeatsMany = 10;

/** One character, escape or class. */
const oneAtom = /\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|c.|.)|\[(?:\\.|[^\]\\])*\]|./suy;
const oneQuantifier = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;

/** The character, escape, class or parenthesis at that place of a regex that compiles; '' at its end. */
export function atomAt(source: string, at: number): string {
  oneAtom.lastIndex = at;
  return oneAtom.exec(source)?.[0] || source.slice(at, at + 1);
}

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
