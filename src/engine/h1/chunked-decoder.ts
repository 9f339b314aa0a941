import { hexDigit } from './characters.ts';
import { type FieldLines, lineStride, readFieldLines } from './field-lines.ts';

/** Hex digits of a chunk size: 13 stay exact in a double and are more than anybody sends. */
export const sizeDigitsMax = 13;
/** Extensions and trailers of one body, in bytes; both are legal, rare, and a way to make a parser work for nothing. */
export const extensionBytesMax = 1024;
export const trailerBytesMax = 8 * 1024;

const cr = 0x0d;
const lf = 0x0a;
const semicolon = 0x3b;

/** One or more `;name` or `;name=value` (RFC 9112 §7.1.1), without the white space that the grammar calls bad. */
const extensions =
  /^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"))?)+$/;

/** In a trailer section, framing serves nobody but who hopes that one parser takes it for the head's; node refuses it as well. */
const misleading = /^(?:content[-_]length|transfer[-_]encoding)$/i;

function misleads({ text, offsets }: FieldLines): boolean {
  for (let at = 0; at < offsets.length; at += lineStride)
    if (misleading.test(text.slice(offsets[at], offsets[at + 1]))) return true;
  return false;
}

type State =
  | 'size-first'
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer'
  | 'done'
  | 'bad';

/**
 * Takes a chunked body apart (RFC 9112 §7.1), fed with whatever arrives, split anywhere. Strict: every size line ends in
 * CRLF, sizes are plain hex, no white space, extensions well-formed and then forgotten; anything else is `bad` for good.
 */
export class ChunkedDecoder {
  #state: State = 'size-first';
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #text = '';
  trailers: FieldLines | null = null;

  get done(): boolean {
    return this.#state === 'done';
  }

  get bad(): boolean {
    return this.#state === 'bad';
  }

  /**
   * Reads bytes from `at` on and hands runs of body bytes to `onData`, which returns false to stop after this run.
   *
   * @returns how far it read: to the end of `bytes`, to the byte behind the body, or to where `onData` or bad framing stopped it.
   */
  read(bytes: Uint8Array, at: number, onData: (from: number, to: number) => boolean): number {
    let i = at;
    while (i < bytes.length) {
      const code = bytes[i] as number;
      switch (this.#state) {
        case 'size-first':
        case 'size':
          this.#readSize(code);
          i++;
          break;
        case 'extension':
          this.#readExtension(code);
          i++;
          break;
        case 'size-lf':
          this.#state = code !== lf ? 'bad' : this.#size === 0 ? 'trailer' : 'data';
          i++;
          break;
        case 'data': {
          const to = Math.min(bytes.length, i + this.#size);
          this.#size -= to - i;
          if (this.#size === 0) this.#state = 'data-cr';
          const more = onData(i, to);
          i = to;
          if (!more) return i;
          break;
        }
        case 'data-cr':
          this.#state = code === cr ? 'data-lf' : 'bad';
          i++;
          break;
        case 'data-lf':
          this.#state = code === lf ? 'size-first' : 'bad';
          i++;
          break;
        case 'trailer':
          this.#readTrailer(code);
          i++;
          break;
        case 'done':
        case 'bad':
          return i;
        default:
          this.#state satisfies never;
      }
    }
    return i;
  }

  #readSize(code: number): void {
    const digit = hexDigit[code] as number;
    if (digit !== 255) {
      if (this.#state === 'size-first') {
        this.#size = 0;
        this.#digits = 0;
      }
      this.#size = this.#size * 16 + digit;
      this.#state = ++this.#digits > sizeDigitsMax ? 'bad' : 'size';
    } else if (this.#state === 'size-first') this.#state = 'bad';
    else if (code === cr) this.#state = 'size-lf';
    else if (code === semicolon) {
      this.#text = ';';
      this.#state = 'extension';
    } else this.#state = 'bad';
  }

  #readExtension(code: number): void {
    if (code === cr) {
      this.#state = extensions.test(this.#text) ? 'size-lf' : 'bad';
      return;
    }
    this.#text += String.fromCharCode(code);
    if (++this.#extensionBytes > extensionBytesMax) this.#state = 'bad';
  }

  /** The trailer section is a head without a first line. */
  #readTrailer(code: number): void {
    if (this.#size === 0) {
      this.#text = '';
      // From here on `size` counts trailer bytes.
    }
    this.#text += String.fromCharCode(code);
    this.#size++;
    if (this.#size > trailerBytesMax) this.#state = 'bad';
    else if (code === lf && (this.#text === '\r\n' || this.#text.endsWith('\r\n\r\n'))) {
      const lines = readFieldLines(Buffer.from(this.#text, 'latin1'), 0, 0, this.#text);
      this.#state = lines === null || misleads(lines) ? 'bad' : 'done';
      if (lines !== null && lines.offsets.length > 0) this.trailers = lines;
    } else if (code === lf && !this.#text.endsWith('\r\n')) this.#state = 'bad';
  }
}
