import type { Positions } from './regex-positions.ts';

/** In how many ways a regex may have read the text up to some place of it. */
export interface Readings {
  /** Loops that may be left in several places: each makes it as many ways as the text has characters. */
  readonly open: number;
  /** Loops that end in one place only. */
  readonly closed: number;
  /** Ways that do not depend on the length of the text, at most; 3 for `(?:ab|ac|ad)x`. */
  readonly ways: number;
}

const waysMax = 1e9;

/**
 * Loops are the strongly connected components of the automaton. One that is not exponential reads a text from one of its places to
 * another in one way at most, or there would be two ways around it (Weber and Seidl, see `isExponential`): what is left to choose is where it is left.
 */
export function readingsOf(positions: Positions): Readings {
  const { follow, first } = positions;
  const components = componentsOf(follow);
  const componentOf = new Map(components.flatMap((places, at) => places.map((place) => [place, at] as const)));
  const tally = new Tally(positions);
  const waysFrom: number[] = [];
  let [open, closed, ways] = [0, 0, 1];
  // Those that are reached last come first.
  for (const [at, places] of components.entries()) {
    const isIn = (place: number): boolean => componentOf.get(place) === at;
    const waysOf = (place: number): number => waysFrom[componentOf.get(place) as number] ?? 1;
    const isLoop = places.some((place) => [...nextOf(follow, place).keys()].some(isIn));
    if (isLoop && places.some((place) => tally.mayPart(nextOf(follow, place), isIn))) open++;
    else if (isLoop) closed++;
    const beyond = places.map((place) => tally.most(nextOf(follow, place), (next) => (isIn(next) ? 0 : waysOf(next))));
    const most = Math.min(waysMax, Math.max(1, ...beyond));
    waysFrom.push(most);
    ways = Math.max(ways, most);
  }
  const begun = new Map<number, number>();
  for (const place of first) begun.set(place, (begun.get(place) ?? 0) + 1);
  const whole = tally.most(begun, (place) => waysFrom[componentOf.get(place) as number] as number);
  return { open, closed, ways: Math.min(waysMax, Math.max(ways, whole)) };
}

type Next = ReadonlyMap<number, number>;

function nextOf(follow: Positions['follow'], place: number): Next {
  return follow[place] as Next;
}

/** Adds up what one character can lead to. */
class Tally {
  readonly #sets: Positions['sets'];
  readonly #codes = new Map<bigint, readonly number[]>();

  constructor({ sets }: Positions) {
    this.#sets = sets;
  }

  /** The most that one character leads to. @param worth of each next place. */
  most(next: Next, worth: (place: number) => number): number {
    const sums = new Map<number, number>();
    for (const [place, ways] of next) {
      const each = ways * worth(place);
      if (each > 0) for (const code of this.#codesOf(place)) sums.set(code, (sums.get(code) ?? 0) + each);
    }
    return Math.max(0, ...sums.values());
  }

  /** Whether one character leads to several places of which one is in. */
  mayPart(next: Next, isIn: (place: number) => boolean): boolean {
    const outside = (1 << 20) + 1;
    // More than one inside, or one inside and any outside.
    return this.most(next, (place) => (isIn(place) ? 1 << 20 : 1)) >= outside;
  }

  #codesOf(place: number): readonly number[] {
    const set = this.#sets[place] as bigint;
    let codes = this.#codes.get(set);
    if (codes === undefined) {
      codes = [...set.toString(2)].toReversed().flatMap((bit, code) => (bit === '1' ? [code] : []));
      this.#codes.set(set, codes);
    }
    return codes;
  }
}

/** Strongly connected components, each behind those that it leads to (Tarjan, 1972). */
function componentsOf(follow: Positions['follow']): readonly (readonly number[])[] {
  const components: number[][] = [];
  const order = new Map<number, number>();
  const least: number[] = [];
  const waiting: number[] = [];
  const isWaiting = new Set<number>();
  const visit = (place: number): void => {
    const at = order.size;
    order.set(place, at);
    least[place] = at;
    waiting.push(place);
    isWaiting.add(place);
    for (const next of nextOf(follow, place).keys()) {
      if (!order.has(next)) visit(next);
      if (isWaiting.has(next)) least[place] = Math.min(least[place] as number, least[next] as number);
    }
    if (least[place] !== at) return;
    const component = waiting.splice(waiting.indexOf(place));
    for (const one of component) isWaiting.delete(one);
    components.push(component);
  };
  for (const place of follow.keys()) if (!order.has(place)) visit(place);
  return components;
}
