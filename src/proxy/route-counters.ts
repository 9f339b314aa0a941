import type { CounterBlock, CounterShape } from '../base/shared-counters.ts';
import { type CacheWord, cacheWords } from '../cache/outcome.ts';
import { latencyBoundsMs, latencyBucket, type RouteTraffic } from './traffic.ts';

/** Where each number of a route stands in its block. */
export const routeCells = {
  ...{ requests: 0, s2xx: 1, s3xx: 2, s4xx: 3, s5xx: 4, tunnels: 5, cache: 6 },
  ...{ waiting: 13, held: 14, retries: 15, limited: 16, bytes: 17, latencyMs: 18, latency: 19 },
} as const;
/** One for each bucket of the histogram, from `routeCells.latency` on. */
export const latencyCells = latencyBoundsMs.length + 1;
const cells = routeCells;

/** A route beyond that many is served like any other, and its numbers are not shown. */
const routesCountedMax = 65_536;

export const routeCounterShape: CounterShape = {
  blocks: routesCountedMax,
  cells: cells.latency + latencyCells,
  gauges: [cells.tunnels, cells.waiting],
};

/** Counts what a worker has served of one route. */
export class RouteCounters {
  readonly #block: CounterBlock;

  constructor(block: CounterBlock) {
    this.#block = block;
  }

  get number(): number {
    return this.#block.number;
  }

  /** @param tookMs null for a tunnel, whose length says nothing about how fast the site is. */
  request(status: number, tookMs: number | null): void {
    const block = this.#block;
    block.add(cells.requests, 1);
    if (status >= 500) block.add(cells.s5xx, 1);
    else if (status >= 400) block.add(cells.s4xx, 1);
    else if (status >= 300) block.add(cells.s3xx, 1);
    else if (status >= 200) block.add(cells.s2xx, 1);
    if (tookMs === null) return;
    block.add(cells.latency + latencyBucket(tookMs), 1);
    block.add(cells.latencyMs, tookMs);
  }

  /** Of the body of an answer, as it was handed to the client's connection. */
  sent(bytes: number): void {
    this.#block.add(cells.bytes, bytes);
  }

  /** A request waits for a backend from now on; `first` where it has not waited before. */
  heldBack({ first }: { readonly first: boolean }): void {
    this.#block.add(cells.waiting, 1);
    if (first) this.#block.add(cells.held, 1);
  }

  /** It waits no more. */
  letGo(): void {
    this.#block.add(cells.waiting, -1);
  }

  /** A backend is asked that is not the first one of its request. */
  retried(): void {
    this.#block.add(cells.retries, 1);
  }

  /** Refused by `proxy.limit`. */
  limited(): void {
    this.#block.add(cells.limited, 1);
  }

  cached(word: CacheWord): void {
    this.#block.add(cells.cache + cacheWords.indexOf(word), 1);
  }

  tunnelOpened(): void {
    this.#block.add(cells.tunnels, 1);
  }

  tunnelClosed(): void {
    this.#block.add(cells.tunnels, -1);
  }
}

/** @param sums the cells of a block. */
export function readRouteTraffic(sums: Float64Array): RouteTraffic {
  const of = (cell: number): number => sums[cell] ?? 0;
  return {
    requests: of(cells.requests),
    s2xx: of(cells.s2xx),
    s3xx: of(cells.s3xx),
    s4xx: of(cells.s4xx),
    s5xx: of(cells.s5xx),
    tunnels: of(cells.tunnels),
    waiting: of(cells.waiting),
    held: of(cells.held),
    retries: of(cells.retries),
    limited: of(cells.limited),
    bytes: of(cells.bytes),
    latencyMs: of(cells.latencyMs),
    cache: Object.fromEntries(cacheWords.map((word, i) => [word, of(cells.cache + i)])) as RouteTraffic['cache'],
    latency: [...sums.subarray(cells.latency, cells.latency + latencyCells)],
  };
}
