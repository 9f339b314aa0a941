import { readdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileFault, readSmallBytes } from '../cli/small-file.ts';
import { type FileRule, type FoundPages, findPages } from '../labels/find-pages.ts';
import { type PageReading, pageType } from '../labels/page-file.ts';
import { stampOf } from './file-stamp.ts';

/** What labels call the directory, whatever it is called here. */
const publicName = '/pages/';

const pageBytesMax = 256 * 1024;
/** All of them travel with the table of routes. */
const shelfBytesMax = 2 * 1024 ** 2;
const filesMax = 1_000;
const depthMax = 4;

interface Shelved {
  /** What the file looked like when it was read. */
  readonly stamp: string;
  readonly reading: PageReading;
}

/**
 * The error pages that labels may choose from: the files of one directory that the operator has named (`FAIRLEAD_PAGES`). A label
 * never opens a file: it names one of those that a walk through the directory has found, so that no path leads out of it.
 */
export class PageShelf {
  /** Absolute; null = none. */
  readonly #directory: string | null;
  /** By path inside the directory; null while nobody asks. Replaced whole where anything has changed. */
  #pages: ReadonlyMap<string, Shelved> | null = null;
  #wanted = false;
  /** Since the last sweep. */
  #hasLooked = false;
  /** Something is otherwise, and nobody has been told so. */
  #untold = false;
  readonly #found = new WeakMap<FileRule, { readonly among: unknown; readonly pages: FoundPages }>();

  constructor(directory: string | null) {
    this.#directory = directory === null ? null : resolve(directory);
  }

  /** The same object as before, unless one of its pages has changed. */
  find(rule: FileRule): FoundPages {
    this.#wanted = true;
    const known = this.#found.get(rule);
    // Whoever writes a label has often put its page there just before.
    if (this.#pages === null || (known === undefined && !this.#hasLooked)) this.#look();
    if (known?.among === this.#pages) return known.pages;
    const now = findPages(rule, (path) => this.#read(path));
    const pages = known !== undefined && isDeepStrictEqual(known.pages, now) ? known.pages : now;
    this.#found.set(rule, { among: this.#pages, pages });
    return pages;
  }

  /** Looks at the directory again: whether something in it is otherwise than the last time it was asked. */
  changed(): boolean {
    if (this.#pages !== null) this.#look();
    const untold = this.#untold;
    this.#untold = false;
    return untold;
  }

  /** Looks no more, where nobody has asked since the last time. */
  sweep(): void {
    if (!this.#wanted) this.#pages = null;
    this.#wanted = false;
    this.#hasLooked = false;
  }

  #look(): void {
    this.#hasLooked = true;
    const before = this.#pages;
    const now = this.#walk();
    const isSame = now.size === before?.size && [...now].every(([name, one]) => before.get(name) === one);
    if (isSame) return;
    this.#pages = now;
    this.#untold = before !== null;
  }

  #read(path: string): PageReading {
    const directory = this.#directory;
    if (directory === null)
      return {
        fault: 'no directory of pages is set',
        mend: 'set FAIRLEAD_PAGES to a directory with the page; labels call it /pages',
        isThere: false,
      };
    const prefix = [publicName, `${directory}/`].find((one) => path.startsWith(one));
    if (prefix === undefined)
      return {
        fault: 'it is not in the directory of FAIRLEAD_PAGES, the only one that labels may show files of',
        mend: `put it there, and write file:${publicName}${path.slice(path.lastIndexOf('/') + 1)}`,
        isThere: false,
      };
    const shelved = this.#pages?.get(nameOf(path.slice(prefix.length)));
    if (shelved === undefined)
      return { fault: 'it is not there', mend: 'put it into the directory of FAIRLEAD_PAGES', isThere: false };
    const { reading } = shelved;
    // As its label has it, which may be either of two names.
    return 'page' in reading && reading.page.path !== path ? { page: { ...reading.page, path } } : reading;
  }

  #walk(): ReadonlyMap<string, Shelved> {
    const shelf = new Map<string, Shelved>();
    if (this.#directory === null) return shelf;
    let inside: string;
    try {
      inside = realpathSync(this.#directory);
    } catch {
      return shelf;
    }
    let bytes = 0;
    for (const name of pageNames(inside)) {
      let shelved = bytes > shelfBytesMax ? left : this.#shelve(name, inside);
      if ('page' in shelved.reading) bytes += shelved.reading.page.body.length;
      if (bytes > shelfBytesMax) shelved = left;
      shelf.set(name, shelved);
    }
    return shelf;
  }

  #shelve(name: string, inside: string): Shelved {
    const path = join(inside, name);
    // Taken before the file is read: what is written in between is seen as a change the next time.
    const stamp = stampOf(path);
    const before = this.#pages?.get(name);
    return before?.stamp === stamp ? before : { stamp, reading: readPage(name, path, inside) };
  }
}

/** A file for which there is no room. */
const left: Shelved = {
  stamp: '',
  reading: {
    fault: 'the pages in the directory are larger than 2 MiB together',
    mend: 'make them smaller',
    isThere: true,
  },
};

function readPage(name: string, path: string, inside: string): PageReading {
  try {
    const body = readSmallBytes(path, { bytesMax: pageBytesMax, inside });
    return { page: { path: publicName + name, type: pageType(name) as string, body } };
  } catch (error) {
    return { fault: fileFault(error as NodeJS.ErrnoException, '256 KiB'), mend: '', isThere: true };
  }
}

/** Paths inside a directory of what is named like a page; the same order every time. Links to directories are not followed. */
function pageNames(root: string): readonly string[] {
  const names: string[] = [];
  const walk = (inner: string, depth: number): void => {
    for (const entry of entriesOf(join(root, inner))) {
      if (names.length === filesMax) return;
      const name = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory() && depth < depthMax) walk(name, depth + 1);
      else if (!entry.isDirectory() && pageType(name) !== null) names.push(name);
    }
  };
  walk('', 1);
  return names;
}

function entriesOf(directory: string) {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** `a//./b.html` is `a/b.html`. `..` stays, and is the name of nothing. */
function nameOf(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
