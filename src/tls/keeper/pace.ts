import type { Clock, Timer } from '../../base/clock.ts';

export interface PaceAbout {
  readonly clock: Clock;
  /** So many works may follow each other at once; then there is one in each pause. */
  readonly burst: number;
  readonly pauseMs: number;
  readonly work: () => void;
}

/**
 * Does a work soon after it is asked for: in the same turn, once for all that is asked in it, and less often where much is asked, so
 * that a thousand changes at a start are a few works.
 */
export class Pace {
  readonly #about: PaceAbout;
  #left: number;
  #countedMs: number;
  #asked = false;
  #resting: Timer | null = null;
  #closed = false;

  constructor(about: PaceAbout) {
    this.#about = about;
    this.#left = about.burst;
    this.#countedMs = about.clock.monotonic();
  }

  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (this.#resting === null) queueMicrotask(() => this.#asked && this.#work());
  }

  /** Without waiting for anything: what it is for cannot come often. */
  now(): void {
    this.#resting?.cancel();
    this.#resting = null;
    this.#work();
  }

  close(): void {
    this.#closed = true;
    this.#resting?.cancel();
  }

  #work(): void {
    if (this.#closed) return;
    const { clock, pauseMs, work } = this.#about;
    this.#asked = false;
    this.#refill();
    this.#left--;
    if (this.#left < 1)
      this.#resting = clock.setTimeout(() => {
        this.#resting = null;
        if (this.#asked) this.#work();
      }, pauseMs);
    work();
  }

  #refill(): void {
    const { clock, burst, pauseMs } = this.#about;
    const nowMs = clock.monotonic();
    this.#left = Math.min(burst, this.#left + (nowMs - this.#countedMs) / pauseMs);
    this.#countedMs = nowMs;
  }
}
