import type { ServerHttp2Stream } from 'node:http2';
import type { ProxyFailure } from '../../http/failure.ts';
import type { HeaderList } from '../../http/header-list.ts';
import type { BodySink } from '../../http/transport.ts';
import { IdleTimer } from '../idle-timer.ts';
import { fieldObject } from './response-fields.ts';

/** Less than this is copied, so that its owner can have it back at once; more is waited for. */
const copiedBytesMax = 16 * 1024;

/** How the end of a body is known: by its length in bytes, by END_STREAM alone, or there is none and what is pushed is dropped. */
export type StreamFraming = number | 'open' | 'bodyless';

export interface StreamSinkOwner {
  /** Everything has been handed over. */
  onSent(): void;
  /** What was sent must not look whole. */
  onCut(): void;
}

/** The body of a response on its stream. It holds what is pushed to what the head promised. */
export class StreamSink implements BodySink {
  onDrain: (() => void) | null = null;
  readonly #stream: ServerHttp2Stream;
  readonly #framing: StreamFraming;
  readonly #owner: StreamSinkOwner;
  /** A client that takes nothing for this long, or opens no window, while there is something for it. */
  readonly #stall: IdleTimer;
  #left: number;
  #trailers: HeaderList | null = null;
  /** A chunk is on its way that is its owner's again only when it has been taken. */
  #lent = false;
  #done = false;

  /** @param stream has been given its head; for `open` it waits for trailers. */
  constructor(stream: ServerHttp2Stream, framing: StreamFraming, stallMs: number, owner: StreamSinkOwner) {
    this.#stream = stream;
    this.#framing = framing;
    this.#owner = owner;
    this.#left = typeof framing === 'number' ? framing : 0;
    this.#stall = new IdleTimer(stallMs, () => this.#cut());
    if (framing === 'open') stream.once('wantTrailers', this.#onWantTrailers);
    if (framing === 'open' || this.#left > 0) stream.on('drain', this.#onDrained);
  }

  write(chunk: Uint8Array): boolean {
    const { length } = chunk;
    if (this.#done || length === 0 || this.#framing === 'bodyless') return true;
    if (this.#framing !== 'open') {
      this.#left -= length;
      if (this.#left < 0) {
        this.#cut();
        return true;
      }
    }
    const stream = this.#stream;
    if (length < copiedBytesMax) {
      if (stream.write(Buffer.from(chunk))) return true;
    } else {
      this.#lent = true;
      stream.write(chunk, this.#onTaken);
    }
    this.#stall.touch();
    return false;
  }

  end(trailers?: HeaderList): void {
    if (this.#done) return;
    if (this.#left > 0) {
      this.#cut();
      return;
    }
    this.#done = true;
    this.onDrain = null;
    this.#trailers = trailers ?? null;
    this.#stall.touch();
    const stream = this.#stream;
    // With HEAD node has ended the stream before anybody asked.
    if (stream.writableFinished) queueMicrotask(this.#onFinish);
    else if (this.#framing !== 'open') stream.once('finish', this.#onFinish);
    stream.end();
  }

  abort(_failure: ProxyFailure): void {
    if (!this.#done) this.#cut();
  }

  /** The stream is gone. */
  close(): void {
    this.#done = true;
    this.onDrain = null;
    this.#stall.stop();
  }

  readonly #onTaken = (): void => {
    this.#lent = false;
    this.#onDrained();
  };

  readonly #onDrained = (): void => {
    if (this.#done || this.#lent) return;
    this.#stall.stop();
    this.onDrain?.();
  };

  readonly #onFinish = (): void => {
    this.#stall.stop();
    this.#owner.onSent();
  };

  /** The body has gone out, and the stream is open for a last word. */
  readonly #onWantTrailers = (): void => {
    const trailers = this.#trailers;
    this.#stream.sendTrailers(trailers === null ? {} : fieldObject(trailers));
    // node sends them in an immediate of its own, which is before this one.
    setImmediate(this.#onFinish);
  };

  #cut(): void {
    this.close();
    this.#owner.onCut();
  }
}
