import type { BodyLength } from '../../http/head.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import type { FieldLines } from './field-lines.ts';

/** What a reader has to say about the bytes it was given; 'stopped' = the taker has enough, go on from `at` later. */
export type ReadVerdict = 'more' | 'stopped' | 'done' | 'bad';

export interface BodyTaker {
  /** Takes body bytes `from`–`to` of `bytes`; false = no more for now, and the bytes stay as they are until it says so. */
  onData(bytes: Buffer, from: number, to: number): boolean;
}

/** Finds a body in what arrives: by its length, by its chunks, or to the end of the connection. */
export class BodyReader {
  readonly #chunks: ChunkedDecoder | null;
  readonly #untilClose: boolean;
  #left: number;
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(bodyLength: BodyLength, untilClose: boolean) {
    this.#left = bodyLength ?? 0;
    this.#untilClose = untilClose;
    this.#chunks = bodyLength === null && !untilClose ? new ChunkedDecoder() : null;
  }

  get trailers(): FieldLines | null {
    return this.#chunks?.trailers ?? null;
  }

  /** Bytes that are still to come; Infinity where nobody knows. */
  get owedBytes(): number {
    if (this.#chunks !== null) return this.#chunks.done ? 0 : Infinity;
    return this.#untilClose ? Infinity : this.#left;
  }

  read(bytes: Buffer, at: number, end: number, taker: BodyTaker): ReadVerdict {
    if (this.#chunks !== null) return this.#readChunks(this.#chunks, bytes, at, end, taker);
    const to = this.#untilClose ? end : Math.min(end, at + this.#left);
    if (!this.#untilClose) this.#left -= to - at;
    this.at = to;
    const more = to === at || taker.onData(bytes, at, to);
    if (!this.#untilClose && this.#left === 0) return 'done';
    return more ? 'more' : 'stopped';
  }

  #readChunks(chunks: ChunkedDecoder, bytes: Buffer, at: number, end: number, taker: BodyTaker): ReadVerdict {
    let more = true;
    // The decoder knows only whole arrays; a view costs less than a second bound in its loop.
    const view = end === bytes.length ? bytes : bytes.subarray(0, end);
    this.at = chunks.read(view, at, (from, to) => {
      more = taker.onData(bytes, from, to);
      return more;
    });
    if (chunks.bad) return 'bad';
    if (chunks.done) return 'done';
    return more ? 'more' : 'stopped';
  }
}
