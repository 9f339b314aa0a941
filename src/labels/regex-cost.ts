import { atomAt, quantifierAt, repeatsMany } from './regex-syntax.ts';
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

/**
 * The power of a text's length that bounds the steps of a search in it: each repeat that may end in several places is one,
 * and so is a beginning that is not anchored. All repeats that end in one place only, as `[^/]+/` does, are one together.
 * What takes longer than by a power is `regexFault`'s to refuse.
 */
export function regexDegree(source: string): number {
  let open = 0;
  let closed = 0;
  for (let at = 0; at < source.length; ) {
    const atom = atomAt(source, at);
    const { min, max, end } = quantifierAt(source, at + atom.length);
    if (max >= repeatsMany && max > min) {
      if (endsInOnePlace(atom, source, end)) closed = 1;
      else open++;
    }
    at = end;
  }
  const anchored = source.startsWith('^') && !source.includes('|');
  return Math.max(1, open + closed + (anchored ? 0 : 1));
}

/** Whether what must follow a repeated atom is a character that the atom itself never takes. */
function endsInOnePlace(atom: string, source: string, next: number): boolean {
  // What they take is not known from them alone.
  if (/^\)|^\\[\dk]/.test(atom) || /\(\?[a-z]*i/.test(source)) return false;
  const follower = atomAt(source, next);
  const char = /^\\?([/.,:;=&_~%@!+-])$|^(\w)$/.exec(follower)?.slice(1).join('') ?? '';
  if (char === '' || follower === '.' || follower === '+') return false;
  return quantifierAt(source, next + follower.length).min > 0 && !new RegExp(`^${atom}$`, 'u').test(char);
}
