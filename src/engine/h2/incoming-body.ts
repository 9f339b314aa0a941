import type { ServerHttp2Stream } from 'node:http2';
import type { ProxyFailure } from '../../http/failure.ts';
import type { BodySink } from '../../http/transport.ts';
import { IdleTimer } from '../node/idle-timer.ts';
import type { RequestTrailers } from './request-trailers.ts';

export interface IncomingBodyAbout {
  /** null = it can have none. */
  readonly trailers: RequestTrailers | null;
  /** Without `paceBytes` of it, not counting the time in which the sink holds it up; 0 = unlimited. */
  readonly stallMs: number;
  readonly paceBytes: number;
  /** Expected to call `fail`. */
  readonly onStall: () => void;
  /** Its trailers cannot be passed on; expected to call `fail`. */
  readonly onBad: () => void;
  /** It has been read to its end. */
  readonly onEnd: () => void;
}

/** The body of a request between its stream and the sink that wants it. */
export class IncomingBody {
  readonly #stream: ServerHttp2Stream;
  readonly #sink: BodySink;
  readonly #about: IncomingBodyAbout;
  readonly #stall: IdleTimer;
  /** Since the time to stall began. */
  #bytes = 0;
  #done = false;

  constructor(stream: ServerHttp2Stream, sink: BodySink, about: IncomingBodyAbout) {
    this.#stream = stream;
    this.#sink = sink;
    this.#about = about;
    this.#stall = new IdleTimer(about.stallMs, about.onStall);
  }

  start(): void {
    this.#sink.onDrain = () => this.#resume();
    this.#stall.touch();
    const stream = this.#stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
  }

  /** The body will not be completed. */
  fail(failure: ProxyFailure): void {
    if (this.#done) return;
    this.#stop();
    this.#sink.abort(failure);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#done) return;
    this.#bytes += chunk.length;
    if (this.#sink.write(chunk)) {
      if (this.#bytes >= this.#about.paceBytes) this.#touch();
      return;
    }
    this.#stall.stop();
    this.#stream.pause();
  };

  #resume(): void {
    if (this.#done) return;
    this.#touch();
    this.#stream.resume();
  }

  #touch(): void {
    this.#bytes = 0;
    this.#stall.touch();
  }

  readonly #onEnd = (): void => {
    // node ends a body that was reset, too, even with the code of no error; only where the stream is open was it END_STREAM.
    if (this.#done || this.#stream.closed) return;
    const trailers = this.#about.trailers?.read() ?? null;
    if (trailers === 'bad') {
      this.#about.onBad();
      return;
    }
    this.#stop();
    this.#about.onEnd();
    if (trailers !== null && trailers.size > 0) this.#sink.end(trailers);
    else this.#sink.end();
  };

  #stop(): void {
    this.#done = true;
    this.#stall.stop();
    this.#sink.onDrain = null;
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
  }
}
