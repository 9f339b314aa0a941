import type { FileHandle } from 'node:fs/promises';
import { ProxyFailure } from '../../http/failure.ts';
import type { BodySink } from '../../http/transport.ts';
import type { Sending, StoredBody } from '../stored-body.ts';

const chunkBytes = 64 * 1024;

/** A body that is read from its file as often as somebody wants it; the file is open as long as anybody may. */
export class DiskBody implements StoredBody {
  readonly bytes: number;
  readonly #file: FileHandle;
  /** Whoever found it is the first. */
  #users = 1;

  constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0) this.#file.close().catch(() => {});
  }

  send(sink: BodySink, from: number, to: number | null): Sending {
    this.retain();
    const sending = new FileSending(this.#file, sink, { from, to: to ?? this.bytes }, () => this.release());
    sending.go();
    return sending;
  }
}

class FileSending implements Sending {
  readonly #file: FileHandle;
  readonly #sink: BodySink;
  readonly #to: number;
  readonly #done: () => void;
  #at: number;
  #over = false;
  #reading = false;

  constructor(file: FileHandle, sink: BodySink, { from, to }: { from: number; to: number }, done: () => void) {
    this.#file = file;
    this.#sink = sink;
    this.#at = from;
    this.#to = to;
    this.#done = done;
    sink.onDrain = () => this.go();
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#reading) this.#done();
  }

  go(): void {
    if (this.#over || this.#reading) return;
    this.#reading = true;
    // A chunk of its own each time: the engine may hold on to it until it drains.
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, this.#to - this.#at));
    this.#file.read(chunk, 0, chunk.length, this.#at).then(
      ({ bytesRead }) => this.#take(chunk.subarray(0, bytesRead)),
      (cause: unknown) => this.#fail(cause),
    );
  }

  #take(chunk: Buffer): void {
    this.#reading = false;
    if (this.#over) return this.#done();
    if (chunk.length === 0) return this.#fail('the file is shorter than it was');
    this.#at += chunk.length;
    const more = this.#sink.write(chunk);
    if (this.#at < this.#to) {
      if (more) this.go();
      return;
    }
    this.#finish();
    this.#sink.end();
  }

  #fail(cause: unknown): void {
    this.#reading = false;
    if (this.#over) return this.#done();
    this.#finish();
    this.#sink.abort(new ProxyFailure('proxy-error', { source: 'proxy', cause }));
  }

  #finish(): void {
    this.#over = true;
    this.#sink.onDrain = null;
    this.#done();
  }
}
