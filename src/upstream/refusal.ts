const pauseMsMin = 50;
const pauseMsMax = 500;

/**
 * A crash is known here before the engine tells of it: what a container does that looks well is given that long before it is taken
 * for its last word. The engine tells within 0.1 s, on a busy machine within a few tenths.
 */
export const doubtMs = 500;

/**
 * A peer that refuses connections: whoever starts a moment ago does not listen yet, and a crash is known here before the engine
 * tells of it. It is asked again after a pause that grows, by one request at a time; all others need not find out by themselves.
 * Times are monotonic ms.
 */
export class Refusal {
  /** From the first of those in a row on. */
  readonly doubtUntilMs: number;
  #untilMs: number;
  #pauseMs = pauseMsMin;

  constructor(nowMs: number) {
    this.doubtUntilMs = nowMs + doubtMs;
    this.#untilMs = nowMs + pauseMsMin;
  }

  /** Nobody asks it now. */
  rests(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** One asks: what comes of it will be known before the next one does, or it takes as long as the pause. */
  asked(nowMs: number): void {
    this.#untilMs = nowMs + this.#pauseMs;
  }

  again(nowMs: number): void {
    this.#pauseMs = Math.min(pauseMsMax, 2 * this.#pauseMs);
    this.#untilMs = nowMs + this.#pauseMs;
  }
}
