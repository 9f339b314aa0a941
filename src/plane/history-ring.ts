import { latencyCells, routeCells } from '../proxy/route-counters.ts';
import { bucketMs, quantileBucket } from '../proxy/traffic.ts';

/** A quarter of an hour. */
export const historySlots = 180;
export const slotSeconds = 5;

const statuses = ['s2xx', 's3xx', 's4xx', 's5xx'] as const;
const counted = ['requests', ...statuses] as const;
const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const grown = new Float64Array(latencyCells);

/** One slot of a route; quantiles in ms, null when nothing was measured. */
export interface HistoryEntry {
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly s2xx: number;
  readonly s3xx: number;
  readonly s4xx: number;
  readonly s5xx: number;
}

const nothing: HistoryEntry = {
  ...{ perSecond: 0, p50: null, p95: null, p99: null },
  ...{ s2xx: 0, s3xx: 0, s4xx: 0, s5xx: 0 },
};

/** What one route has served, slot by slot: 5 KiB. A quantile is kept as its bucket. */
export class HistoryRing {
  readonly firstSlot: number;
  /** The last slot in which there was anything. */
  lastSlot: number;
  /** Slots by place; a slot that is not there had nothing. */
  readonly #slots = new Int32Array(historySlots).fill(-1);
  readonly #counts = new Uint32Array(historySlots * counted.length);
  readonly #buckets = new Int8Array(historySlots * 3);

  constructor(firstSlot: number) {
    this.firstSlot = firstSlot;
    this.lastSlot = firstSlot;
  }

  /** @param now totals at the end of the slot, as in `routeCells`; `before` at its beginning. */
  close(slot: number, now: Float64Array, before: Float64Array): void {
    const place = slot % historySlots;
    this.#slots[place] = slot;
    this.lastSlot = slot;
    // Totals only grow, but for a route that was forgotten in between.
    const growth = (cell: number) => Math.max(0, (now[cell] as number) - (before[cell] as number));
    for (const [i, name] of counted.entries()) this.#counts[place * counted.length + i] = growth(routeCells[name]);
    for (let i = 0; i < latencyCells; i++) grown[i] = growth(routeCells.latency + i);
    for (const [i, q] of Object.values(quantiles).entries()) this.#buckets[place * 3 + i] = quantileBucket(grown, q);
  }

  entry(slot: number): HistoryEntry {
    const place = slot % historySlots;
    if (this.#slots[place] !== slot) return nothing;
    const [requests = 0, s2xx = 0, s3xx = 0, s4xx = 0, s5xx = 0] = this.#counts.subarray(place * counted.length);
    const [p50 = -1, p95 = -1, p99 = -1] = this.#buckets.subarray(place * 3);
    const quantile = { p50: bucketMs(p50), p95: bucketMs(p95), p99: bucketMs(p99) };
    return { perSecond: requests / slotSeconds, ...quantile, s2xx, s3xx, s4xx, s5xx };
  }
}
