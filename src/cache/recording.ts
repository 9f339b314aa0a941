import { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import type { RecordingRoom } from './recording-room.ts';
import type { Sending, StoredBody } from './stored-body.ts';

/** Bytes that are held for whoever is slowest once nothing is kept any more; the backend waits meanwhile. */
const windowBytes = 256 * 1024;

export interface RecordingEvents {
  /** The whole body, if it was kept. */
  onEnd(content: Uint8Array | null): void;
  onFailure(): void;
  /** Nobody wants it any more, and it is not kept. */
  onDeserted(): void;
}

/**
 * A body that is kept while it comes, and read by several at once, each at its own pace. While all of it is held, nobody waits
 * for anybody. One that turns out too large is only passed on: then the backend is held to the pace of the slowest reader.
 */
export class Recording implements BodySink, StoredBody {
  onDrain: (() => void) | null = null;
  /** As the head says; null = it does not. */
  readonly bytes: number | null;
  readonly #room: RecordingRoom;
  readonly #bytesMax: number;
  readonly #events: RecordingEvents;
  /** Chunks from number `#firstNumber` on. */
  #chunks: Uint8Array[] = [];
  #firstNumber = 0;
  #heldBytes = 0;
  #receivedBytes = 0;
  #kept = true;
  #held = false;
  #end: { readonly trailers: HeaderList | undefined } | ProxyFailure | null = null;
  readonly #readers = new Set<Reader>();

  /** @param bytesMax a longer body is not kept. */
  constructor(bytes: number | null, options: { bytesMax: number; room: RecordingRoom; events: RecordingEvents }) {
    this.bytes = bytes;
    this.#bytesMax = options.bytesMax;
    this.#room = options.room;
    this.#events = options.events;
  }

  write(chunk: Uint8Array): boolean {
    this.#receivedBytes += chunk.length;
    if (this.#kept && (this.#receivedBytes > this.#bytesMax || !this.#room.take(chunk.length))) this.#letGo();
    // The engine uses its buffer again.
    this.#chunks.push(Uint8Array.prototype.slice.call(chunk));
    this.#heldBytes += chunk.length;
    for (const reader of this.#readers) reader.pump();
    this.#trim();
    this.#held = !this.#kept && this.#heldBytes > windowBytes;
    return !this.#held;
  }

  end(trailers?: HeaderList): void {
    this.#end = { trailers };
    const content = this.#kept ? Buffer.concat(this.#chunks) : null;
    for (const reader of [...this.#readers]) reader.pump();
    this.#release();
    this.#events.onEnd(content);
  }

  abort(failure: ProxyFailure): void {
    this.#end = failure;
    for (const reader of [...this.#readers]) reader.pump();
    this.#release();
    this.#events.onFailure();
  }

  /** Only while nothing of it has been dropped; see `isWhole`. */
  send(sink: BodySink, from: number, to: number | null): Sending {
    const reader: Reader = new Reader(sink, { from, to }, this, () => this.#leave(reader));
    this.#readers.add(reader);
    reader.pump();
    return reader;
  }

  /** Everything that has come so far is held, so that one more may read along. */
  get isWhole(): boolean {
    return this.#kept;
  }

  /** For readers. */
  chunk(number: number): Uint8Array | undefined {
    return this.#chunks[number - this.#firstNumber];
  }

  /** For readers: how it ended, null while it goes on. */
  get ending(): { readonly trailers: HeaderList | undefined } | ProxyFailure | null {
    return this.#end;
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#end !== null) return;
    this.#trim();
    if (this.#readers.size === 0 && !this.#kept) this.#events.onDeserted();
    else this.moved();
  }

  /** For readers: one has taken something. */
  moved(): void {
    if (!this.#held) return;
    this.#trim();
    if (this.#heldBytes > windowBytes / 2) return;
    this.#held = false;
    this.onDrain?.();
  }

  /** From here on it is only passed on. */
  #letGo(): void {
    this.#release();
    if (this.#readers.size === 0) this.#events.onDeserted();
  }

  #release(): void {
    if (!this.#kept) return;
    this.#kept = false;
    this.#room.giveBack(this.#heldBytes);
  }

  /** Drops what everybody has read. */
  #trim(): void {
    if (this.#kept) return;
    let least = this.#firstNumber + this.#chunks.length;
    for (const { number } of this.#readers) least = Math.min(least, number);
    const dropped = this.#chunks.splice(0, least - this.#firstNumber);
    this.#firstNumber = least;
    for (const chunk of dropped) this.#heldBytes -= chunk.length;
  }
}

/** One who reads along. */
class Reader implements Sending {
  /** Of the chunk that is next. */
  number = 0;
  readonly #sink: BodySink;
  readonly #recording: Recording;
  readonly #leave: () => void;
  readonly #to: number | null;
  #skip: number;
  #at: number;
  #waiting = false;
  #over = false;

  constructor(
    sink: BodySink,
    { from, to }: { from: number; to: number | null },
    recording: Recording,
    leave: () => void,
  ) {
    this.#sink = sink;
    this.#recording = recording;
    this.#leave = leave;
    this.#skip = from;
    this.#at = from;
    this.#to = to;
    sink.onDrain = () => {
      this.#waiting = false;
      this.pump();
      recording.moved();
    };
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
  }

  pump(): void {
    while (!this.#over && !this.#waiting) {
      if (this.#to !== null && this.#at >= this.#to) return this.#finish(undefined);
      const chunk = this.#recording.chunk(this.number);
      if (chunk === undefined) break;
      this.number++;
      this.#pass(chunk);
    }
    const { ending } = this.#recording;
    if (this.#over || this.#waiting || ending === null) return;
    if (!(ending instanceof ProxyFailure)) return this.#finish(ending.trailers);
    this.stop();
    this.#sink.abort(ending);
  }

  #pass(chunk: Uint8Array): void {
    if (this.#skip >= chunk.length) {
      this.#skip -= chunk.length;
      return;
    }
    const left = this.#to === null ? chunk.length : this.#skip + this.#to - this.#at;
    const wanted = chunk.subarray(this.#skip, Math.min(chunk.length, left));
    this.#skip = 0;
    this.#at += wanted.length;
    this.#waiting = !this.#sink.write(wanted);
  }

  #finish(trailers: HeaderList | undefined): void {
    this.stop();
    this.#sink.onDrain = null;
    this.#sink.end(trailers);
  }
}
