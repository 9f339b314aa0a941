/** Docker puts every label of a container into each of its events. */
const lineBytesMax = 1024 * 1024;

const newline = 0x0a;

/**
 * Splits a stream of bytes into lines of text. A line may arrive in any number of pieces; one that is longer than 1 MiB is
 * dropped, and said so once it has ended. Bytes that are no UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor({ onLine, onTooLong }: { onLine: (line: string) => void; onTooLong: () => void }) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  write(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      this.#endLine();
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > lineBytesMax) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  #endLine(): void {
    const tooLong = this.#bytes > lineBytesMax;
    const line = tooLong ? '' : Buffer.concat(this.#pieces).toString('utf8').trim();
    this.#pieces = [];
    this.#bytes = 0;
    if (tooLong) this.#onTooLong();
    else if (line !== '') this.#onLine(line);
  }
}
