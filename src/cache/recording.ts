import { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import type { DiskTape } from './disk/disk-tape.ts';
import { HeldChunks } from './held-chunks.ts';
import { RecordingReader } from './recording-reader.ts';
import type { RecordingRoom } from './recording-room.ts';
import type { Sending, StoredBody } from './stored-body.ts';

/** Bytes that are held for the disk, or for whoever is slowest once nothing is kept any more; the backend waits meanwhile. */
const windowBytes = 512 * 1024;

/** How a body ended. */
export type Ending = { readonly trailers: HeaderList | undefined } | ProxyFailure;

/** A whole body that is to be kept. */
export type Recorded =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  | { readonly kind: 'tape'; readonly tape: DiskTape };

export interface RecordingOptions {
  /** A longer body goes to the disk. */
  readonly memoryBytesMax: number;
  /** A longer body is not kept. */
  readonly bytesMax: number;
  readonly room: RecordingRoom;
  /** null = there is no place on disk. */
  readonly tape: () => DiskTape | null;
  readonly events: {
    /** null = it was not kept. */
    onEnd(recorded: Recorded | null): void;
    onFailure(): void;
    /** Nobody wants it any more, and it is not kept. */
    onDeserted(): void;
  };
}

/**
 * A body that is kept while it comes, and read by several at once, each at its own pace: a small one in memory, a large one in a
 * growing file. One that turns out too large is only passed on: then the backend is held to the pace of the slowest reader.
 */
export class Recording implements BodySink, StoredBody {
  onDrain: (() => void) | null = null;
  /** As the head says; null = it does not. */
  readonly bytes: number | null;
  readonly #options: RecordingOptions;
  readonly #held = new HeldChunks();
  readonly #readers = new Set<RecordingReader>();
  #mode: 'memory' | 'tape' | 'passing' = 'memory';
  #tape: DiskTape | null = null;
  #takenBytes = 0;
  /** Who is about to read. */
  #wanted = 0;
  #full = false;
  #ending: Ending | null = null;

  constructor(bytes: number | null, options: RecordingOptions) {
    this.bytes = bytes;
    this.#options = options;
    if (bytes !== null && bytes > options.memoryBytesMax) this.#toTape();
  }

  /** Everything that has come so far can still be read, and nothing is known to be missing. */
  get isWhole(): boolean {
    return this.#mode !== 'passing' && !(this.#ending instanceof ProxyFailure);
  }

  /** null while it goes on. */
  get ending(): Ending | null {
    return this.#ending;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#mode === 'memory' && !this.#takesInMemory(chunk.length)) this.#toTape();
    if (this.#mode === 'tape' && this.#held.to + chunk.length > this.#options.bytesMax) this.#letGo();
    // The engine uses its buffer again.
    const own = Uint8Array.prototype.slice.call(chunk);
    this.#held.push(own);
    if (this.#mode === 'tape') this.#tape?.append(own);
    this.#toReaders();
    this.#trim();
    this.#full = this.#mode !== 'memory' && this.#held.bytes > windowBytes;
    return !this.#full;
  }

  end(trailers?: HeaderList): void {
    this.#ending = { trailers };
    const recorded = this.#recorded();
    this.#toReaders();
    this.#giveBack();
    this.#options.events.onEnd(recorded);
    this.#releaseTape();
  }

  abort(failure: ProxyFailure): void {
    this.#ending = failure;
    void this.#tape?.discard();
    this.#toReaders();
    this.#giveBack();
    this.#options.events.onFailure();
    this.#releaseTape();
  }

  retain(): void {
    this.#wanted++;
  }

  release(): void {
    this.#wanted--;
    if (this.#ending !== null) this.#releaseTape();
  }

  /** Only while it is whole. */
  send(sink: BodySink, from: number, to: number | null): Sending {
    const reader = new RecordingReader(this, sink, { from, to });
    this.#readers.add(reader);
    reader.pump();
    return reader;
  }

  /** For readers: what is there from a position on; a promise where it is on disk, null where it has not come. */
  read(position: number): Uint8Array | Promise<Uint8Array> | null {
    if (position >= this.#held.to) return null;
    if (position >= this.#held.from) return this.#held.at(position);
    return this.#tape?.read(position, windowBytes / 8) ?? new Uint8Array(0);
  }

  /** For readers: one has taken something. */
  moved(): void {
    this.#trim();
    if (!this.#full || this.#held.bytes > windowBytes / 2) return;
    this.#full = false;
    this.onDrain?.();
  }

  /** For readers: one wants no more. */
  leave(reader: RecordingReader): void {
    if (!this.#readers.delete(reader)) return;
    if (this.#ending !== null) return this.#releaseTape();
    if (this.#readers.size === 0 && this.#mode === 'passing') this.#options.events.onDeserted();
    else this.moved();
  }

  #takesInMemory(bytes: number): boolean {
    if (this.#held.to + bytes > this.#options.memoryBytesMax || !this.#options.room.take(bytes)) return false;
    this.#takenBytes += bytes;
    return true;
  }

  #toTape(): void {
    this.#giveBack();
    this.#mode = 'tape';
    const tape = this.#options.tape();
    if (tape === null) return this.#letGo();
    this.#tape = tape;
    for (const chunk of this.#held) tape.append(chunk);
    tape.onProgress = () => {
      if (tape.failed && this.#mode === 'tape') this.#letGo();
      this.moved();
    };
  }

  /** From here on it is only passed on. */
  #letGo(): void {
    this.#mode = 'passing';
    void this.#tape?.discard();
    if (this.#readers.size === 0 && this.#ending === null) this.#options.events.onDeserted();
  }

  #recorded(): Recorded | null {
    switch (this.#mode) {
      case 'memory':
        return { kind: 'content', content: Buffer.concat([...this.#held]) };
      case 'tape':
        return this.#tape === null ? null : { kind: 'tape', tape: this.#tape };
      case 'passing':
        return null;
      default:
        return this.#mode satisfies never;
    }
  }

  #toReaders(): void {
    for (const reader of [...this.#readers]) reader.pump();
  }

  /** Drops what is on disk, or what everybody has read. */
  #trim(): void {
    if (this.#mode === 'memory') return;
    if (this.#mode === 'tape') return this.#held.dropBefore(this.#tape?.writtenBytes ?? 0);
    let least = this.#held.to;
    for (const { position } of this.#readers) least = Math.min(least, position);
    this.#held.dropBefore(least);
  }

  #giveBack(): void {
    this.#options.room.giveBack(this.#takenBytes);
    this.#takenBytes = 0;
  }

  #releaseTape(): void {
    if (this.#readers.size > 0 || this.#wanted > 0) return;
    this.#tape?.release();
    this.#tape = null;
  }
}
