/** The part of a body that is in memory: chunks one behind the other, from some position on. */
export class HeldChunks {
  readonly #chunks: { readonly from: number; readonly bytes: Uint8Array }[] = [];
  /** Position of the first byte that is held. */
  from = 0;
  /** Position behind the last. */
  to = 0;

  get bytes(): number {
    return this.to - this.from;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push({ from: this.to, bytes });
    this.to += bytes.length;
  }

  /** What is held from a position on, as far as the chunk goes; the position is one that is held. */
  at(position: number): Uint8Array {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#chunks[middle]?.from ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low];
    return chunk === undefined ? new Uint8Array(0) : chunk.bytes.subarray(position - chunk.from);
  }

  /** Drops the chunks that end at or before a position. */
  dropBefore(position: number): void {
    let count = 0;
    for (const { from, bytes } of this.#chunks) {
      if (from + bytes.length > position) break;
      count++;
    }
    this.#chunks.splice(0, count);
    this.from = this.#chunks[0]?.from ?? this.to;
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    for (const { bytes } of this.#chunks) yield bytes;
  }
}
