import type { TracingStanding } from '../admin/tracing-standing.ts';
import { BackOff } from '../base/back-off.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { SendSpans } from './otlp-client.ts';

/** Spans wait for company so long … */
const gatherMs = 1_000;
/** … or until there is this much of them, which is also what one request carries. */
const requestBytesMax = 512 * 1024;
/** What the collector has not taken yet: beyond this the oldest are dropped. */
const waitingBytesMax = 16 * 1024 * 1024;
/** A collector that wants to be left alone for longer is asked all the same. */
const pauseMsMax = 60_000;

interface Batch {
  readonly bytes: Uint8Array;
  readonly spans: number;
}

/** Brings the spans of all workers to the collector: one request at a time, again after a pause where it cannot take them. */
export class SpanExporter {
  readonly #collector: string;
  readonly #send: SendSpans;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backOff: BackOff;
  readonly #queue: Batch[] = [];
  #waitingBytes = 0;
  #timer: Timer | null = null;
  #isSending = false;
  /** The end of what is being sent now. */
  #sent: Promise<void> = Promise.resolve();
  #isPausing = false;
  #isClosing = false;
  #isClosed = false;
  #exported = 0;
  #dropped = 0;
  #fault: string | null = null;
  #droppedBefore = 0;

  /** @param collector for people. */
  constructor(about: { collector: string; send: SendSpans; clock: Clock; log: Log; random: () => number }) {
    this.#collector = about.collector;
    this.#send = about.send;
    this.#clock = about.clock;
    this.#log = about.log;
    this.#backOff = new BackOff(about.random);
  }

  get standing(): TracingStanding {
    const [collector, exportedSpans, droppedSpans] = [this.#collector, this.#exported, this.#dropped];
    return { collector, exportedSpans, droppedSpans, fault: this.#fault };
  }

  /** @param bytes as `SpanRelay.relay` has them. */
  take(bytes: Uint8Array, spans: number): void {
    if (this.#isClosed) return this.dropped(spans);
    this.#queue.push({ bytes, spans });
    this.#waitingBytes += bytes.length;
    while (this.#waitingBytes > waitingBytesMax) this.#dropOldest();
    this.#plan();
  }

  /** There was no room for them on their way. */
  dropped(spans: number): void {
    this.#dropped += spans;
  }

  /** Resolves when all is delivered, the collector takes no more, or after `timeoutMs`. What is left then is dropped. */
  async close(timeoutMs: number): Promise<void> {
    const late = new AbortController();
    const timer = this.#clock.setTimeout(() => late.abort(), timeoutMs);
    this.#timer?.cancel();
    this.#isClosing = true;
    await Promise.race([this.#emptied(late.signal), aborted(late.signal)]);
    timer.cancel();
    this.#isClosed = true;
    const lost = this.#queue.splice(0).reduce((sum, { spans }) => sum + spans, 0);
    this.#dropped += lost;
    if (lost > 0) this.#log.warn({ spans: lost }, 'spans were not delivered before the proxy stopped');
  }

  async #emptied(signal: AbortSignal): Promise<void> {
    await this.#sent;
    this.#isPausing = false;
    while (this.#queue.length > 0 && !this.#isPausing && !signal.aborted) await this.#sendNext();
  }

  #plan(): void {
    if (this.#isSending || this.#isPausing || this.#isClosing) return;
    if (this.#waitingBytes >= requestBytesMax) {
      this.#timer?.cancel();
      this.#timer = null;
      this.#sent = this.#sendNext();
    } else if (this.#timer === null && this.#queue.length > 0) {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = null;
        if (this.#queue.length > 0) this.#sent = this.#sendNext();
      }, gatherMs);
    }
  }

  async #sendNext(): Promise<void> {
    this.#isSending = true;
    const batches = this.#gathered();
    const spans = batches.reduce((sum, one) => sum + one.spans, 0);
    const outcome = await this.#send(batches.map(({ bytes }) => bytes));
    this.#isSending = false;
    if (this.#isClosed) return;
    switch (outcome.kind) {
      case 'taken':
        this.#exported += spans - Math.min(spans, outcome.rejected);
        this.#dropped += Math.min(spans, outcome.rejected);
        this.#took(outcome.rejected > 0 ? `it rejects spans: ${outcome.why}` : null);
        break;
      case 'refused':
        this.#dropped += spans;
        this.#took(outcome.why);
        break;
      case 'later':
        this.#queue.unshift(...batches);
        for (const { bytes } of batches) this.#waitingBytes += bytes.length;
        while (this.#waitingBytes > waitingBytesMax) this.#dropOldest();
        this.#failed(outcome.why);
        this.#pause(Math.min(Math.max(this.#backOff.next(), outcome.pauseMs), pauseMsMax));
        return;
      default:
        outcome satisfies never;
    }
    this.#backOff.reset();
    this.#plan();
  }

  #gathered(): Batch[] {
    const batches: Batch[] = [];
    let bytes = 0;
    for (let one = this.#queue[0]; one !== undefined; one = this.#queue[0]) {
      if (batches.length > 0 && bytes + one.bytes.length > requestBytesMax) break;
      bytes += one.bytes.length;
      batches.push(one);
      this.#queue.shift();
    }
    this.#waitingBytes -= bytes;
    return batches;
  }

  #dropOldest(): void {
    const oldest = this.#queue.shift();
    if (oldest === undefined) return;
    this.#waitingBytes -= oldest.bytes.length;
    this.#dropped += oldest.spans;
  }

  #pause(ms: number): void {
    this.#isPausing = true;
    if (this.#isClosing) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.#isPausing = false;
      if (this.#queue.length > 0) this.#sent = this.#sendNext();
    }, ms);
  }

  /** It is there. @param fault why it wants none of it all the same. */
  #took(fault: string | null): void {
    if (fault !== null) return this.#failed(fault);
    if (this.#fault === null) return;
    this.#fault = null;
    const dropped = this.#dropped - this.#droppedBefore;
    this.#log.info({ collector: this.#collector, dropped }, 'spans are delivered again');
  }

  #failed(fault: string): void {
    const isNew = this.#fault === null;
    this.#fault = fault;
    if (!isNew) return;
    this.#droppedBefore = this.#dropped;
    this.#log.warn(
      { collector: this.#collector, cause: fault },
      'spans cannot be delivered: they wait, and the oldest are dropped beyond 16 MiB',
    );
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
