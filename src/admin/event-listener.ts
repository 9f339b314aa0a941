import { eventText } from './event-text.ts';
import { TakenTexts } from './taken-texts.ts';

/** What waits for a listener that reads slowly; what comes beyond it is dropped, and the listener is told how much. */
const waitingMax = 512;

/** One who listens to `/events`, and hears everything in its order. */
export class EventListener extends TakenTexts {
  readonly #waiting: string[] = [];
  #dropped = 0;

  push(text: string): void {
    if (this.ended) return;
    if (this.#waiting.length >= waitingMax) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#waiting.push(missedText(this.#dropped));
      this.#dropped = 0;
    }
    this.#waiting.push(text);
    this.offer();
  }

  /** @param count of events that it will not hear; null = nobody knows. */
  missed(count: number | null): void {
    this.push(missedText(count));
  }

  /** A word to show that the connection lives; where others wait to be read, they do. */
  beat(): void {
    if (this.#waiting.length === 0) this.push(': here\n\n');
  }

  /** What waited when the feed ended is still told. */
  protected override take(): string | null {
    const text = this.#waiting.shift();
    if (text !== undefined) return text;
    if (this.ended || this.#dropped === 0) return null;
    const missed = missedText(this.#dropped);
    this.#dropped = 0;
    return missed;
  }
}

function missedText(events: number | null): string {
  return eventText('dropped', JSON.stringify({ events }));
}
