import type { Readable } from 'node:stream';
import type { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import { IdleTimer } from './idle-timer.ts';

export interface BodyPumpAbout {
  /** Without a byte from the sender, not counting the time in which the sink holds it up; 0 = unlimited. */
  readonly idleMs: number;
  /** Must come before that time begins anew; any byte will do where nothing is said. */
  readonly paceBytes?: number;
  /** Decides what that means; expected to call `fail`. */
  readonly onIdle: () => void;
  readonly onFlow?: (bytes: number) => void;
  /**
   * Asked at the end of the stream, which node gives a body that was cut as well as a whole one: its trailers, null = none. 'cut'
   * = it is not whole, or not fit to be passed on; whoever knows that is expected to call `fail`.
   */
  readonly ending: () => HeaderList | null | 'cut';
}

/**
 * Carries the body of one message into a sink: stops reading while the sink is full, ends it only where the framing says so,
 * and aborts it on everything else.
 */
export class BodyPump {
  readonly #source: Readable;
  readonly #sink: BodySink;
  readonly #about: BodyPumpAbout;
  readonly #idle: IdleTimer;
  /** Since the idle time began. */
  #bytes = 0;
  #done = false;

  constructor(source: Readable, sink: BodySink, about: BodyPumpAbout) {
    this.#source = source;
    this.#sink = sink;
    this.#about = about;
    this.#idle = new IdleTimer(about.idleMs, about.onIdle);
  }

  start(): void {
    this.#sink.onDrain = () => this.#resume();
    this.#idle.touch();
    this.#source.on('data', this.#onData);
    this.#source.on('end', this.#onEnd);
  }

  /** The body will not be completed. */
  fail(failure: ProxyFailure): void {
    if (this.#done) return;
    this.#stop();
    this.#sink.abort(failure);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#done) return;
    this.#about.onFlow?.(chunk.length);
    this.#bytes += chunk.length;
    if (this.#sink.write(chunk)) {
      if (this.#bytes >= (this.#about.paceBytes ?? 1)) this.#touch();
      return;
    }
    this.#idle.stop();
    this.#source.pause();
  };

  #resume(): void {
    if (this.#done) return;
    this.#touch();
    this.#source.resume();
  }

  #touch(): void {
    this.#bytes = 0;
    this.#idle.touch();
  }

  readonly #onEnd = (): void => {
    if (this.#done) return;
    const trailers = this.#about.ending();
    if (trailers === 'cut') return;
    this.#stop();
    if (trailers !== null && trailers.size > 0) this.#sink.end(trailers);
    else this.#sink.end();
  };

  #stop(): void {
    this.#done = true;
    this.#idle.stop();
    this.#sink.onDrain = null;
    this.#source.off('data', this.#onData);
    this.#source.off('end', this.#onEnd);
  }
}
