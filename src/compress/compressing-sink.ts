import type { Clock, Timer } from '../base/clock.ts';
import type { ContentCoding } from '../http/accept-encoding.ts';
import { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import { type Compressor, createCompressor, flushKind } from './compressor.ts';
import { withoutDigests } from './encodable.ts';

/** Compressed at a time: each time costs a turn of another thread. So much is held back where the compressor is busy. */
const batchBytes = 32 * 1024;

/** How long a byte may wait for company: the body of a backend that pauses is not held up any longer, nor cut into crumbs. */
const pauseMs = 10;

/**
 * A response body on its way to a client, compressed. It takes as much as the client does: what comes is gathered, and given to
 * the compressor only when all that came before has left it.
 */
export class CompressingSink implements BodySink {
  onDrain: (() => void) | null = null;
  readonly #to: BodySink;
  readonly #compressor: Compressor;
  readonly #flushKind: number;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #busy = false;
  /** The pusher has been told that it is enough for now. */
  #full = false;
  /** Set while something has come that was not flushed. */
  #pause: Timer | null = null;
  #flushDue = false;
  #ending: { readonly trailers: HeaderList | undefined } | null = null;
  #over = false;

  /**
   * @param about.bytes of the body as it comes; null = not known.
   * @param about.onOver called once, when its compressor is needed no longer.
   */
  constructor(
    to: BodySink,
    about: {
      readonly coding: ContentCoding;
      readonly bytes: number | null;
      readonly clock: Clock;
      readonly onOver: () => void;
    },
  ) {
    this.#to = to;
    this.#clock = about.clock;
    this.#onOver = about.onOver;
    this.#flushKind = flushKind(about.coding);
    const compressor = createCompressor(about.coding, about.bytes);
    this.#compressor = compressor;
    compressor.on('data', (chunk: Buffer) => {
      if (!this.#over && !to.write(chunk)) compressor.pause();
    });
    compressor.on('end', () => this.#finish());
    compressor.on('error', (cause) => this.abort(new ProxyFailure('proxy-error', { source: 'proxy', cause })));
    to.onDrain = () => compressor.resume();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#over || chunk.length === 0) return true;
    // A copy, because its owner wants it back before it can be compressed.
    this.#pending.push(Buffer.from(chunk));
    this.#pendingBytes += chunk.length;
    this.#pause ??= this.#clock.setTimeout(this.#onPause, pauseMs);
    this.#work();
    this.#full = this.#pendingBytes >= batchBytes;
    return !this.#full;
  }

  end(trailers?: HeaderList): void {
    if (this.#over || this.#ending !== null) return;
    this.#ending = { trailers };
    this.#work();
  }

  abort(failure: ProxyFailure): void {
    if (this.#over) return;
    this.stop();
    this.#to.abort(failure);
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.#over) return;
    this.#release();
    this.#compressor.destroy();
  }

  readonly #onPause = (): void => {
    this.#pause = null;
    this.#flushDue = true;
    this.#work();
  };

  /** Gives the compressor what it should have by now, once it is done with what it had before. */
  #work(): void {
    if (this.#busy || this.#over) return;
    if (this.#ending !== null) {
      this.#busy = true;
      this.#pause?.cancel();
      this.#compressor.end(this.#takePending());
    } else if (this.#flushDue) {
      this.#busy = true;
      this.#flushDue = false;
      if (this.#pendingBytes > 0) this.#compressor.write(this.#takePending());
      this.#compressor.flush(this.#flushKind, this.#onWorked);
    } else if (this.#pendingBytes >= batchBytes) {
      this.#busy = true;
      this.#compressor.write(this.#takePending(), this.#onWorked);
    }
  }

  readonly #onWorked = (): void => {
    this.#busy = false;
    if (this.#over) return;
    this.#work();
    if (!this.#full || this.#pendingBytes >= batchBytes) return;
    this.#full = false;
    this.onDrain?.();
  };

  #takePending(): Buffer {
    const [first] = this.#pending;
    const taken = this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return taken;
  }

  #finish(): void {
    if (this.#over) return;
    const trailers = this.#ending?.trailers;
    this.#release();
    this.#to.onDrain = null;
    this.#to.end(trailers === undefined ? undefined : withoutDigests(trailers));
  }

  #release(): void {
    this.#over = true;
    this.onDrain = null;
    this.#pause?.cancel();
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onOver();
  }
}
