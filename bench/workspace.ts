import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alive } from '../scripts/engine/process-state.ts';

const prefix = 'fairlead-bench-';

/** A directory in memory where there is one, removed at the end: neither logs nor answers may wait for a disk. */
export class Workspace implements Disposable {
  readonly dir: string;

  constructor() {
    const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    sweep(parent);
    this.dir = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
    // Proxies that give up root read their files as another user.
    chmodSync(this.dir, 0o755);
  }

  /** A fresh directory below. */
  folder(name: string): string {
    const folder = mkdtempSync(join(this.dir, `${name}-`));
    chmodSync(folder, 0o755);
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Empties a log that its writer holds open for appending. */
export function emptyLog(file: string): void {
  if (existsSync(file)) writeFileSync(file, '');
}

/** Removes what a bench that was killed has left behind: it would hold memory until the next boot. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (!Number.isNaN(pid) && !alive(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}
