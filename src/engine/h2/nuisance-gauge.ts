import { nuisancesMax, nuisancesPerSecond } from './limits.ts';

/** Counts what a client does only to keep us busy (CVE-2023-44487, CVE-2019-9512, -9515): a bucket that empties with time. */
export class NuisanceGauge {
  readonly #nowMs: () => number;
  #level = 0;
  #atMs: number;

  /** @param nowMs monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
  }

  /** @returns whether it is one too many. */
  add(): boolean {
    const nowMs = this.#nowMs();
    this.#level = Math.max(0, this.#level - ((nowMs - this.#atMs) / 1000) * nuisancesPerSecond) + 1;
    this.#atMs = nowMs;
    return this.#level > nuisancesMax;
  }
}
