import { fstatSync, openSync, statSync } from 'node:fs';

const lookEveryMs = 2_000;

/**
 * The file of `FAIRLEAD_ACCESS_LOG`, as long as the data plane writes to it by itself: opened here, by who has the right to, and
 * looked after.
 */
export class MainLogFile {
  readonly #path: string;
  readonly #onMoved: () => void;
  /** Of the file that the data plane has; null = it has none. */
  #identity: string | null = null;
  readonly #looking: NodeJS.Timeout;

  /** @param onMoved the path leads to another file than the one that was opened last, or to none. */
  constructor(path: string, onMoved: () => void) {
    this.#path = path;
    this.#onMoved = onMoved;
    this.#looking = setInterval(() => this.look(), lookEveryMs);
    this.#looking.unref();
  }

  /** A descriptor for the data plane; null where there is none to be had now. */
  open(): number | null {
    try {
      const fd = openSync(this.#path, 'a', 0o640);
      this.#identity = identityOf(fstatSync(fd));
      return fd;
    } catch {
      this.#identity = null;
      return null;
    }
  }

  look(): void {
    if (this.#identity === null || this.#identity === this.#identityThere()) return;
    this.#identity = null;
    this.#onMoved();
  }

  close(): void {
    clearInterval(this.#looking);
  }

  #identityThere(): string {
    try {
      return identityOf(statSync(this.#path));
    } catch {
      return '';
    }
  }
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}
