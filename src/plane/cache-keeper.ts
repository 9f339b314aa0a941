import type { Clock } from '../base/clock.ts';
import type { CacheNumbers } from '../cache/cache-numbers.ts';
import { CacheDirectory } from '../cache/disk/cache-directory.ts';
import { DiskJanitor } from '../cache/disk/disk-janitor.ts';
import { DiskUsage } from '../cache/disk/disk-usage.ts';
import { FetchLocks } from '../cache/fetch-locks.ts';
import type { PurgeRule } from '../cache/purge.ts';
import { Gathering } from './gathering.ts';
import type { CachePlan, FromWorker } from './messages.ts';

/** A worker that has not answered by then is stuck, and serves nobody. */
const answerMsMax = 2_000;

type Answer = Extract<FromWorker, { type: 'cache' }>;

/** The cache of all workers, as the main thread of the data plane sees it: the disk is kept in bounds here, and purges meet. */
export class CacheKeeper {
  /** Shared by the workers. */
  readonly diskUsage = DiskUsage.memory();
  readonly fetchLocks = FetchLocks.memory();
  readonly #plan: CachePlan;
  readonly #usage: DiskUsage;
  readonly #clock: Clock;
  #janitor: DiskJanitor | null = null;
  readonly #answers: Gathering<Answer>;

  constructor(plan: CachePlan, clock: Clock) {
    this.#usage = new DiskUsage(this.diskUsage);
    this.#plan = plan;
    this.#clock = clock;
    this.#answers = new Gathering(clock, { timeoutMs: answerMsMax });
  }

  /** @returns why there is no disk; null = there is. */
  start(): string | null {
    const { directory: path, bytesMax, inactiveMs } = this.#plan;
    if (path === null) return null;
    const directory = new CacheDirectory(path);
    try {
      directory.make();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.#janitor = new DiskJanitor({ directory, usage: this.#usage, bytesMax, inactiveMs, clock: this.#clock });
    void this.#janitor.start();
    return null;
  }

  /** A worker has died, and waits for nothing any more. */
  forget(worker: number): void {
    new FetchLocks(this.fetchLocks, worker).clear();
  }

  /** @param tell asks a worker; @param workers how many there are. */
  async ask(ask: number, rule: PurgeRule | null, workers: number, tell: () => void): Promise<CacheNumbers> {
    const answers = await this.#answers.ask(ask, workers, tell);
    // Behind the workers, who from now on find nothing on disk that the rule is about.
    const fromDisk = rule === null ? 0 : ((await this.#janitor?.purge(rule)) ?? 0);
    const sum = (of: (answer: Answer) => number): number => answers.reduce((total, answer) => total + of(answer), 0);
    return {
      memory: { bytes: sum(({ bytes }) => bytes), entries: sum(({ entries }) => entries) },
      disk:
        this.#janitor === null
          ? null
          : { bytes: Math.max(0, this.#usage.bytes), entries: this.#janitor.entries, bytesMax: this.#plan.bytesMax },
      purged: this.#janitor === null ? sum(({ purged }) => purged) : fromDisk,
    };
  }

  answered(answer: Answer): void {
    this.#answers.answered(answer);
  }
}
