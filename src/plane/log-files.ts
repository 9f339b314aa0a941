import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '../base/log.ts';
import { mainLog } from './access-logs.ts';
import { type LogNames, logFilesMax } from './log-names.ts';

/** What the disk has not taken, of all files together: more is dropped. */
const waitingBytesMax = 16 * 1024 * 1024;
/** How often it is looked whether a file was moved or removed. */
const lookEveryMs = 2_000;
const idleMsMax = 5 * 60_000;
/** Lines that were dropped are told at most this often. */
const tellEveryMs = 10_000;
const lineFeed = Buffer.from('\n');

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

interface Waiting {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly lines: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly identity: string;
  lastMs: number;
  isStale: boolean;
  /** Its last line is not whole. */
  isCut: boolean;
}

/**
 * The log files that the control plane writes for the workers: those that labels name, in one directory, and the proxy's own
 * once it was rotated. One write at a time over all of them, so that a disk which hangs holds one thread and not all.
 */
export class LogFiles {
  /** Absolute; null = labels have no files. */
  readonly #directory: string | null;
  readonly #mainPath: string | null;
  readonly #names: LogNames;
  readonly #log: Log;
  readonly #monotonic: () => number;
  readonly #files = new Map<string, OpenFile>();
  readonly #queue: Waiting[] = [];
  #waitingBytes = 0;
  #isBusy = false;
  #dropped = 0;
  #told = { lines: 0, ms: Number.NEGATIVE_INFINITY };
  /** Files whose last line was cut by a disk that was full, by name, and which file that was. */
  readonly #cut = new Map<string, string>();
  #isLooking = false;
  /** What keeps a file from being written, by its name. */
  readonly #faults = new Map<string, string>();
  readonly #looking: NodeJS.Timeout;

  constructor(options: {
    directory: string | null;
    mainPath: string | null;
    names: LogNames;
    log: Log;
    monotonic: () => number;
  }) {
    this.#directory = options.directory === null ? null : resolve(options.directory);
    this.#mainPath = options.mainPath;
    this.#names = options.names;
    this.#log = options.log;
    this.#monotonic = options.monotonic;
    this.#looking = setInterval(() => {
      void this.#look();
      this.#tellDropped();
    }, lookEveryMs);
    this.#looking.unref();
  }

  /** Lines that were not written, by whomever, for want of room or of a file. */
  get droppedLines(): number {
    return this.#dropped;
  }

  get warnings(): readonly string[] {
    return [...this.#faults].map(([file, fault]) => `the access log ${this.#shown(file)} cannot be written: ${fault}`);
  }

  write(file: string, bytes: Uint8Array, lines: number): void {
    const isKnown = file === mainLog ? this.#mainPath !== null : this.#names.has(file) || this.#files.has(file);
    if (!isKnown || this.#waitingBytes + bytes.length > waitingBytesMax) return this.dropped(lines);
    this.#waitingBytes += bytes.length;
    this.#queue.push({ file, bytes, lines });
    void this.#work();
  }

  dropped(lines: number): void {
    this.#dropped += lines;
    this.#tellDropped();
  }

  /** Each file is closed, and opened anew for its next line. */
  reopen(): void {
    for (const file of this.#files.values()) file.isStale = true;
    void this.#work();
  }

  /** Resolves when all is written, or after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.#looking);
    const deadlineMs = this.#monotonic() + timeoutMs;
    while (this.#isBusy && this.#monotonic() < deadlineMs) await new Promise((done) => setTimeout(done, 5));
    this.#tellDropped();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let one = this.#queue.shift(); one !== undefined; one = this.#queue.shift()) {
      await this.#put(one);
      this.#waitingBytes -= one.bytes.length;
    }
    for (const [name, file] of this.#files) if (file.isStale) await this.#shut(name, file);
    this.#isBusy = false;
    if (this.#queue.length > 0) void this.#work();
  }

  async #put({ file: name, bytes, lines }: Waiting): Promise<void> {
    let file: OpenFile | null = null;
    try {
      file = await this.#opened(name);
      file.lastMs = this.#monotonic();
      if (this.#cut.get(name) === file.identity) await writeWhole(file, lineFeed);
      this.#cut.delete(name);
      await writeWhole(file, bytes);
      if (this.#faults.delete(name)) this.#log.info({ file: this.#shown(name) }, 'an access log can be written again');
    } catch (error) {
      // What stands in the way may be another file by now.
      if (file !== null) file.isStale = true;
      if (file?.isCut) this.#cut.set(name, file.identity);
      this.#failed(name, error as NodeJS.ErrnoException);
      this.dropped(lines);
    }
  }

  async #opened(name: string): Promise<OpenFile> {
    const before = this.#files.get(name);
    if (before?.isStale === false) return before;
    if (before !== undefined) await this.#shut(name, before);
    if (this.#files.size > logFilesMax) throw new Error(`more than ${logFilesMax} files are open`);
    // A name from a label is a file in the directory itself: no link out of it, and no pipe that would wait for a reader.
    const flags = O_WRONLY | O_APPEND | O_CREAT | (name === mainLog ? 0 : O_NOFOLLOW | O_NONBLOCK);
    const handle = await open(this.#pathOf(name), flags, 0o640);
    const stats = await handle.stat();
    if (name !== mainLog && !stats.isFile()) {
      await handle.close();
      throw new Error('it is not a plain file');
    }
    const file = { handle, identity: identityOf(stats), lastMs: this.#monotonic(), isStale: false, isCut: false };
    this.#files.set(name, file);
    return file;
  }

  async #shut(name: string, { handle }: OpenFile): Promise<void> {
    this.#files.delete(name);
    await handle.close().catch(() => {});
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const now = this.#monotonic();
    for (const [name, file] of this.#files) {
      const there = await stat(this.#pathOf(name)).then(identityOf, () => '');
      if (there !== file.identity || now - file.lastMs > idleMsMax) file.isStale = true;
    }
    this.#isLooking = false;
    await this.#work();
  }

  #pathOf(name: string): string {
    return name === mainLog ? (this.#mainPath as string) : join(this.#directory as string, name);
  }

  #shown(name: string): string {
    return name === mainLog ? (this.#mainPath as string) : name;
  }

  #failed(name: string, { code, message }: NodeJS.ErrnoException): void {
    const fault = code === 'ELOOP' ? 'it is a symbolic link' : (code ?? message);
    if (this.#faults.get(name) === fault) return;
    this.#faults.set(name, fault);
    this.#log.error(
      { file: this.#shown(name), cause: fault },
      'an access log cannot be written: its lines are dropped',
    );
  }

  #tellDropped(): void {
    const now = this.#monotonic();
    const lines = this.#dropped - this.#told.lines;
    if (lines === 0 || now - this.#told.ms < tellEveryMs) return;
    this.#told = { lines: this.#dropped, ms: now };
    this.#log.warn({ lines }, 'lines of access logs were dropped: what they are written to does not take them');
  }
}

async function writeWhole(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.handle.write(bytes, at);
    at += bytesWritten;
    file.isCut = at < bytes.length;
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
