const done = { value: undefined, done: true } as const;

/**
 * Texts that whatever carries an answer takes one after another, at its own pace. An iterator by hand, because a generator that waits
 * for its next text cannot be ended.
 */
export abstract class TakenTexts implements AsyncIterableIterator<string> {
  readonly #onEnd: () => void;
  #wake: ((result: IteratorResult<string>) => void) | null = null;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** The next text; null = there is none yet. */
  protected abstract take(): string | null;

  protected get ended(): boolean {
    return this.#ended;
  }

  /** There may be a text for whoever waits for one. */
  protected offer(): void {
    if (this.#wake === null) return;
    const value = this.take();
    if (value === null) return;
    this.#wake({ value, done: false });
    this.#wake = null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    const value = this.take();
    if (value !== null) return Promise.resolve({ value, done: false });
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Whoever takes them has left, or there are no more. */
  return(): Promise<IteratorResult<string>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#onEnd();
    }
    this.#wake?.(done);
    this.#wake = null;
    return Promise.resolve(done);
  }
}
