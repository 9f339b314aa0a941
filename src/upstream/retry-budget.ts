export const budgetSeconds = 10;
/** Of the requests of the window. */
export const budgetShare = 0.2;
/** So that a site with few requests may have some all the same. */
export const budgetPerSecond = 10;

/**
 * How many requests of a route may be sent once more: a fifth of those of the last ten seconds and ten per second beyond, so that
 * a backend which dies under its load does not get twice that load. Counted by each worker for itself.
 */
export class RetryBudget {
  /** By second, as a ring. */
  readonly #requests = new Uint32Array(budgetSeconds);
  readonly #retries = new Uint32Array(budgetSeconds);
  #second = 0;

  /** @param nowMs monotonic. */
  request(nowMs: number): void {
    const at = this.#slot(nowMs);
    this.#requests[at] = (this.#requests[at] as number) + 1;
  }

  /**
   * @param nowMs monotonic.
   * @returns whether there was one left.
   */
  take(nowMs: number): boolean {
    const at = this.#slot(nowMs);
    if (sum(this.#retries) + 1 > budgetShare * sum(this.#requests) + budgetPerSecond * budgetSeconds) return false;
    this.#retries[at] = (this.#retries[at] as number) + 1;
    return true;
  }

  #slot(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#turn(second);
    return second % budgetSeconds;
  }

  #turn(second: number): void {
    const from = Math.max(this.#second + 1, second - budgetSeconds + 1);
    for (let at = from; at <= second; at++) {
      this.#requests[at % budgetSeconds] = 0;
      this.#retries[at % budgetSeconds] = 0;
    }
    this.#second = second;
  }
}

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
