import type { RouteHistory } from '../admin/live/live-view.ts';
import { routeCells, routeCounterShape } from '../proxy/route-counters.ts';
import { noRecentTraffic, type RecentTraffic } from '../proxy/traffic.ts';
import { type HistoryEntry, HistoryRing, historySlots, slotSeconds } from './history-ring.ts';
import { LatencyWindow, rateSlots, windowSlots } from './latency-window.ts';

/** Routes with a window, and with a history, at most: those that had requests most recently. */
const windowsMax = 10_000;
export const historiesMax = 1_000;
const slotMs = slotSeconds * 1000;

/** Totals of a route that has had no request. */
const untouched = new Float64Array(routeCounterShape.cells);

/** A moment, once for durations and once for people. */
export interface Moment {
  readonly monotonicMs: number;
  readonly epochMs: number;
}

/**
 * What each route has served lately, from totals that are sampled every second: rates and quantiles of the last minute, and a quarter
 * of an hour in slots of 5 s. Totals are those of `RouteCounters`, by route id; a route's are the same array while nothing has changed.
 */
export class TrafficHistory {
  readonly #startMs: number;
  /** The slot that is under way, from 0 on. */
  #slot = 0;
  /** Totals of all routes, as they were sampled last and as they were when the slot began. */
  #totals: ReadonlyMap<string, Float64Array> = new Map();
  #atBegin: ReadonlyMap<string, Float64Array> = new Map();
  /** The route that had a request last comes last. */
  readonly #windows = new Map<string, LatencyWindow>();
  readonly #rings = new Map<string, HistoryRing>();
  /** When each slot ended, epoch s, by its place. */
  readonly #ends = new Float64Array(historySlots);

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(totals: ReadonlyMap<string, Float64Array>, { monotonicMs, epochMs }: Moment): void {
    this.#totals = totals;
    const slot = Math.floor((monotonicMs - this.#startMs) / slotMs);
    if (slot <= this.#slot) return;
    // Slots without a sample, as after the machine slept, had nothing: it all came in the one that was under way.
    this.#close();
    for (let passed = Math.max(this.#slot, slot - historySlots); passed < slot; passed++)
      this.#ends[passed % historySlots] = Math.round((epochMs - (slot - 1 - passed) * slotMs) / 1000);
    this.#slot = slot;
    this.#atBegin = totals;
    forgetUpTo(this.#windows, slot - windowSlots);
    forgetUpTo(this.#rings, slot - historySlots - 1);
  }

  /**
   * Quantiles of the minute before now, the rate of its last 10 to 15 s; or of the time since the proxy is up.
   *
   * @param totals of the route, which may be newer than the last sample; null where it has none.
   */
  recent(id: string, totals: Float64Array | null, monotonicMs: number): RecentTraffic {
    if (totals === null) return noRecentTraffic;
    const before = this.#atBegin.get(id) ?? untouched;
    const window = this.#windows.get(id);
    // Most routes of a large table have had nothing for a while.
    if (window === undefined && totals[routeCells.requests] === before[routeCells.requests]) return noRecentTraffic;
    const intoSlotMs = monotonicMs - this.#startMs - this.#slot * slotMs;
    const rateMs = intoSlotMs + Math.min(this.#slot, rateSlots - 1) * slotMs;
    // In the first second of its life one request is no rate yet.
    return (window ?? emptyWindow).recent(this.#slot, totals, before, Math.max(1_000, rateMs));
  }

  /** Of slots that have ended, since the route had its first request; nothing of one that has had none for long. */
  history(id: string): RouteHistory {
    const ring = this.#rings.get(id);
    const first = Math.max(ring?.firstSlot ?? this.#slot, this.#slot - historySlots, 0);
    const slots = Array.from({ length: this.#slot - first }, (_, i) => first + i);
    const entries = ring === undefined ? [] : slots.map((slot) => ring.entry(slot));
    const column = <Name extends keyof HistoryEntry>(name: Name) => entries.map((entry) => entry[name]);
    return {
      at: slots.map((slot) => this.#ends[slot % historySlots] as number),
      perSecond: column('perSecond'),
      ...{ p50: column('p50'), p95: column('p95'), p99: column('p99') },
      ...{ s2xx: column('s2xx'), s3xx: column('s3xx'), s4xx: column('s4xx'), s5xx: column('s5xx') },
    };
  }

  /** Keeps what the slot has brought of the routes that had requests in it. */
  #close(): void {
    const news = [...this.#totals].filter(([id, now]) => {
      const before = this.#atBegin.get(id) ?? untouched;
      return now[routeCells.requests] !== before[routeCells.requests];
    });
    this.#keep(this.#windows, windowsMax, news, () => new LatencyWindow());
    this.#keep(this.#rings, historiesMax, news, () => new HistoryRing(this.#slot));
  }

  /** Those that are known first: where more routes than may have requests all the time, they do not take turns in forgetting. */
  #keep<Value extends Slots>(values: Map<string, Value>, max: number, news: readonly News[], make: () => Value): void {
    const unknown = news.filter(([id, now]) => {
      const value = values.get(id);
      if (value !== undefined) this.#closeOne(values, id, value, now);
      return value === undefined;
    });
    for (const [id, now] of unknown) {
      const [oldest] = values;
      if (values.size >= max && oldest !== undefined) {
        if (oldest[1].lastSlot === this.#slot) return;
        values.delete(oldest[0]);
      }
      this.#closeOne(values, id, make(), now);
    }
  }

  #closeOne<Value extends Slots>(values: Map<string, Value>, id: string, value: Value, now: Float64Array): void {
    // The one that had requests last comes last.
    values.delete(id);
    values.set(id, value);
    value.close(this.#slot, now, this.#atBegin.get(id) ?? untouched);
  }
}

/** A route that had requests in a slot, with its totals at the end. */
type News = readonly [id: string, now: Float64Array];

interface Slots {
  readonly lastSlot: number;
  close(slot: number, now: Float64Array, before: Float64Array): void;
}

const emptyWindow = new LatencyWindow();

function forgetUpTo(values: Map<string, Slots>, slot: number): void {
  for (const [id, { lastSlot }] of values) {
    // Behind it are only those that were used later.
    if (lastSlot > slot) return;
    values.delete(id);
  }
}
