const pauseMsMax = 5_000;
/** Who lived this long starts with a clean record. */
const healthyAfterMs = 10_000;

/** How soon what dies again and again is started again: the first time at once. */
export class RestartPace {
  #deaths = 0;

  /** @returns ms to wait, after it has lived for `livedMs`. */
  pauseMs(livedMs: number): number {
    this.#deaths = livedMs > healthyAfterMs ? 0 : this.#deaths + 1;
    return this.#deaths <= 1 ? 0 : Math.min(pauseMsMax, 100 * 2 ** this.#deaths);
  }
}
