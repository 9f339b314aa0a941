/**
 * So many characters are held as strings before they become bytes: hundreds of pieces of rope that outlive a scavenge are copied
 * by it, and those of a whole batch made garbage collection twice as dear.
 */
const ropeChars = 8 * 1024;

/** Gathers lines, which are ASCII, so that a batch becomes bytes in one plain copy; handing over line by line cost five times as much. */
export class LineBatch {
  readonly #batchBytes: number;
  readonly #hand: (bytes: Uint8Array, lines: number) => void;
  #lines = '';
  #batch: Buffer | null = null;
  #used = 0;
  #count = 0;

  /** @param hand is given a full batch, whose memory is its own to keep. */
  constructor(batchBytes: number, hand: (bytes: Uint8Array, lines: number) => void) {
    this.#batchBytes = batchBytes;
    this.#hand = hand;
  }

  /** @param line ASCII, with its line feed. */
  write(line: string): void {
    if (this.#used + this.#lines.length + line.length > this.#batchBytes) this.hand();
    this.#lines += line;
    this.#count++;
    if (this.#lines.length > ropeChars) this.#toBytes();
  }

  /** Lets go of what there is. */
  hand(): void {
    if (this.#lines !== '') this.#toBytes();
    if (this.#batch === null) return;
    const bytes = this.#batch.subarray(0, this.#used);
    const count = this.#count;
    this.#batch = null;
    this.#used = 0;
    this.#count = 0;
    this.#hand(bytes, count);
  }

  #toBytes(): void {
    const needed = this.#used + this.#lines.length;
    const before = this.#batch;
    // A line may be longer than a batch: the limit of heads is a setting.
    if (before === null || needed > before.length) {
      this.#batch = Buffer.allocUnsafeSlow(Math.max(this.#batchBytes, needed));
      before?.copy(this.#batch, 0, 0, this.#used);
    }
    this.#used += (this.#batch as Buffer).write(this.#lines, this.#used, 'latin1');
    this.#lines = '';
  }
}
