import type { Clock, Timer } from '../base/clock.ts';

/** Share of time and bounds of the pause after a publication. */
const gapPerTook = 2;
const gapMsMin = 5;
const gapMsMax = 50;

/**
 * Decides when changes are told. A change after some quiet is told at once; in a burst they are collected, for as long as it
 * takes to tell them twice (5 to 50 ms), so that a burst costs at most a third of the time whatever the size of the table.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #tell: () => void;
  #timer: Timer | null = null;
  /** When the oldest untold change has to be told; null = nothing to tell. */
  #dueMs: number | null = null;
  #toldMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor({ clock, tell }: { clock: Clock; tell: () => void }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Tells by then at the latest, the gap between two tellings apart. `withinMs: 0` = nothing more is expected. */
  changed({ withinMs }: { withinMs: number }): void {
    this.#want(withinMs, Math.min(Math.max(this.#tookMs * gapPerTook, gapMsMin), gapMsMax));
  }

  /**
   * Tells before it returns. Only where telling is slow and many are urgent at a time (a thousand containers that are stopped
   * together) half of the time is left to everything else.
   */
  urgent(): void {
    this.#want(0, this.#tookMs < gapMsMin ? 0 : Math.min(this.#tookMs, gapMsMax));
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#dueMs = null;
  }

  #want(withinMs: number, gapMs: number): void {
    const nowMs = this.#clock.monotonic();
    this.#dueMs = Math.min(this.#dueMs ?? Number.POSITIVE_INFINITY, nowMs + withinMs);
    this.#timer?.cancel();
    this.#timer = null;
    const waitMs = Math.max(this.#dueMs, this.#toldMs + gapMs) - nowMs;
    if (waitMs <= 0) this.#tellNow();
    else this.#timer = this.#clock.setTimeout(() => this.#tellNow(), waitMs);
  }

  #tellNow(): void {
    this.#timer = null;
    this.#dueMs = null;
    const startedMs = this.#clock.monotonic();
    try {
      this.#tell();
    } finally {
      this.#toldMs = this.#clock.monotonic();
      this.#tookMs = this.#toldMs - startedMs;
    }
  }
}
