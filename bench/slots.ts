import type { LoadResult } from './load.ts';
import type { SlotTimes } from './quiet-slot.ts';
import { median, type Spread, spread, sum } from './statistics.ts';

/** One proxy, one case, about one second. */
export interface Slot extends SlotTimes {
  readonly work: string;
  readonly proxy: string;
  readonly round: number;
}

/** What the slots of one proxy in one case come to. */
export interface Verdict {
  readonly perSecond: number;
  /** CPU of all its processes per request, µs. */
  readonly cpuUs: number;
  /** Share of one core it used; far below 1 means that something else was the limit. */
  readonly busy: number;
  /** Shares of one core that the client and the backend used. */
  readonly clientBusy: number;
  readonly backendBusy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Share of the requests whose connection resumed a session; null where that was not counted. */
  readonly resumed: number | null;
  /** Against the yardstick in the same round; null without a yardstick. */
  readonly ratios: Ratios | null;
}

export interface Ratios {
  readonly perSecond: Spread;
  readonly cpu: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
}

/** All slots of a run. Each round visits every proxy twice, in mirrored order, so that a drift of the machine falls on all alike. */
export class Slots {
  readonly #slots: Slot[] = [];
  readonly #ceilings = new Map<string, LoadResult>();

  add(slot: Slot): void {
    this.#slots.push(slot);
  }

  /** What the client gets from the backend without any proxy. */
  addCeiling(work: string, result: LoadResult): void {
    this.#ceilings.set(work, result);
  }

  /** Per second; null where the client cannot do without a proxy. */
  ceiling(work: string): number | null {
    const result = this.#ceilings.get(work);
    return result === undefined ? null : result.requests / result.seconds;
  }

  works(): string[] {
    return [...new Set(this.#slots.map(({ work }) => work))];
  }

  /** How many slots there are, and how many had others at work beside them for more than such a share. */
  disturbed(foreignMax: number): { slots: number; disturbed: number; most: number } {
    return {
      slots: this.#slots.length,
      disturbed: this.#slots.filter(({ foreign }) => foreign > foreignMax).length,
      most: Math.max(0, ...this.#slots.map(({ foreign }) => foreign)),
    };
  }

  verdict(work: string, proxy: string, yardstick: string): Verdict | null {
    const own = this.#of(work, proxy);
    if (own.length === 0) return null;
    const coreMs = sum(own.map(({ seconds }) => seconds)) * 1000;
    return {
      perSecond: median(own.map((slot) => slot.requests / slot.seconds)),
      cpuUs: cpuPerRequestUs(own),
      busy: sum(own.map((slot) => slot.cpuMs)) / coreMs,
      clientBusy: sum(own.map((slot) => slot.clientCpuMs)) / coreMs,
      backendBusy: sum(own.map((slot) => slot.backendCpuMs)) / coreMs,
      p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
      failed: sum(own.map(({ failed, notOk }) => failed + notOk)),
      resumed: resumedShare(own),
      ratios: this.#ratios(work, proxy, yardstick),
    };
  }

  #ratios(work: string, proxy: string, yardstick: string): Ratios | null {
    if (this.#of(work, yardstick).length === 0) return null;
    const rounds = [...new Set(this.#of(work, proxy).map(({ round }) => round))];
    const compare = (measure: (slots: readonly Slot[]) => number): Spread =>
      spread(rounds.map((round) => measure(this.#of(work, proxy, round)) / measure(this.#of(work, yardstick, round))));
    return {
      perSecond: compare(perSecond),
      cpu: compare(cpuPerRequestUs),
      p50: compare((slots) => median(slots.map(({ p50Ms }) => p50Ms))),
      p99: compare((slots) => median(slots.map(({ p99Ms }) => p99Ms))),
    };
  }

  #of(work: string, proxy: string, round?: number): Slot[] {
    return this.#slots.filter(
      (slot) => slot.work === work && slot.proxy === proxy && (round === undefined || slot.round === round),
    );
  }
}

function perSecond(slots: readonly Slot[]): number {
  return sum(slots.map(({ requests }) => requests)) / sum(slots.map(({ seconds }) => seconds));
}

function cpuPerRequestUs(slots: readonly Slot[]): number {
  return (sum(slots.map((slot) => slot.cpuMs)) * 1000) / sum(slots.map(({ requests }) => requests));
}

function resumedShare(slots: readonly Slot[]): number | null {
  const counted = slots.flatMap(({ resumed }) => resumed ?? []);
  return counted.length === 0 ? null : sum(counted) / sum(slots.map(({ requests }) => requests));
}
