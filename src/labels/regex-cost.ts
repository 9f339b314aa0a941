import { positionsOf } from './regex-positions.ts';
import { readingsOf } from './regex-readings.ts';
import { atomAt } from './regex-syntax.ts';
import type { Fault } from './value-reading.ts';

/** So many characters a regex is tried on at most, by its degree: 20 to 80 ms each at worst, in which the worker does nothing else. */
const charsMaxByDegree: readonly number[] = [4096, 4096, 4096, 512, 160, 80, 50, 40, 32];
/** Whatever the degree: they can be parted in so many ways only. */
const charsMaxBeyond = 24;

/** Longer paths are rare, and their sites know of it. */
const everydayChars = 4096;

const known = new Map<string, number>();
const knownMax = 1_000;

/**
 * How long a text from a stranger may be for this regex to be tried on it: a regex that backtracks takes time by a power of
 * the length, and nothing stops it once it runs.
 *
 * @param source as `compileRegex` takes it.
 */
export function regexCharsMax(source: string): number {
  let charsMax = known.get(source);
  if (charsMax === undefined) {
    if (known.size >= knownMax) known.clear();
    charsMax = charsMaxByDegree[regexDegree(source)] ?? charsMaxBeyond;
    known.set(source, charsMax);
  }
  return charsMax;
}

/**
 * The same for a glob of `proxy.path`. One with a single star goes through a path once, however long it is (0.1 ms for 16 KiB);
 * each further star is one more place to try.
 */
export function globCharsMax(glob: string): number {
  const stars = glob.match(/\*+/g)?.length ?? 0;
  // Without a slash it may begin in any segment, and `**` reaches over segments.
  const degree = stars + (glob.includes('**') && !glob.startsWith('/') ? 1 : 0);
  return degree <= 1 ? Number.POSITIVE_INFINITY : (charsMaxByDegree[degree] ?? charsMaxBeyond);
}

export const cheaperRegex = 'begin with ^, and name what ends a repeat, as in [^/]+/ for .*/';

/** A warning where paths of everyday length may be too long for a pattern. */
export function pathCostFaults(charsMax: number, suggestion = ''): readonly Fault[] {
  if (charsMax >= everydayChars) return [];
  return [
    {
      expected: `fewer repeats that may end anywhere: a path of more than ${charsMax} characters is refused with 414, because trying it could take seconds`,
      suggestion,
      severity: 'warning',
    },
  ];
}

/** So many ways of reading cost as much as one more power of an everyday length. */
const waysPerDegree = 64;

/**
 * The power of a text's length that bounds the steps of a search in it: each repeat that may end in several places is one,
 * and so is a beginning that is not anchored. All repeats that end in one place only, as `[^/]+/` does, are one together.
 * What takes longer than by a power is `regexFault`'s to refuse.
 */
export function regexDegree(source: string): number {
  const positions = positionsOf(source);
  if (positions === null) return charsMaxByDegree.length;
  const { open, closed, ways } = readingsOf(positions);
  // A look around is tried again wherever a repeat before it may end, and what a group took is compared as a whole.
  const loops = asksAgain.test(source) ? open + closed : open + Math.min(closed, 1);
  const more = Math.floor(Math.log(ways) / Math.log(waysPerDegree));
  return Math.max(1, loops + more + (isAnchored(source) ? 0 : 1));
}

const asksAgain = /\(\?<?[=!]|\\[1-9k]/;

/** It begins with `^`, whichever of its alternatives is taken. */
function isAnchored(source: string): boolean {
  let depth = 0;
  for (let at = 0; at < source.length; ) {
    const atom = atomAt(source, at);
    if (atom === '(') depth++;
    if (atom === ')') depth--;
    if (atom === '|' && depth === 0) return false;
    at += atom.length;
  }
  return source.startsWith('^');
}
