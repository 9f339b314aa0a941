import pino from 'pino';

/**
 * So many characters are held as strings before they become bytes: hundreds of pieces of rope that outlive a scavenge are copied
 * by it, and those of a whole batch made garbage collection twice as dear.
 */
const ropeChars = 8 * 1024;
/** Lines wait for company up to this many bytes … */
const batchBytes = 256 * 1024;
/** … but stdout may be a pipe that all workers share, and only writes up to this size come out of it unmixed (PIPE_BUF). */
const pipeBytes = 4096;
/** … and they never wait longer than this. */
const flushEveryMs = 200;
/** What the disk has not taken: more is dropped, because a slow disk must not become everybody's memory. */
const waitingBytesMax = 16 * 1024 * 1024;

/**
 * Takes the access log lines of one worker and writes them in batches, through pino's destination. Lines are ASCII, so a
 * batch becomes bytes in one plain copy; handing over line by line cost five times as much.
 */
export class AccessLogger {
  readonly #destination: ReturnType<typeof pino.destination>;
  readonly #batchBytes: number;
  #lines = '';
  #batch: Buffer;
  #used = 0;

  constructor(fd: number) {
    this.#batchBytes = fd === 1 ? pipeBytes : batchBytes;
    this.#batch = Buffer.allocUnsafeSlow(this.#batchBytes);
    this.#destination = pino.destination({
      dest: fd,
      sync: false,
      contentMode: 'buffer',
      maxLength: waitingBytesMax,
      maxWrite: this.#batchBytes,
    } as Parameters<typeof pino.destination>[0]);
    // A closed pipe or a full disk must not take the site down.
    this.#destination.on('error', () => {});
    setInterval(() => this.#hand(), flushEveryMs).unref();
  }

  /** @param line ASCII, with its line feed. */
  write(line: string): void {
    if (this.#used + this.#lines.length + line.length > this.#batchBytes) this.#hand();
    this.#lines += line;
    if (this.#lines.length > ropeChars) this.#toBytes();
  }

  /** Everything is out when this returns. */
  flush(): void {
    this.#hand();
    try {
      this.#destination.flushSync();
    } catch {
      // Not open any more: there is nobody left to tell.
    }
  }

  #toBytes(): void {
    // A line may be longer than a batch: the limit of heads is a setting.
    if (this.#used + this.#lines.length > this.#batch.length) {
      const larger = Buffer.allocUnsafeSlow(this.#used + this.#lines.length);
      this.#batch.copy(larger, 0, 0, this.#used);
      this.#batch = larger;
    }
    this.#used += this.#batch.write(this.#lines, this.#used, 'latin1');
    this.#lines = '';
  }

  #hand(): void {
    if (this.#lines !== '') this.#toBytes();
    if (this.#used === 0) return;
    const bytes = this.#batch.subarray(0, this.#used);
    // The destination keeps what it is given until the disk has it.
    this.#batch = Buffer.allocUnsafeSlow(this.#batchBytes);
    this.#used = 0;
    (this.#destination as unknown as { write(bytes: Uint8Array): boolean }).write(bytes);
  }
}
