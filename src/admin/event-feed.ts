import type { Clock, Timer } from '../base/clock.ts';
import { EventListener } from './event-listener.ts';
import { eventText } from './event-text.ts';

/** What is told to those who listen to `/events`. */
export interface FeedEvent {
  readonly name: 'table' | 'health' | 'certificate';
  /** Goes out as JSON. */
  readonly data: object;
}

/** Kept for those who come back. */
const keptMax = 256;
export const listenersMax = 32;
/** So that proxies and listeners see that the connection lives. */
const heartbeatMs = 15_000;

/**
 * What happens, as server-sent events (HTML Living Standard §9.2). An id is the mark of this process and a number: whoever comes
 * back with one hears what it has missed, or how much it has.
 */
export class EventFeed {
  readonly #clock: Clock;
  readonly #mark: string;
  readonly #kept: { readonly number: number; readonly text: string }[] = [];
  readonly #listeners = new Set<EventListener>();
  #number = 0;
  #heartbeat: Timer | null = null;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#mark = clock.now().toString(36);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell({ name, data }: FeedEvent): void {
    const number = ++this.#number;
    const at = new Date(this.#clock.now()).toISOString();
    const text = `id: ${this.#mark}-${number}\n${eventText(name, JSON.stringify({ at, ...data }))}`;
    this.#kept.push({ number, text });
    if (this.#kept.length > keptMax) this.#kept.shift();
    for (const listener of this.#listeners) listener.push(text);
  }

  /**
   * @param lastId of the last event that it has heard.
   * @returns null where as many listen as may.
   */
  listen(lastId: string | undefined): EventListener | null {
    if (this.#closed || this.#listeners.size >= listenersMax) return null;
    const listener: EventListener = new EventListener(() => this.#leave(listener));
    this.#listeners.add(listener);
    // A first word, so that the head of the answer goes out.
    listener.push('retry: 3000\n\n');
    if (lastId !== undefined) this.#catchUp(listener, lastId);
    this.#heartbeat ??= this.#clock.setTimeout(() => this.#beat(), heartbeatMs);
    return listener;
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#closed = true;
    for (const listener of [...this.#listeners]) void listener.return();
  }

  #catchUp(listener: EventListener, lastId: string): void {
    const [mark, heard] = [lastId.slice(0, lastId.lastIndexOf('-')), Number(lastId.slice(lastId.lastIndexOf('-') + 1))];
    if (mark !== this.#mark || !Number.isInteger(heard) || heard < 0 || heard > this.#number)
      // Of another life of the proxy: nobody knows how many.
      return listener.missed(null);
    const oldest = this.#kept[0]?.number ?? this.#number + 1;
    if (oldest > heard + 1) listener.missed(oldest - heard - 1);
    for (const { number, text } of this.#kept) if (number > heard) listener.push(text);
  }

  #beat(): void {
    for (const listener of this.#listeners) listener.beat();
    this.#heartbeat = this.#listeners.size === 0 ? null : this.#clock.setTimeout(() => this.#beat(), heartbeatMs);
  }

  #leave(listener: EventListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#heartbeat?.cancel();
    this.#heartbeat = null;
  }
}
