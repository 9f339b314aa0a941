/** Fires when nothing has touched it for a while; 0 ms = never. Does not keep the process alive by itself. */
export class IdleTimer {
  readonly #ms: number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(ms: number, onIdle: () => void) {
    this.#ms = ms;
    this.#onIdle = onIdle;
  }

  /** Starts the wait, or starts it anew. */
  touch(): void {
    if (this.#ms <= 0) return;
    // refresh() re-arms in place: no allocation per chunk.
    if (this.#timer === null) this.#timer = setTimeout(this.#onIdle, this.#ms).unref();
    else this.#timer.refresh();
  }

  stop(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
