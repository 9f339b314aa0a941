/** How often deadlines are looked at: a deadline is met this much late at most. */
export const tickMs = 100;

/** Something that must not wait for ever. */
export interface Deadlined {
  /** On the clock of `Deadlines.nowMs`; Infinity = none. */
  deadlineMs: number;
  onDeadline(): void;
}

/**
 * The deadlines of all connections of a worker, looked at together ten times a second. A timer per connection would have
 * to be moved on every read and write; here that is one assignment, and 10,000 connections cost a loop of microseconds.
 */
export class Deadlines {
  readonly #watched = new Set<Deadlined>();
  #timer: NodeJS.Timeout | null = null;
  /** Monotonic ms, as of the last tick or the last `add`. Coarse on purpose: reading a clock per event is not free. */
  nowMs = performance.now();

  /** The moment `ms` from now, on the late side: a limit may be a tick longer than it says, never shorter. 0 = never. */
  after(ms: number): number {
    return ms === 0 ? Infinity : this.nowMs + tickMs + ms;
  }

  add(item: Deadlined): void {
    this.#watched.add(item);
    if (this.#timer !== null) return;
    this.nowMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  delete(item: Deadlined): void {
    this.#watched.delete(item);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    this.nowMs = performance.now();
    for (const item of this.#watched) if (item.deadlineMs <= this.nowMs) item.onDeadline();
  }
}
