import { fileFault, readSmallFile } from '../cli/small-file.ts';
import type { Ref } from '../labels/ref.ts';
import type { RefText } from '../labels/ref-text.ts';
import { stampOf } from './file-stamp.ts';

interface Known {
  /** What the file looked like when it was read. */
  readonly stamp: string;
  readonly found: RefText;
  /** Asked for since the last sweep. */
  wanted: boolean;
}

/**
 * Reads what labels refer to, in the control plane, which may. A file is read again when it looks otherwise than before:
 * another time of change, size or inode, as an editor, a `mv` or a new mount leave behind.
 */
export class RefReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  /** By path; what no label names any more is swept out. */
  readonly #files = new Map<string, Known>();
  readonly #variables = new Map<string, RefText>();

  /** @param env the proxy's own environment. */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** The same object as before, unless something has changed. */
  read(ref: Ref): RefText {
    return ref.ref === 'file' ? this.#file(ref.path) : this.#variable(ref.name);
  }

  /** Whether a file that is in use looks otherwise than when it was read. */
  changed(): boolean {
    return [...this.#files].some(([path, { stamp }]) => stampOf(path) !== stamp);
  }

  /** Forgets what nobody has asked for since the last time. */
  sweep(): void {
    for (const [path, known] of this.#files) {
      if (known.wanted) known.wanted = false;
      else this.#files.delete(path);
    }
  }

  #file(path: string): RefText {
    // Taken before the file is read: what is written in between is seen as a change the next time.
    const stamp = stampOf(path);
    const before = this.#files.get(path);
    if (before?.stamp === stamp) {
      before.wanted = true;
      return before.found;
    }
    const found = readFile(path);
    this.#files.set(path, { stamp, found, wanted: true });
    return found;
  }

  #variable(name: string): RefText {
    let found = this.#variables.get(name);
    if (found === undefined) {
      const text = this.#env[name];
      found = text === undefined ? { fault: 'it is not set' } : { text };
      this.#variables.set(name, found);
    }
    return found;
  }
}

function readFile(path: string): RefText {
  try {
    return { text: readSmallFile(path) };
  } catch (error) {
    return { fault: fileFault(error as NodeJS.ErrnoException) };
  }
}
