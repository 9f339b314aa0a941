import type { ServerHttp2Stream } from 'node:http2';
import type { ProxyFailure } from '../../http/failure.ts';
import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import type { BodySink } from '../../http/transport.ts';
import { fieldLinesMax } from '../h1/field-lines.ts';
import { IdleTimer } from '../node/idle-timer.ts';
import { isValue } from './field-section.ts';

/** What the trailers of a request may have as field lines, as in HTTP/1.1. */
const trailerBytesMax = 8 * 1024;

export interface IncomingBodyAbout {
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
  #trailers: HeaderList | null | 'bad' = null;
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
    stream.on('trailers', this.#onTrailers);
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

  readonly #onTrailers = (_headers: unknown, _flags: number, flat: string[]): void => {
    this.#trailers = readTrailers(flat);
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
    const trailers = this.#trailers;
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
    this.#stream.off('trailers', this.#onTrailers);
  }
}

/** What a backend could take for framing makes them bad, as does what no field line could carry. */
function readTrailers(flat: readonly string[]): HeaderList | 'bad' {
  if (flat.length > 2 * fieldLinesMax) return 'bad';
  let bytes = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    bytes += name.length + value.length + 4;
    if (!isValue(value) || framingNames.has(name.replaceAll('_', '-'))) return 'bad';
  }
  if (bytes > trailerBytesMax) return 'bad';
  const trailers = new FlatHeaderList(flat.slice());
  stripTrailers(trailers);
  return trailers;
}

const framingNames = new Set(['content-length', 'transfer-encoding']);
