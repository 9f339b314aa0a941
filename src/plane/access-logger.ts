import pino from 'pino';

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
  #batch = '';

  constructor(fd: number) {
    this.#batchBytes = fd === 1 ? pipeBytes : batchBytes;
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
    if (this.#batch.length + line.length > this.#batchBytes) this.#hand();
    this.#batch += line;
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

  #hand(): void {
    if (this.#batch === '') return;
    const bytes = Buffer.from(this.#batch, 'latin1');
    this.#batch = '';
    (this.#destination as unknown as { write(bytes: Uint8Array): boolean }).write(bytes);
  }
}
