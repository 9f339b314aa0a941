import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compactTime } from '../base/compact-time.ts';
import { readPemDirectory, type StoredCertificate } from './pem-directory.ts';

const archivedMax = 200;

/** Certificates that are kept though nothing needs them, as directories `<name>@<UTC time>`; above 200 the oldest go. */
export class PemArchive {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** @param move brings the directory to the path that is free for it. @throws the error of the file system. */
  take(name: string, nowMs: number, move: (to: string) => void): void {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    move(this.#freePath(`${name}@${compactTime(nowMs)}`));
    for (const path of this.#newestFirst().slice(archivedMax)) rmSync(path, { recursive: true, force: true });
  }

  /** The newest first; what cannot be read any more is left out. @throws the error of the file system. */
  list(nowMs: number): readonly { readonly path: string; readonly stored: StoredCertificate }[] {
    return this.#newestFirst().flatMap((path) => {
      const reading = readPemDirectory(path, nowMs);
      return reading.ok ? [{ path, stored: reading.stored }] : [];
    });
  }

  #newestFirst(): readonly string[] {
    const times = directoryEntries(this.#root).map((name) => ({ name, time: name.slice(name.lastIndexOf('@') + 1) }));
    times.sort((one, other) => (one.time < other.time ? 1 : -1));
    return times.map(({ name }) => join(this.#root, name));
  }

  #freePath(name: string): string {
    for (let n = 1; ; n++) {
      const path = join(this.#root, n === 1 ? name : `${name}-${n}`);
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
    }
  }
}

function directoryEntries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
