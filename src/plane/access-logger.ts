import { write } from 'node:fs';
import { LineBatch } from './line-batch.ts';

/** Lines wait for company up to this many bytes … */
const batchBytes = 256 * 1024;
/** … but stdout may be a pipe that all workers share, and only writes up to this size come out of it unmixed (PIPE_BUF). */
const pipeBytes = 4096;
/** What the disk has not taken: more is dropped, because a slow disk must not become everybody's memory. */
const waitingBytesMax = 16 * 1024 * 1024;
/** A pipe that is full, and a disk that is full or gone, are tried again after so long. */
const againMs = { full: 50, failed: 1_000 };

interface Waiting {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** Takes the access log lines of one worker and writes them in batches to an open descriptor, one write at a time. */
export class AccessLogger {
  readonly #fd: number;
  readonly #onDropped: (lines: number) => void;
  readonly #batch: LineBatch;
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  /** Of the first in the queue. */
  #written = 0;
  #isBusy = false;
  #onDrained: (() => void)[] = [];

  /** @param onDropped is told of lines for which there was no room. */
  constructor(fd: number, onDropped: (lines: number) => void) {
    this.#fd = fd;
    this.#onDropped = onDropped;
    this.#batch = new LineBatch(fd === 1 ? pipeBytes : batchBytes, (bytes, lines) => this.#take({ bytes, lines }));
  }

  /** @param line ASCII, with its line feed. */
  write(line: string): void {
    this.#batch.write(line);
  }

  /** Lets go of what has waited for company. */
  hand(): void {
    this.#batch.hand();
  }

  /** Resolves when everything is out; on a disk that stays full that is never. */
  drained(): Promise<void> {
    this.#batch.hand();
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      this.#next();
    });
  }

  #take(one: Waiting): void {
    if (this.#waitingBytes + one.bytes.length > waitingBytesMax) return this.#onDropped(one.lines);
    this.#waitingBytes += one.bytes.length;
    this.#queue.push(one);
    this.#next();
  }

  #next(): void {
    if (this.#isBusy) return;
    const first = this.#queue[0];
    if (first === undefined) {
      for (const resolve of this.#onDrained.splice(0)) resolve();
      return;
    }
    this.#isBusy = true;
    write(this.#fd, first.bytes, this.#written, null, null, (error, written) => {
      if (error === null) this.#wrote(first, written);
      else this.#again(error.code === 'EAGAIN' ? againMs.full : againMs.failed);
    });
  }

  #wrote({ bytes }: Waiting, count: number): void {
    this.#written += count;
    if (this.#written === bytes.length) {
      this.#queue.shift();
      this.#waitingBytes -= bytes.length;
      this.#written = 0;
    }
    this.#isBusy = false;
    this.#next();
  }

  /** A closed pipe or a full disk must not take the site down: the rest goes on where it stopped, so that no line is cut. */
  #again(afterMs: number): void {
    setTimeout(() => {
      this.#isBusy = false;
      this.#next();
    }, afterMs).unref();
  }
}
