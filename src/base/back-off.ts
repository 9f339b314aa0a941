const firstMs = 100;
const lastMs = 5_000;

/** Pauses between attempts: 100 ms, doubling up to 5 s, each somewhere between half and the whole of it. */
export class BackOff {
  readonly #random: () => number;
  #nextMs = firstMs;

  /** @param random as Math.random */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, lastMs);
    return (ms * (1 + this.#random())) / 2;
  }

  reset(): void {
    this.#nextMs = firstMs;
  }
}
