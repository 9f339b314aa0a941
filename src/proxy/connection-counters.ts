import { type CounterBlock, type CounterShape, ThreadCounters } from '../base/shared-counters.ts';
import type { ListenerActivity } from '../http/transport.ts';
import type { ConnectionTraffic } from './traffic.ts';

const cells = { active: 0, accepted: 1, refused: 2, requests: 3, reading: 4, writing: 5 } as const;

/** One block for all that a worker listens on. */
export const connectionCounterShape: CounterShape = {
  blocks: 1,
  cells: 6,
  gauges: [cells.active, cells.reading, cells.writing],
};
export const connectionCounterNumber = 1;

/** Counts the connections of a worker and the requests on them: the stub_status numbers. */
export class ConnectionCounters {
  readonly #block: CounterBlock;

  constructor(counters = new ThreadCounters(connectionCounterShape)) {
    this.#block = counters.block(connectionCounterNumber);
  }

  /** Open now, over all workers. */
  get active(): number {
    return this.#block.sum(cells.active);
  }

  opened(): void {
    this.#block.add(cells.accepted, 1);
    this.#block.add(cells.active, 1);
  }

  closed(): void {
    this.#block.add(cells.active, -1);
  }

  /** Accepted, and closed at once. */
  refused(): void {
    this.#block.add(cells.accepted, 1);
    this.#block.add(cells.refused, 1);
  }

  requestBegun(): void {
    this.#block.add(cells.requests, 1);
  }

  /** What connections are busy with is looked up when somebody asks: to count it would cost every request. */
  looked(activities: readonly ListenerActivity[]): void {
    for (const what of ['reading', 'writing'] as const) {
      this.#block.set(
        cells[what],
        activities.reduce((sum, { [what]: count }) => sum + count, 0),
      );
    }
  }
}

/** @param sums the cells of a block. */
export function readConnectionTraffic(sums: Float64Array): ConnectionTraffic {
  const of = (cell: number): number => sums[cell] ?? 0;
  const [active, accepted, reading, writing] = [
    of(cells.active),
    of(cells.accepted),
    of(cells.reading),
    of(cells.writing),
  ];
  const handled = accepted - of(cells.refused);
  // Connections come and go between the look and the sum.
  const waiting = Math.max(0, active - reading - writing);
  return { active, accepted, handled, requests: of(cells.requests), reading, writing, waiting };
}
