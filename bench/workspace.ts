import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory in memory where there is one, removed at the end: neither logs nor answers may wait for a disk. */
export class Workspace implements Disposable {
  readonly dir: string;

  constructor() {
    this.dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fairlead-bench-'));
    // Proxies that give up root read their files as another user.
    chmodSync(this.dir, 0o755);
  }

  /** A fresh directory below. */
  folder(name: string): string {
    return mkdtempSync(join(this.dir, `${name}-`));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Empties a log that its writer holds open for appending. */
export function emptyLog(file: string): void {
  if (existsSync(file)) writeFileSync(file, '');
}
