import { latencyCells, routeCells } from '../proxy/route-counters.ts';
import { bucketMs, quantileBucket, type RecentTraffic } from '../proxy/traffic.ts';

/** A minute: the slot that is under way, and those before it. */
export const windowSlots = 12;
/** Of a rate, which is to show what happens now: 10 to 15 s. */
export const rateSlots = 3;

/** Requests, then the buckets of their latencies. */
const cells = 1 + latencyCells;
const summed = new Float64Array(cells);

/** What one route has served in each of the last slots: 2 KiB. */
export class LatencyWindow {
  /** Slots by place; a place whose slot has passed counts for nothing. */
  readonly #slots = new Int32Array(windowSlots).fill(-1);
  readonly #counts = new Uint32Array(windowSlots * cells);

  /** The last slot in which there was anything. */
  lastSlot = -1;

  /** @param now totals at the end of the slot, as in `routeCells`; `before` at its beginning. */
  close(slot: number, now: Float64Array, before: Float64Array): void {
    const place = slot % windowSlots;
    this.#slots[place] = slot;
    this.lastSlot = slot;
    const counts = this.#counts.subarray(place * cells, (place + 1) * cells);
    counts.fill(0);
    addGrowth(now, before, counts);
  }

  /** @param now totals in the middle of the slot, `before` at its beginning; `rateMs` what the slots of a rate stand for. */
  recent(slot: number, now: Float64Array, before: Float64Array, rateMs: number): RecentTraffic {
    let requests = 0;
    summed.fill(0);
    for (let place = 0; place < windowSlots; place++) {
      const held = this.#slots[place] as number;
      if (held <= slot - windowSlots) continue;
      if (held > slot - rateSlots) requests += this.#counts[place * cells] as number;
      for (let cell = 0; cell < cells; cell++)
        summed[cell] = (summed[cell] as number) + (this.#counts[place * cells + cell] as number);
    }
    requests += grown(now, before, routeCells.requests);
    addGrowth(now, before, summed);
    const latency = summed.subarray(1);
    const quantile = (q: number) => bucketMs(quantileBucket(latency, q));
    return { perSecond: (requests * 1000) / rateMs, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
  }
}

/** Totals only grow, but for a route that was forgotten in between. */
function grown(now: Float64Array, before: Float64Array, cell: number): number {
  return Math.max(0, (now[cell] as number) - (before[cell] as number));
}

function addGrowth(now: Float64Array, before: Float64Array, to: Uint32Array | Float64Array): void {
  to[0] = (to[0] as number) + grown(now, before, routeCells.requests);
  for (let i = 0; i < latencyCells; i++) to[1 + i] = (to[1 + i] as number) + grown(now, before, routeCells.latency + i);
}
