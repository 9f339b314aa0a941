/** Lets so many works go on at once; the others wait for their turn, first come, first served. */
export class Lanes {
  readonly #countMax: number;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Works that wait; whoever adds them bounds them by it. */
  get waiting(): number {
    return this.#queue.length;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#countMax) this.#busy++;
    else await new Promise<void>((resolve) => void this.#queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}
