const headEnd = '\r\n\r\n';
const lf = 0x0a;

/** A line that ends in a bare LF would never bring the end that is waited for. */
const bareLf = /[^\r]\n/;

/** So much of the beginning is kept at hand: enough to tell that it is none, whoever sends it byte by byte. */
const startLength = 64;

/** So much is made a string in the hope that it holds the whole head: most heads are shorter, and a body behind it may be long. */
const firstLookBytes = 2 * 1024;

/** Collects a head from reads that may be split anywhere, and says where it ends. */
export class HeadReader {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #length = 0;
  /** The last three characters, in which an end that is split between two reads begins. */
  #tail = '';
  #start = '';
  /** Up to where the last bytes were read. */
  at = 0;
  /** Where the bytes of the head that `read` returned are: those it was given, or a copy in which the parts are one. */
  bytes: Uint8Array = noBytes;
  /** Where the head begins in `bytes`. */
  base = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Nothing has been collected. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** The first characters of what has been collected. */
  get start(): string {
    return this.#start;
  }

  /** What has been collected of a head that is not whole yet. */
  get collected(): string {
    return Buffer.concat(this.#parts).toString('latin1');
  }

  /**
   * The head with its empty line as latin1 text, null while it is not whole, or why it never will be; a head itself is neither
   * of these words.
   */
  read(bytes: Buffer, at: number, end: number): string | null | 'too-large' | 'bad' {
    if (this.#length === 0) {
      // The usual case: the whole head in one read, made a string once.
      const look = bytes.toString('latin1', at, Math.min(end, at + firstLookBytes));
      const found = look.indexOf(headEnd) + 4;
      if (found > 3 && found <= this.#bytesMax) {
        this.at = at + found;
        this.bytes = bytes;
        this.base = at;
        return found === look.length ? look : look.slice(0, found);
      }
    }
    return this.#collect(bytes, at, end);
  }

  #collect(bytes: Buffer, at: number, end: number): string | null | 'too-large' | 'bad' {
    const text = bytes.toString('latin1', at, end);
    const before = this.#tail;
    const split = (before + text).indexOf(headEnd);
    const taken = split < 0 ? text : text.slice(0, split + 4 - before.length);
    this.at = at + taken.length;
    // A copy: the bytes that were read may be overwritten by the next read.
    this.#parts.push(Buffer.from(bytes.subarray(at, this.at)));
    if (this.#start.length < startLength) this.#start = (this.#start + taken).slice(0, startLength);
    this.#length += taken.length;
    this.#tail = (before + taken).slice(-3);
    if (this.#length > this.#bytesMax) return 'too-large';
    if (split < 0) return bareLf.test(before + text) || this.#start.charCodeAt(0) === lf ? 'bad' : null;
    const whole = Buffer.concat(this.#parts);
    this.reset();
    this.bytes = whole;
    this.base = 0;
    return whole.toString('latin1');
  }

  /** The head has been read: its bytes are not held for longer. */
  letGo(): void {
    this.bytes = noBytes;
  }

  reset(): void {
    this.#parts = [];
    this.#length = 0;
    this.#tail = '';
    this.#start = '';
    this.bytes = noBytes;
  }
}

const noBytes = new Uint8Array(0);
