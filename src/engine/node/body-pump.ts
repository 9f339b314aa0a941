import type { IncomingMessage } from 'node:http';
import type { ProxyFailure } from '../../http/failure.ts';
import { FlatHeaderList } from '../../http/header-list.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import type { BodySink } from '../../http/transport.ts';
import { IdleTimer } from './idle-timer.ts';

/**
 * Carries the body of one message into a sink: stops reading while the sink is full, ends it only where the framing says so,
 * and aborts it on everything else.
 */
export class BodyPump {
  readonly #message: IncomingMessage;
  readonly #sink: BodySink;
  readonly #idle: IdleTimer;
  readonly #onFlow: ((bytes: number) => void) | undefined;
  readonly #paceBytes: number;
  /** Since the idle time began. */
  #bytes = 0;
  #done = false;

  /**
   * @param about.idleMs without a byte from the sender, not counting the time in which the sink holds it up; 0 = unlimited.
   * @param about.paceBytes must come before that time begins anew; any byte will do where nothing is said.
   * @param about.onIdle decides what that means; it is expected to call `fail`.
   */
  constructor(
    message: IncomingMessage,
    sink: BodySink,
    about: {
      readonly idleMs: number;
      readonly paceBytes?: number;
      readonly onIdle: () => void;
      readonly onFlow?: (bytes: number) => void;
    },
  ) {
    this.#message = message;
    this.#sink = sink;
    this.#idle = new IdleTimer(about.idleMs, about.onIdle);
    this.#onFlow = about.onFlow;
    this.#paceBytes = about.paceBytes ?? 1;
  }

  /** Nothing of the message is missing, whatever its connection does next. */
  get complete(): boolean {
    return this.#message.complete;
  }

  start(): void {
    this.#sink.onDrain = () => this.#resume();
    this.#idle.touch();
    this.#message.on('data', this.#onData);
    this.#message.on('end', this.#onEnd);
  }

  /** The body will not be completed. */
  fail(failure: ProxyFailure): void {
    if (this.#done) return;
    this.#stop();
    this.#sink.abort(failure);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#done) return;
    this.#onFlow?.(chunk.length);
    this.#bytes += chunk.length;
    if (this.#sink.write(chunk)) {
      if (this.#bytes >= this.#paceBytes) this.#touch();
      return;
    }
    this.#idle.stop();
    this.#message.pause();
  };

  #resume(): void {
    if (this.#done) return;
    this.#touch();
    this.#message.resume();
  }

  #touch(): void {
    this.#bytes = 0;
    this.#idle.touch();
  }

  readonly #onEnd = (): void => {
    // node ends a body that was cut as well as a whole one; only a whole one is `complete`.
    if (this.#done || !this.#message.complete) return;
    this.#stop();
    const trailers = new FlatHeaderList(this.#message.rawTrailers.slice());
    stripTrailers(trailers);
    if (trailers.size > 0) this.#sink.end(trailers);
    else this.#sink.end();
  };

  #stop(): void {
    this.#done = true;
    this.#idle.stop();
    this.#sink.onDrain = null;
    this.#message.off('data', this.#onData);
    this.#message.off('end', this.#onEnd);
  }
}
