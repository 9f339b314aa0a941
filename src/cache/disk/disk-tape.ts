import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type FiledHead, writeTail } from './entry-file.ts';

/** A body on its way into a file, which is read while it grows. It is nothing before `finish`. */
export class DiskTape {
  readonly #path: string;
  readonly #opened: Promise<FileHandle>;
  #writing: Promise<void>;
  #file: FileHandle | null = null;
  #sum = 0;
  #failed = false;
  #users = 1;
  /** So many bytes are in the file. */
  writtenBytes = 0;
  takenBytes = 0;
  /** More is in the file, or nothing more will be. */
  onProgress: (() => void) | null = null;

  /** @param path of the unfinished file; no other has it. */
  constructor(path: string) {
    this.#path = path;
    this.#opened = open(path, 'wx+', 0o600);
    this.#writing = this.#opened.then(
      (file) => {
        this.#file = file;
      },
      () => this.#fail(),
    );
  }

  /** The disk does not take it: what was not read from it is lost. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The chunk must not change any more. */
  append(chunk: Uint8Array): void {
    this.takenBytes += chunk.length;
    this.#writing = this.#writing.then(() => this.#write(chunk));
  }

  /** Some bytes from a position that has been written; none where they cannot be had. */
  async read(position: number, bytesMax: number): Promise<Uint8Array> {
    const length = Math.min(bytesMax, this.writtenBytes - position);
    const chunk = Buffer.allocUnsafe(Math.max(0, length));
    const read = await this.#file?.read(chunk, 0, chunk.length, position).catch(() => null);
    return chunk.subarray(0, read?.bytesRead ?? 0);
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#writing.then(() => this.#file?.close()).catch(() => {});
  }

  /**
   * Makes it an entry, once.
   *
   * @returns bytes of the file; null where the disk did not take it, or `isWanted` says that it has come too late.
   */
  async finish(head: FiledHead, path: string, isWanted: () => boolean): Promise<number | null> {
    await this.#writing;
    const file = this.#file;
    const tail = writeTail(head, { bytes: this.writtenBytes, sum: this.#sum });
    try {
      if (this.#failed || file === null || !isWanted()) throw new Error('not to be kept');
      await writeAll(file, tail, this.writtenBytes);
      if (!isWanted()) throw new Error('not to be kept');
      await rename(this.#path, path);
      return this.writtenBytes + tail.length;
    } catch {
      await this.discard();
      return null;
    }
  }

  async discard(): Promise<void> {
    this.#failed = true;
    await this.#writing;
    await rm(this.#path, { force: true }).catch(() => {});
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#failed || this.#file === null) return;
    try {
      await writeAll(this.#file, chunk, this.writtenBytes);
      this.#sum = crc32(chunk, this.#sum);
      this.writtenBytes += chunk.length;
    } catch {
      this.#fail();
    }
    this.onProgress?.();
  }

  #fail(): void {
    this.#failed = true;
    this.onProgress?.();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}
