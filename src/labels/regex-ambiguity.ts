import { type Positions, positionsOf } from './regex-positions.ts';
import { readingsOf } from './regex-readings.ts';

/** Steps that are taken to find out, some 300 ms at worst; a regex that needs more is taken for one, as is one that is too large. */
const stepsMax = 1_000_000;

/** In more ways than these, whatever the length of the text, no regex of everyday reads its beginning. */
const waysMax = 10_000;

const known = new Map<string, boolean>();
const knownMax = 1_000;

/**
 * Whether there is a text, however short, whose every repeat doubles the ways in which the regex can read it, as `aaaa…` for `(a+)+`,
 * `(a|a)*`, `(aa?)+` and `a/a/a/…` for `(.*\/)+`: where the whole does not match in the end, all of them are tried. That is so if from one place
 * of its automaton two different ways lead back to it by the same text (Weber and Seidl, On the degree of ambiguity of finite automata, 1991).
 * What is written out as often, as `(a|a)(a|a)(a|a)…`, is no better.
 *
 * @param source of a regex that compiles.
 */
export function isExponential(source: string): boolean {
  let found = known.get(source);
  if (found === undefined) {
    if (known.size >= knownMax) known.clear();
    const positions = positionsOf(source);
    found =
      positions === null || repeatsTwice(positions) || partsAndMeets(positions) || readingsOf(positions).ways > waysMax;
    known.set(source, found);
  }
  return found;
}

/** Two repeats, one inside the other, that are the same step. */
function repeatsTwice({ follow }: Positions): boolean {
  return follow.some((next, from) =>
    [...next].some(
      ([to, ways]) => ways > 1 && reached(to, (at) => (follow[at] as ReadonlyMap<number, number>).keys()).has(from),
    ),
  );
}

/** Two places at a time, which the same text has led to. */
function partsAndMeets({ sets, follow }: Positions): boolean {
  const count = sets.length;
  let steps = 0;
  const next = new Map<number, number[]>();
  const before = new Map<number, number[]>();
  const nextOf = (pair: number): readonly number[] => {
    const have = next.get(pair);
    if (have !== undefined) return have;
    const found: number[] = [];
    next.set(pair, found);
    for (const left of follow[Math.floor(pair / count)]?.keys() ?? [])
      for (const right of follow[pair % count]?.keys() ?? []) {
        if (++steps > stepsMax) return found;
        if (((sets[left] as bigint) & (sets[right] as bigint)) === 0n) continue;
        const to = left * count + right;
        found.push(to);
        const sources = before.get(to);
        if (sources === undefined) before.set(to, [pair]);
        else sources.push(pair);
      }
    return found;
  };
  const nextOne = (at: number) => (follow[at] as ReadonlyMap<number, number>).keys();
  for (let place = 0; place < count; place++) {
    // Most places are passed once.
    if (!reached(place, nextOne).has(place)) continue;
    const start = place * count + place;
    const ahead = reached(start, nextOf);
    steps += ahead.size;
    if (steps > stepsMax) return true;
    if (!ahead.has(start)) continue;
    for (const pair of reached(start, (at) => before.get(at) ?? []))
      if (ahead.has(pair) && Math.floor(pair / count) !== pair % count) return true;
  }
  return false;
}

/** Everything that can be reached in one step or more. */
function reached(start: number, next: (at: number) => Iterable<number>): Set<number> {
  const found = new Set<number>();
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const to of next(at))
      if (!found.has(to)) {
        found.add(to);
        waiting.push(to);
      }
  return found;
}
