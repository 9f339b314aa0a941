import type { Clock, Timer } from '../base/clock.ts';

interface Waiter {
  readonly untilMs: number;
  readonly release: () => void;
}

/**
 * Requests that wait for their turn, released in the order of their turns: those that come due in one millisecond too, which
 * timers of their own would not promise.
 */
export class WaitingLine {
  readonly #clock: Clock;
  readonly #waitersMax: number;
  /** By turn. */
  readonly #waiters: Waiter[] = [];
  #timer: { readonly timer: Timer; readonly atMs: number } | null = null;

  constructor(clock: Clock, { waitersMax }: { waitersMax: number }) {
    this.#clock = clock;
    this.#waitersMax = waitersMax;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Waits `ms`.
   *
   * @param gone ends the wait early.
   * @returns null where too many wait already.
   */
  wait(ms: number, gone: AbortSignal): Promise<void> | null {
    if (this.#waiters.length >= this.#waitersMax) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    const leave = (): void => {
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      resolve();
      this.#set();
    };
    const release = (): void => {
      gone.removeEventListener('abort', leave);
      resolve();
    };
    const waiter: Waiter = { untilMs: this.#clock.monotonic() + ms, release };
    const behind = this.#waiters.findLastIndex(({ untilMs }) => untilMs <= waiter.untilMs);
    this.#waiters.splice(behind + 1, 0, waiter);
    gone.addEventListener('abort', leave, { once: true });
    this.#set();
    return promise;
  }

  /** One timer, for whoever is first. */
  #set(): void {
    const atMs = this.#waiters[0]?.untilMs ?? Number.POSITIVE_INFINITY;
    if (this.#timer?.atMs === atMs) return;
    this.#timer?.timer.cancel();
    this.#timer = null;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const ms = Math.max(0, Math.ceil(atMs - this.#clock.monotonic()));
    this.#timer = { timer: this.#clock.setTimeout(() => this.#release(), ms), atMs };
  }

  #release(): void {
    this.#timer = null;
    const nowMs = this.#clock.monotonic();
    const first = this.#waiters.findIndex(({ untilMs }) => untilMs > nowMs);
    const due = this.#waiters.splice(0, first < 0 ? this.#waiters.length : first);
    for (const { release } of due) release();
    this.#set();
  }
}
