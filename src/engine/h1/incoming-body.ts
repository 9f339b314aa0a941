import type { ProxyFailure } from '../../http/failure.ts';
import type { BodyLength } from '../../http/head.ts';
import type { BodySink } from '../../http/transport.ts';
import { BodyReader, type BodyTaker, type ReadVerdict } from './body-reader.ts';
import { discardBytesMax } from './connection-world.ts';
import { trailersOf } from './trailers.ts';

/** The body of a request between the bytes that arrive and the sink that wants them, or nobody does. */
export class IncomingBody implements BodyTaker {
  readonly #reader: BodyReader;
  #sink: BodySink | null = null;
  #full = false;
  #lent = false;
  #discarding = false;
  #failed = false;

  constructor(bodyLength: BodyLength) {
    this.#reader = new BodyReader(bodyLength, false);
  }

  /** The answer is complete; what is left of the request is swallowed. */
  get discarding(): boolean {
    return this.#discarding;
  }

  /** Somebody takes bytes now. */
  get flows(): boolean {
    return this.#discarding || (this.#sink !== null && !this.#full);
  }

  /** The sink has enough for now. */
  get full(): boolean {
    return this.#full;
  }

  /** The sink has not done with bytes that it was given, or nobody knows whether it has. */
  get lent(): boolean {
    return this.#lent;
  }

  /** Bytes that are still to be read; Infinity where nobody knows. */
  get owedBytes(): number {
    return this.#failed ? 0 : this.#reader.owedBytes;
  }

  /** So little is to come that it can be swallowed, and the connection live on. */
  get discardable(): boolean {
    return !this.#failed && this.#reader.owedBytes <= discardBytesMax;
  }

  /** Up to where the last bytes were read. */
  get at(): number {
    return this.#reader.at;
  }

  /** @param onDrain called when the sink can take more after it was full. */
  receive(sink: BodySink, onDrain: () => void): void {
    this.#sink = sink;
    sink.onDrain = () => {
      this.#full = false;
      this.#lent = false;
      onDrain();
    };
  }

  read(bytes: Buffer): ReadVerdict {
    return this.#reader.read(bytes, 0, bytes.length, this);
  }

  onData(bytes: Buffer, from: number, to: number): boolean {
    if (this.#sink === null) return true;
    this.#full = !this.#sink.write(bytes.subarray(from, to));
    this.#lent = this.#full;
    return !this.#full;
  }

  /** Every byte has been read. */
  end(): void {
    this.#takeSink()?.end(trailersOf(this.#reader.trailers));
  }

  /** It will not be completed, or nobody wants it any more. */
  abort(failure: ProxyFailure): void {
    this.#takeSink()?.abort(failure);
  }

  /** It cannot be read to its end: nothing behind it can be found. */
  fail(failure: ProxyFailure): void {
    this.#failed = true;
    this.abort(failure);
  }

  discard(): void {
    this.#discarding = true;
    this.#full = false;
  }

  #takeSink(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    this.#full = false;
    if (sink !== null) sink.onDrain = null;
    return sink;
  }
}
