import type { Clock, Timer } from '../base/clock.ts';
import type { RateTerms } from '../limit/gcra.ts';
import type { SharedCounter } from '../limit/shared-buckets.ts';
import type { BucketTake } from '../store/redis/shared-limits.ts';
import type { FromWorker } from './messages.ts';

/** So long a request waits for the count of all proxies; then this one counts alone. */
const answerMsMax = 100;
/** Once an answer was missing nobody asks for so long; then one request tries. */
const pauseMs = 1_000;
/** Requests of one worker that wait at once. */
const waitingMax = 4_096;

interface Batch {
  readonly takes: BucketTake[];
  readonly resolves: ((backlogMs: number | null) => void)[];
  timer: Timer | null;
}

export interface LimitDeskWorld {
  readonly clock: Clock;
  readonly say: (message: Extract<FromWorker, { type: 'limit' }>) => void;
  /** Runs something once everything that came in with this turn was handled. */
  readonly later: (work: () => void) => void;
  /** Between 0 and 1: no answer to a worker that has died may be taken for one to its successor. */
  readonly random: () => number;
}

/**
 * A worker's questions to the count of all proxies. What comes in one turn goes as one message. Nobody waits for long, and
 * after one who has waited for nothing nobody waits at all for a while.
 */
export class LimitDesk implements SharedCounter {
  readonly #world: LimitDeskWorld;
  readonly #asked = new Map<number, Batch>();
  #next: Batch | null = null;
  #number: number;
  #waiting = 0;
  /** The last answer was missing. */
  #isDoubtful = false;
  #aloneUntilMs = Number.NEGATIVE_INFINITY;
  /** Requests that had no answer since the last message. */
  #missed = 0;

  constructor(world: LimitDeskWorld) {
    this.#world = world;
    this.#number = Math.floor(world.random() * 2 ** 48);
  }

  take(bucket: string, { intervalMs, burst }: RateTerms): Promise<number | null> | null {
    if (this.#world.clock.monotonic() < this.#aloneUntilMs) return null;
    if (this.#waiting >= (this.#isDoubtful ? 1 : waitingMax)) return null;
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const batch = this.#batch();
    batch.takes.push({ bucket, intervalMs, burst });
    batch.resolves.push(resolve);
    this.#waiting++;
    return promise;
  }

  /** @param backlogsMs as they were found, in the order of the takes; null where nobody can say. */
  answered(ask: number, backlogsMs: readonly number[] | null): void {
    const batch = this.#asked.get(ask);
    if (batch !== undefined) this.#end(ask, batch, backlogsMs);
  }

  #batch(): Batch {
    if (this.#next !== null) return this.#next;
    const batch: Batch = { takes: [], resolves: [], timer: null };
    this.#next = batch;
    this.#world.later(() => this.#send(batch));
    return batch;
  }

  #send(batch: Batch): void {
    this.#next = null;
    const ask = ++this.#number;
    this.#asked.set(ask, batch);
    const missed = this.#missed;
    this.#missed = 0;
    this.#world.say({ type: 'limit', ask, takes: batch.takes, missed });
    batch.timer = this.#world.clock.setTimeout(() => {
      // Where this thread was busy itself, the answer may lie there already.
      this.#world.later(() => this.#miss(ask, batch));
    }, answerMsMax);
  }

  #miss(ask: number, batch: Batch): void {
    if (!this.#asked.has(ask)) return;
    this.#missed += batch.takes.length;
    this.#end(ask, batch, null);
  }

  #end(ask: number, batch: Batch, backlogsMs: readonly number[] | null): void {
    batch.timer?.cancel();
    this.#asked.delete(ask);
    this.#waiting -= batch.takes.length;
    this.#isDoubtful = backlogsMs === null;
    if (this.#isDoubtful) this.#aloneUntilMs = this.#world.clock.monotonic() + pauseMs;
    for (const [at, resolve] of batch.resolves.entries()) resolve(backlogsMs?.[at] ?? null);
  }
}
