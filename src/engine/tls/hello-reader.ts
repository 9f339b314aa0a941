import type { ClientHello } from '../../http/transport.ts';
import type { Alert } from './alert.ts';
import { readClientHello } from './client-hello.ts';

/** What the first bytes of a connection turn out to be. */
export type FirstWords =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  /** A request of plain HTTP. */
  | { readonly kind: 'http' }
  | { readonly kind: 'bad'; readonly alert: Alert };

/** A ClientHello may be this long, headers of its records included: ten times what browsers send with post-quantum keys and a ticket. */
export const helloBytesMax = 32 * 1024;

const recordHeaderBytes = 5;
const messageHeaderBytes = 4;
/** RFC 8446 §5.1. */
const fragmentBytesMax = 16 * 1024;
const handshakeRecord = 22;
const clientHello = 1;
const noBytes = Buffer.alloc(0);

/** Finds the ClientHello at the beginning of a connection, in whatever pieces and records it comes. */
export class HelloReader {
  #bytes: Buffer = noBytes;
  #length = 0;
  /** Where the first record begins that is not whole. */
  #at = 0;
  /** Where the contents of whole records lie. */
  readonly #fragments: { readonly from: number; readonly to: number }[] = [];
  #messageBytes = 0;

  /** Everything that came. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  /** @returns null while more has to come. */
  read(chunk: Buffer): FirstWords | null {
    this.append(chunk);
    if (this.#length > 0 && this.#bytes[0] !== handshakeRecord) return plainWords(this.bytes);
    for (;;) {
      const alert = this.#checkRecord();
      if (alert !== null) return { kind: 'bad', alert };
      if (!this.#takeRecord()) break;
      const verdict = this.#readMessage();
      if (verdict !== null) return verdict;
    }
    return this.#length >= helloBytesMax ? { kind: 'bad', alert: 'illegal_parameter' } : null;
  }

  /** Keeps what came behind the ClientHello, for whoever reads on. */
  append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#bytes = chunk;
      this.#length = chunk.length;
      return;
    }
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      // Twice the room each time: a client that sends single bytes does not have all of them copied for each.
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** What is wrong with the next record as far as it is there. */
  #checkRecord(): Alert | null {
    const bytes = this.bytes.subarray(this.#at, this.#at + recordHeaderBytes);
    if (bytes.length > 0 && bytes[0] !== handshakeRecord) return 'unexpected_message';
    if (bytes.length > 1 && bytes[1] !== 3) return 'protocol_version';
    if (bytes.length < recordHeaderBytes) return null;
    const length = bytes.readUInt16BE(3);
    // An empty fragment of a handshake is forbidden (RFC 8446 §5.1).
    if (length === 0) return 'unexpected_message';
    return length > fragmentBytesMax ? 'record_overflow' : null;
  }

  /** @returns whether the next record is whole. */
  #takeRecord(): boolean {
    const from = this.#at + recordHeaderBytes;
    if (from > this.#length) return false;
    const to = from + this.#bytes.readUInt16BE(from - 2);
    if (to > this.#length) return false;
    this.#fragments.push({ from, to });
    this.#messageBytes += to - from;
    this.#at = to;
    return true;
  }

  #readMessage(): FirstWords | null {
    if (this.#messageBytes < messageHeaderBytes) return null;
    const header = this.#message(messageHeaderBytes);
    if (header[0] !== clientHello) return { kind: 'bad', alert: 'unexpected_message' };
    const end = messageHeaderBytes + header.readUIntBE(1, 3);
    if (end > helloBytesMax) return { kind: 'bad', alert: 'illegal_parameter' };
    if (this.#messageBytes < end) return null;
    const read = readClientHello(this.#message(end).subarray(messageHeaderBytes));
    return 'alert' in read ? { kind: 'bad', alert: read.alert } : { kind: 'hello', hello: read.hello };
  }

  /** The message up to `end`; copied only where it came in several records. */
  #message(end: number): Buffer {
    const parts: Buffer[] = [];
    let length = 0;
    for (const { from, to } of this.#fragments) {
      if (length >= end) break;
      parts.push(this.#bytes.subarray(from, Math.min(to, from + end - length)));
      length += to - from;
    }
    const [first = noBytes] = parts;
    return parts.length === 1 ? first : Buffer.concat(parts);
  }
}

/** What is not TLS: the beginning of a request, as people send it who forgot the `s` of https, or nothing we know. */
function plainWords(bytes: Buffer): FirstWords | null {
  const start = bytes.toString('latin1', 0, 33);
  if (/^[A-Z]{1,32} /.test(start)) return { kind: 'http' };
  return /^[A-Z]{1,32}$/.test(start) ? null : { kind: 'bad', alert: 'unexpected_message' };
}
