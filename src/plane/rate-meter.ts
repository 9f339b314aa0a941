/** Samples kept: at one a second, rates are over the last ten seconds. */
const samplesMax = 11;

/** Requests per second of each route, from totals that are sampled now and then. */
export class RateMeter {
  #samples: { readonly atMs: number; readonly totals: ReadonlyMap<string, number> }[] = [];

  /** @param totals requests so far, by route id. */
  add(totals: ReadonlyMap<string, number>, atMs: number): void {
    this.#samples = [...this.#samples, { atMs, totals }].slice(-samplesMax);
  }

  perSecond(): ReadonlyMap<string, number> {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const rates = new Map<string, number>();
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return rates;
    for (const [id, total] of last.totals) {
      // A route that was gone for long counts from zero again.
      const requests = Math.max(0, total - (first.totals.get(id) ?? 0));
      rates.set(id, (requests * 1000) / (last.atMs - first.atMs));
    }
    return rates;
  }
}
