const headEnd = '\r\n\r\n';
const lf = 0x0a;

/** A line that ends in a bare LF would never bring the end that is waited for. */
const bareLf = /[^\r]\n/;

/** So much of the beginning is kept at hand: enough to tell that it is none, whoever sends it byte by byte. */
const startLength = 64;

/** Collects a head from reads that may be split anywhere, and says where it ends. */
export class HeadReader {
  readonly #bytesMax: number;
  #parts: string[] = [];
  #bytes = 0;
  /** The last three characters, in which an end that is split between two reads begins. */
  #tail = '';
  #start = '';
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Nothing has been collected. */
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** The first characters of what has been collected. */
  get start(): string {
    return this.#start;
  }

  /** What has been collected of a head that is not whole yet. */
  get collected(): string {
    return this.#parts.join('');
  }

  /** The head with its empty line, null while it is not whole, or why it never will be; a head itself is neither of these words. */
  read(bytes: Buffer, at: number, end: number): string | null | 'too-large' | 'bad' {
    // The usual case: the whole head in one read, found by a native search and made a string once.
    const found = this.#bytes === 0 ? bytes.indexOf(headEnd, at, 'latin1') : -1;
    if (found >= 0 && found + 4 <= end) {
      this.at = found + 4;
      const head = bytes.toString('latin1', at, this.at);
      if (head.length <= this.#bytesMax) return head;
      this.#parts = [head];
      return 'too-large';
    }
    const text = bytes.toString('latin1', at, end);
    const before = this.#tail;
    const split = (before + text).indexOf(headEnd);
    const taken = split < 0 ? text : text.slice(0, split + 4 - before.length);
    this.at = at + taken.length;
    this.#parts.push(taken);
    if (this.#start.length < startLength) this.#start = (this.#start + taken).slice(0, startLength);
    this.#bytes += taken.length;
    this.#tail = (before + taken).slice(-3);
    if (this.#bytes > this.#bytesMax) return 'too-large';
    if (split < 0) return bareLf.test(before + text) || this.#start.charCodeAt(0) === lf ? 'bad' : null;
    const head = this.collected;
    this.reset();
    return head;
  }

  reset(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#tail = '';
    this.#start = '';
  }
}
