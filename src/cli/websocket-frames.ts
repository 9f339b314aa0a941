/** One frame as it came, unmasked (RFC 6455 §5.2). */
export interface Frame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What the peer did wrong, with the close code of RFC 6455 §7.4.1. */
export class FrameError extends Error {
  readonly code: 1002 | 1009;

  constructor(code: 1002 | 1009, message: string) {
    super(message);
    this.code = code;
  }
}

/** Splits the bytes of a client into frames; keeps at most one unfinished frame of `payloadBytesMax`. */
export class FrameReader {
  readonly #payloadBytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = 2;

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** @throws FrameError after which nothing more may be read. */
  *read(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined only when enough is there, so that many small pieces are not copied over and over.
    while (this.#bytes >= this.#needed) {
      const buffer = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const { frame, consumed, needed } = readFrame(buffer, this.#payloadBytesMax);
      const rest = buffer.subarray(consumed);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      this.#needed = needed;
      if (frame !== null) yield frame;
    }
  }
}

type Step = { readonly frame: Frame | null; readonly consumed: number; readonly needed: number };

function readFrame(buffer: Buffer, payloadBytesMax: number): Step {
  const first = buffer[0] as number;
  const second = buffer[1] as number;
  const opcode = first & 0x0f;
  const fin = (first & 0x80) !== 0;
  if ((first & 0x70) !== 0) throw new FrameError(1002, 'reserved bits without an extension');
  if ((second & 0x80) === 0) throw new FrameError(1002, 'a frame of a client is masked');
  const short = second & 0x7f;
  if (opcode >= 8 && (!fin || short > 125)) throw new FrameError(1002, 'control frames are short and whole');
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const headBytes = 2 + lengthBytes + 4;
  if (buffer.length < headBytes) return { frame: null, consumed: 0, needed: headBytes };
  const length =
    lengthBytes === 0 ? short : lengthBytes === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  if (length > payloadBytesMax) throw new FrameError(1009, 'the message is too large');
  if (buffer.length < headBytes + length) return { frame: null, consumed: 0, needed: headBytes + length };
  const mask = buffer.subarray(headBytes - 4, headBytes);
  const payload = Buffer.from(buffer.subarray(headBytes, headBytes + length));
  for (let at = 0; at < length; at++) payload[at] = (payload[at] as number) ^ (mask[at & 3] as number);
  return { frame: { fin, opcode, payload }, consumed: headBytes + length, needed: 2 };
}

/** A whole frame of a server: never masked. */
export function writeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
        : longHead(opcode, length);
  return Buffer.concat([head, payload]);
}

function longHead(opcode: number, length: number): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
