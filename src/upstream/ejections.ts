import { Ejection, type EjectionPlace, ejectionCells, isSuspect } from './ejection.ts';

/** Backends whose failures are counted; any beyond is served like the others, and each worker judges it alone. */
export const ejectionsMax = 65_536;

/** For the workers of a data plane; what is not used takes no room. */
export function ejectionMemory(places = ejectionsMax): SharedArrayBuffer {
  return new SharedArrayBuffer(places * ejectionCells * Float64Array.BYTES_PER_ELEMENT);
}

/**
 * Which backends are left out, in memory that all workers share. A backend has a number, whose remainder is its place; no
 * number is given twice, and of two for one place the larger is the newer one (see `base/shared-counters.ts`).
 */
export class Ejections {
  readonly #doubles: Float64Array;
  readonly #words: Int32Array;

  constructor(memory = ejectionMemory(1)) {
    this.#doubles = new Float64Array(memory);
    this.#words = new Int32Array(memory);
  }

  /** @param number 0 = one that nobody else sees. */
  of(number: number): Ejection {
    const place = this.#place(number);
    const { doubles, head } = place;
    const there = doubles[head] as number;
    if (number === 0 || there > number) return new Ejections(ejectionMemory(1)).#alone();
    if (there < number) {
      // The head last: who counts for what was there before must not count for this one.
      doubles[head] = 0;
      doubles.fill(0, head + 1, head + ejectionCells);
      doubles[head] = number;
    }
    return new Ejection(number, place);
  }

  /**
   * Numbers of those that were left out and have not answered since.
   *
   * @param places how many are in use, from the first on.
   */
  suspects(places: number): number[] {
    const suspects: number[] = [];
    for (let at = 0; at < Math.min(places, this.#placeCount); at++) {
      const place = this.#place(at);
      const number = place.doubles[place.head] as number;
      if (number !== 0 && isSuspect(place)) suspects.push(number);
    }
    return suspects;
  }

  #alone(): Ejection {
    return new Ejection(0, this.#place(0));
  }

  get #placeCount(): number {
    return this.#doubles.length / ejectionCells;
  }

  #place(number: number): EjectionPlace {
    return { doubles: this.#doubles, words: this.#words, head: (number % this.#placeCount) * ejectionCells };
  }
}
