import { ProxyFailure } from '../http/failure.ts';
import type { BodySink } from '../http/transport.ts';
import type { Recording } from './recording.ts';
import type { Sending } from './stored-body.ts';

/** One who reads along while a body comes. */
export class RecordingReader implements Sending {
  /** Of the next byte that it takes. */
  position: number;
  readonly #recording: Recording;
  readonly #sink: BodySink;
  readonly #to: number | null;
  /** The sink has enough for now. */
  #full = false;
  /** The disk is asked. */
  #reading = false;
  #over = false;

  constructor(recording: Recording, sink: BodySink, { from, to }: { from: number; to: number | null }) {
    this.#recording = recording;
    this.#sink = sink;
    this.position = from;
    this.#to = to;
    sink.onDrain = () => {
      this.#full = false;
      this.pump();
      recording.moved();
    };
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#recording.leave(this);
  }

  /** Takes what is there, as long as the sink does. */
  pump(): void {
    while (!this.#over && !this.#full && !this.#reading) {
      if (this.#to !== null && this.position >= this.#to) return this.#finish();
      const chunk = this.#recording.read(this.position);
      if (chunk === null) return this.#atEnd();
      if (chunk instanceof Promise) {
        this.#reading = true;
        chunk.then(
          (bytes) => this.#fromDisk(bytes),
          () => this.#fromDisk(new Uint8Array(0)),
        );
        return;
      }
      this.#pass(chunk);
    }
  }

  #fromDisk(bytes: Uint8Array): void {
    this.#reading = false;
    if (this.#over) return;
    this.#pass(bytes);
    this.pump();
  }

  #pass(chunk: Uint8Array): void {
    if (chunk.length === 0)
      return this.#fail(new ProxyFailure('proxy-error', { source: 'proxy', message: 'the disk failed' }));
    const wanted = this.#to === null ? chunk : chunk.subarray(0, this.#to - this.position);
    this.position += wanted.length;
    this.#full = !this.#sink.write(wanted);
  }

  /** Nothing more is there: perhaps nothing more will be. */
  #atEnd(): void {
    const { ending } = this.#recording;
    if (ending === null) return;
    if (ending instanceof ProxyFailure) this.#fail(ending);
    else this.#finish(ending.trailers);
  }

  #finish(trailers?: Parameters<BodySink['end']>[0]): void {
    this.stop();
    this.#sink.onDrain = null;
    this.#sink.end(trailers);
  }

  #fail(failure: ProxyFailure): void {
    this.stop();
    this.#sink.onDrain = null;
    this.#sink.abort(failure);
  }
}
