/** Names kept beyond those in use before the others are forgotten. */
const spare = 1_000;

/**
 * Gives names (route ids, container ids) the numbers that they are counted under in shared memory. What leaves the table
 * keeps its number for a while, so that a route that comes back counts on; then its place goes to others, under a number
 * that nobody had before.
 */
export class CounterNumbers {
  readonly #blocks: number;
  readonly #numbers = new Map<string, number>();
  /** Places that were given back, the one that has been free for longest first. */
  readonly #free: number[] = [];
  #places = 0;
  /** Of the last number; each is `generation * blocks + place`. */
  #generation = 0;

  /** @param blocks as in the shape of the counters. */
  constructor(blocks: number) {
    this.#blocks = blocks;
  }

  /** Places in use, from the first on. */
  get places(): number {
    return this.#places;
  }

  entries(): Iterable<readonly [name: string, number: number]> {
    return this.#numbers;
  }

  /** null for a name that has none. */
  known(name: string): number | null {
    return this.#numbers.get(name) ?? null;
  }

  /** 0 when all places are taken: it is served and not counted. */
  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const place = this.#free.shift() ?? (this.#places < this.#blocks ? this.#places++ : null);
    if (place === null) return 0;
    const number = ++this.#generation * this.#blocks + place;
    this.#numbers.set(name, number);
    return number;
  }

  /**
   * Forgets names that are not in use, once there are many of them.
   *
   * @param used all of them; only asked for when needed.
   * @returns the numbers of those that were forgotten.
   */
  tidy(usedCount: number, used: () => Iterable<string>): readonly number[] {
    const full = this.#places >= this.#blocks && this.#free.length === 0;
    if (this.#numbers.size <= usedCount + spare && !full) return [];
    const kept = new Set(used());
    const forgotten: number[] = [];
    for (const [name, number] of this.#numbers) {
      if (kept.has(name)) continue;
      this.#numbers.delete(name);
      this.#free.push(number % this.#blocks);
      forgotten.push(number);
    }
    return forgotten;
  }
}
