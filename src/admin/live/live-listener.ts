import { TakenTexts } from '../taken-texts.ts';
import type { LiveTopic } from './live-topic.ts';

/** One who looks on. Nothing waits for it: it is given the newest there is when it asks. */
export class LiveListener extends TakenTexts {
  readonly #topic: LiveTopic;
  /** The look that it has heard of last. */
  #heard = 0;
  #look = 0;
  // A first word, so that the head of the answer goes out.
  #first = 'retry: 3000\n\n';

  constructor(topic: LiveTopic, onEnd: () => void) {
    super(onEnd);
    this.#topic = topic;
  }

  /** There may be news. */
  looked(look: number): void {
    this.#look = look;
    this.offer();
  }

  protected override take(): string | null {
    if (this.ended) return null;
    const text = this.#first + this.#topic.since(this.#heard);
    this.#first = '';
    this.#heard = this.#look;
    return text === '' ? null : text;
  }
}
