import type { Clock, Timer } from '../../base/clock.ts';

/**
 * Does a work soon after it is asked for: in the same turn, once for all that is asked in it, and then at most once in `pauseMs`, so
 * that a thousand changes at a start are a few works.
 */
export class Pace {
  readonly #about: { readonly clock: Clock; readonly pauseMs: number; readonly work: () => void };
  #asked = false;
  #resting: Timer | null = null;
  #closed = false;

  constructor(about: { readonly clock: Clock; readonly pauseMs: number; readonly work: () => void }) {
    this.#about = about;
  }

  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (this.#resting === null) queueMicrotask(() => this.#work());
  }

  close(): void {
    this.#closed = true;
    this.#resting?.cancel();
  }

  #work(): void {
    if (this.#closed) return;
    const { clock, pauseMs, work } = this.#about;
    this.#asked = false;
    this.#resting = clock.setTimeout(() => {
      this.#resting = null;
      if (this.#asked) this.#work();
    }, pauseMs);
    work();
  }
}
