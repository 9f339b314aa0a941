/** What waits for a listener that reads slowly; what comes beyond it is dropped, and the listener is told how much. */
const waitingMax = 512;

/**
 * One who listens to `/events`: whatever carries the answer takes text after text at its own pace. An iterator by hand, because a
 * generator that waits for its next event cannot be ended.
 */
export class EventListener implements AsyncIterableIterator<string> {
  readonly #onEnd: () => void;
  readonly #waiting: string[] = [];
  #dropped = 0;
  #wake: ((result: IteratorResult<string>) => void) | null = null;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(text: string): void {
    if (this.#ended) return;
    if (this.#waiting.length >= waitingMax) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#put(missedText(this.#dropped));
      this.#dropped = 0;
    }
    this.#put(text);
  }

  /** @param count of events that it will not hear; null = nobody knows. */
  missed(count: number | null): void {
    this.push(missedText(count));
  }

  /** A word to show that the connection lives; where others wait to be read, they do. */
  beat(): void {
    if (this.#waiting.length === 0) this.push(': here\n\n');
  }

  next(): Promise<IteratorResult<string>> {
    const text = this.#waiting.shift();
    if (text !== undefined) return Promise.resolve({ value: text, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    if (this.#dropped > 0) {
      const value = missedText(this.#dropped);
      this.#dropped = 0;
      return Promise.resolve({ value, done: false });
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** It has left, or the feed ends. */
  return(): Promise<IteratorResult<string>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#onEnd();
    }
    this.#wake?.({ value: undefined, done: true });
    this.#wake = null;
    return Promise.resolve({ value: undefined, done: true });
  }

  #put(text: string): void {
    if (this.#wake === null) {
      this.#waiting.push(text);
      return;
    }
    this.#wake({ value: text, done: false });
    this.#wake = null;
  }
}

function missedText(events: number | null): string {
  return `event: dropped\ndata: ${JSON.stringify({ events })}\n\n`;
}
