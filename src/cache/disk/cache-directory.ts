import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where files are: `<dir>/ab/cdef…` by a hash of their place, and unfinished ones in `<dir>/new`. */
export class CacheDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws the error of the file system. */
  make(): void {
    mkdirSync(this.unfinished, { recursive: true, mode: 0o700 });
    for (const name of this.folders) mkdirSync(join(this.path, name), { recursive: true, mode: 0o700 });
  }

  get unfinished(): string {
    return join(this.path, 'new');
  }

  get folders(): readonly string[] {
    return Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
  }

  fileOf(place: string): string {
    const name = createHash('sha256').update(place).digest('hex');
    return join(this.path, name.slice(0, 2), name.slice(2, 42));
  }
}
