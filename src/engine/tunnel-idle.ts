/** Looks this often within the idle time: a tunnel ends at most a quarter later than it may. */
const looks = 4;

/**
 * Notices that a tunnel carries nothing. It compares counts now and then, because a timer that is set anew for every message
 * costs each of them as much as the look at its frame.
 */
export class TunnelIdle {
  readonly #carriedBytes: () => number;
  readonly #onIdle: () => void;
  readonly #timer: NodeJS.Timeout | null;
  #seenBytes = 0;
  #quietLooks = 0;

  /** @param idleMs without a byte; 0 = never. Does not keep the process alive by itself. */
  constructor(idleMs: number, carriedBytes: () => number, onIdle: () => void) {
    this.#carriedBytes = carriedBytes;
    this.#onIdle = onIdle;
    this.#timer = idleMs > 0 ? setInterval(() => this.#look(), Math.ceil(idleMs / looks)).unref() : null;
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }

  #look(): void {
    const bytes = this.#carriedBytes();
    // The bytes that are new may have come at the very end of this time.
    this.#quietLooks = bytes === this.#seenBytes ? this.#quietLooks + 1 : 0;
    this.#seenBytes = bytes;
    if (this.#quietLooks < looks) return;
    this.stop();
    this.#onIdle();
  }
}
