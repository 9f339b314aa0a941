import { randomBytes } from 'node:crypto';
import { statSync, unlinkSync } from 'node:fs';
import { chmod, open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CacheRequest } from '../cache-request.ts';
import { answers, type Entry, placeOf } from '../entry.ts';
import { MemoryBody } from '../memory-body.ts';
import type { Stored } from '../stored.ts';
import type { CacheDirectory } from './cache-directory.ts';
import { DiskBody } from './disk-body.ts';
import { DiskTape } from './disk-tape.ts';
import type { DiskUsage } from './disk-usage.ts';
import { type FiledHead, footerBytes, writeTail } from './entry-file.ts';
import { type OpenEntry, openEntry, readAt } from './open-entry.ts';

/** Bytes on their way to the disk; what comes beyond is not kept there. */
const unwrittenBytesMax = 32 * 1024 * 1024;
/** A file has this mode once somebody has asked for it again: the janitor takes all others first. */
export const provenMode = 0o700;

export interface DiskFound {
  readonly entry: Entry | null;
  readonly first: Omit<Entry, 'body'> | null;
}

/**
 * Answers on disk, shared by all workers: the file system is the index, so that what one worker has written is there for the
 * others at once, and after a restart or a crash without a look at any file.
 */
export class DiskStore {
  readonly #directory: CacheDirectory;
  readonly #usage: DiskUsage;
  readonly #bytesMax: number;
  readonly #wholeBytesMax: number;
  readonly #now: () => number;
  /** Under way, by place; a later one of the same place, or a removal, makes it void. */
  readonly #writes = new Map<string, symbol>();
  #unwrittenBytes = 0;

  /**
   * @param wholeBytesMax bodies up to this many bytes are read as a whole.
   * @param now epoch ms.
   */
  constructor(options: {
    directory: CacheDirectory;
    usage: DiskUsage;
    bytesMax: number;
    wholeBytesMax: number;
    now: () => number;
  }) {
    this.#directory = options.directory;
    this.#usage = options.usage;
    this.#bytesMax = options.bytesMax;
    this.#wholeBytesMax = options.wholeBytesMax;
    this.#now = options.now;
  }

  /** A longer body is not kept. */
  get bodyBytesMax(): number {
    return Math.floor(this.#bytesMax / 4);
  }

  /** Rejects where the disk fails. Of an entry with a `DiskBody` the finder is a user. */
  async find(request: CacheRequest): Promise<DiskFound> {
    const first = await this.#open(request.key);
    if (first === null || answers(first.stored, request)) {
      return { entry: first === null ? null : await this.#toEntry(first), first };
    }
    await first.file.close();
    const other = await this.#open(placeOf(request, first));
    if (other === null) return { entry: null, first };
    if (answers(other.stored, request)) return { entry: await this.#toEntry(other), first };
    await other.file.close();
    return { entry: null, first };
  }

  /** What `find` would find, without its body; what is damaged is left to whoever finds it. */
  async peek(request: CacheRequest): Promise<{ readonly stored: Stored; readonly bodyBytes: number } | null> {
    const first = await this.#look(request.key);
    const found = first === null || answers(first.stored, request) ? first : await this.#look(placeOf(request, first));
    if (found === null || !answers(found.stored, request)) return null;
    return { stored: found.stored, bodyBytes: found.footer.bodyBytes };
  }

  async #look(place: string): Promise<OpenEntry | null> {
    const entry = await openEntry(this.#directory.fileOf(place));
    if (entry === null || entry === 'damaged') return null;
    await entry.file.close();
    return entry;
  }

  /** Writes an answer whose body is in memory. Resolves when others can find it, or never will. */
  async keep(head: FiledHead, content: Uint8Array): Promise<void> {
    if (this.#isFull(content.length)) return;
    const mark = this.#begin(head.place);
    this.#unwrittenBytes += content.length;
    const tape = new DiskTape(this.#unfinished());
    tape.append(content);
    await this.#file(head, tape, mark).catch(() => {});
    this.#unwrittenBytes -= content.length;
    tape.release();
  }

  /** For a body that is not kept in memory; null where the disk has enough to do. */
  tape(): DiskTape | null {
    return this.#isFull(0) ? null : new DiskTape(this.#unfinished());
  }

  /** Makes an entry of a tape whose body is whole; resolves as `keep` does. */
  async keepTape(head: FiledHead, tape: DiskTape): Promise<void> {
    const mark = this.#begin(head.place);
    tape.retain();
    await this.#file(head, tape, mark).catch(() => {});
    tape.release();
  }

  /** Other fields, the same body: the tail alone is written again. */
  async update(head: FiledHead, before: FiledHead): Promise<void> {
    const path = this.#directory.fileOf(head.place);
    const file = await open(path, 'r+').catch(() => null);
    if (file === null) return;
    try {
      const entry = await openEntry(path);
      if (entry === null || entry === 'damaged') return;
      await entry.file.close();
      const { footer, generation, stored } = entry;
      if (generation !== before.generation || stored.responseMs !== before.stored.responseMs) return;
      const tail = writeTail(head, { bytes: footer.bodyBytes, sum: footer.bodySum });
      await file.write(tail, 0, tail.length, footer.bodyBytes);
      await file.truncate(footer.bodyBytes + tail.length);
      this.#usage.add(tail.length - footer.headBytes - footerBytes);
    } finally {
      await file.close();
    }
  }

  /** At once, so that whoever asks next does not find it. */
  remove(place: string): void {
    this.#writes.delete(place);
    const path = this.#directory.fileOf(place);
    try {
      const { size } = statSync(path);
      unlinkSync(path);
      this.#usage.add(-size);
    } catch {
      // It was not there.
    }
  }

  /** Somebody has asked for it. */
  touch(place: string): void {
    const path = this.#directory.fileOf(place);
    const seconds = this.#now() / 1000;
    Promise.all([utimes(path, seconds, seconds), chmod(path, provenMode)]).catch(() => {});
  }

  async #open(place: string): Promise<OpenEntry | null> {
    const entry = await openEntry(this.#directory.fileOf(place));
    if (entry !== 'damaged') return entry;
    this.remove(place);
    return null;
  }

  async #toEntry(open: OpenEntry): Promise<Entry | null> {
    const { place, generation, stored, footer, file } = open;
    if (footer.bodyBytes > this.#wholeBytesMax)
      return { place, generation, stored, body: new DiskBody(file, footer.bodyBytes) };
    const content = await readAt(file, 0, footer.bodyBytes).finally(() => file.close());
    if (content !== null && crc32(content) === footer.bodySum)
      return { place, generation, stored, body: new MemoryBody(content) };
    this.remove(place);
    return null;
  }

  async #file(head: FiledHead, tape: DiskTape, mark: symbol): Promise<void> {
    const isCurrent = (): boolean => this.#writes.get(head.place) === mark;
    const bytes = await tape.finish(head, this.#directory.fileOf(head.place), isCurrent);
    if (bytes !== null) this.#usage.add(bytes);
    if (isCurrent()) this.#writes.delete(head.place);
  }

  #unfinished(): string {
    return join(this.#directory.unfinished, randomBytes(12).toString('hex'));
  }

  #isFull(bytes: number): boolean {
    return this.#unwrittenBytes + bytes > unwrittenBytesMax || this.#usage.bytes + bytes > this.#bytesMax * 1.1;
  }

  #begin(place: string): symbol {
    const mark = Symbol(place);
    this.#writes.set(place, mark);
    return mark;
  }
}
