/**
 * Follows WebSocket frames (RFC 6455 §5.2) through bytes as they come, in any pieces, only to know where one ends: that is
 * the sole place where a frame of our own may stand. Payloads are stepped over, not looked at.
 */
export class FrameScanner {
  /** Bytes of the header that have come. */
  #headerBytes = 0;
  /** Header bytes of this frame, once its second byte said so; 2 until then. */
  #headerLength = 2;
  /** Where the length field ends and the mask begins. */
  #lengthEnd = 2;
  #payloadBytes = 0;
  #isClose = false;
  #closed = false;

  /** Between two frames. */
  get atBoundary(): boolean {
    return this.#headerBytes === 0;
  }

  /** A close frame has passed completely; nothing may follow it (§5.5.1). */
  get closed(): boolean {
    return this.#closed;
  }

  /** Takes all of the chunk. */
  advance(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
  }

  /** Takes the chunk up to the first end of a frame in it, and returns how many bytes that are; all of it where none ends. */
  advanceToBoundary(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length) {
      at = this.#step(chunk, at);
      if (this.atBoundary) return at;
    }
    return at;
  }

  /** What there is of a header, at most 14 bytes, and then of its payload. */
  #step(chunk: Uint8Array, at: number): number {
    let next = at;
    while (this.#headerBytes < this.#headerLength) {
      if (next === chunk.length) return next;
      this.#header(chunk[next++] as number);
    }
    const there = chunk.length - next;
    if (there < this.#payloadBytes) {
      this.#payloadBytes -= there;
      return chunk.length;
    }
    next += this.#payloadBytes;
    this.#endFrame();
    return next;
  }

  #header(byte: number): void {
    const index = this.#headerBytes++;
    if (index === 0) {
      this.#isClose = (byte & 0x0f) === 0x8;
    } else if (index === 1) {
      const short = byte & 0x7f;
      const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
      this.#payloadBytes = lengthBytes === 0 ? short : 0;
      this.#headerLength = 2 + lengthBytes + ((byte & 0x80) === 0 ? 0 : 4);
      this.#lengthEnd = 2 + lengthBytes;
    } else if (index < this.#lengthEnd) {
      // Exact up to 2^53, which no connection carries in one frame.
      this.#payloadBytes = this.#payloadBytes * 256 + byte;
    }
  }

  #endFrame(): void {
    if (this.#isClose) this.#closed = true;
    this.#headerBytes = 0;
    this.#headerLength = 2;
    this.#payloadBytes = 0;
  }
}

/**
 * A close frame with a status code and no words.
 *
 * @param mask four bytes of chance for a frame to a server, null for one to a client (§5.1).
 */
export function closeFrame(code: number, mask: Uint8Array | null): Buffer {
  const payload = [code >> 8, code & 0xff];
  if (mask === null) return Buffer.from([0x88, 2, ...payload]);
  return Buffer.from([0x88, 0x82, ...mask, ...payload.map((byte, i) => byte ^ (mask[i] as number))]);
}
