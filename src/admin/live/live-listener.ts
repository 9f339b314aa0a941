import type { LiveTopic } from './live-topic.ts';

/**
 * One who looks on. Whatever carries the answer takes text after text at its own pace, and nothing waits for it: it is given
 * the newest there is when it asks. An iterator by hand, because a generator that waits for its next event cannot be ended.
 */
export class LiveListener implements AsyncIterableIterator<string> {
  readonly #topic: LiveTopic;
  readonly #onEnd: () => void;
  /** The look that it has heard of last. */
  #heard = 0;
  #look = 0;
  #wake: ((result: IteratorResult<string>) => void) | null = null;
  #ended = false;
  // A first word, so that the head of the answer goes out.
  #first = 'retry: 3000\n\n';

  constructor(topic: LiveTopic, onEnd: () => void) {
    this.#topic = topic;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** There may be news. */
  looked(look: number): void {
    this.#look = look;
    if (this.#wake === null) return;
    const value = this.#take();
    if (value === '') return;
    this.#wake({ value, done: false });
    this.#wake = null;
  }

  next(): Promise<IteratorResult<string>> {
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    const value = this.#take();
    if (value !== '') return Promise.resolve({ value, done: false });
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** It has left, or nobody is told any more. */
  return(): Promise<IteratorResult<string>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#onEnd();
    }
    this.#wake?.({ value: undefined, done: true });
    this.#wake = null;
    return Promise.resolve({ value: undefined, done: true });
  }

  #take(): string {
    const text = this.#first + this.#topic.since(this.#heard);
    this.#first = '';
    this.#heard = this.#look;
    return text;
  }
}
