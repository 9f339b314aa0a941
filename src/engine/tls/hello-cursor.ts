const noBytes = Buffer.alloc(0);

/** Reads numbers and vectors (RFC 8446 §3.4) off bytes. Once something does not fit it is broken, at its end, and gives nothing more. */
export class HelloCursor {
  readonly #bytes: Buffer;
  #at = 0;
  #broken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get broken(): boolean {
    return this.#broken;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** @returns 0 where there are too few bytes. */
  number(length: 1 | 2): number {
    const bytes = this.bytes(length);
    return bytes.length === 0 ? 0 : bytes.readUIntBE(0, length);
  }

  bytes(length: number): Buffer {
    if (this.#broken || this.#bytes.length - this.#at < length) return this.#break();
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  /** @param lengthBytes how wide its length is written. */
  vector(lengthBytes: 1 | 2, { atLeast = 0, atMost = Infinity } = {}): Buffer {
    const length = this.number(lengthBytes);
    return length < atLeast || length > atMost ? this.#break() : this.bytes(length);
  }

  #break(): Buffer {
    this.#broken = true;
    this.#at = this.#bytes.length;
    return noBytes;
  }
}
