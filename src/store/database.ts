import { createHash } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { type Damage, setAside } from '../base/set-aside.ts';
import { asStoreFailure, isDamage, isForeign, StoreFailure } from './store-failure.ts';

/** 1 MiB of UTF-8: a ledger of thousands of names fits. */
export const valueBytesMax = 1_048_576;
const keyBytesMax = 1_024;
const pageBytes = 4_096;
/** 256 MiB in all. */
const pagesMax = 65_536;
const busyTimeoutMs = 2_000;
/** Expired entries are swept at every so many writes, and at the start. */
const writesPerSweep = 256;
const damagedEntriesMax = 100;

/** `synchronous=FULL`: what was acknowledged outlives a power cut; certificates are written seldom enough for it. */
const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 4194304;
  PRAGMA max_page_count = ${pagesMax};
  CREATE TABLE IF NOT EXISTS entries (
    namespace TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER, sum TEXT NOT NULL,
    PRIMARY KEY (namespace, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS damaged (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, namespace TEXT NOT NULL, key TEXT NOT NULL, value ANY
  ) STRICT;`;

const queries = {
  get: 'SELECT value, expires, sum FROM entries WHERE namespace = ? AND key = ?',
  set: 'INSERT INTO entries VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, expires = excluded.expires, sum = excluded.sum',
  delete: 'DELETE FROM entries WHERE namespace = ? AND key = ?',
  clear: 'DELETE FROM entries WHERE namespace = ?',
  keysAfter: 'SELECT key FROM entries WHERE namespace = ? AND key > ? ORDER BY key LIMIT 100',
  sweep: 'DELETE FROM entries WHERE expires <= ?',
  keepDamaged: 'INSERT INTO damaged (at, namespace, key, value) VALUES (?, ?, ?, ?)',
  forgetDamaged: `DELETE FROM damaged WHERE id <= (SELECT max(id) FROM damaged) - ${damagedEntriesMax}`,
};

interface Opened {
  readonly db: DatabaseSync;
  readonly run: Readonly<Record<keyof typeof queries, StatementSync>>;
}

export interface DatabaseOptions {
  readonly path: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly onDamage: (damage: Damage) => void;
}

/**
 * Texts under a namespace and a key, in one SQLite file (0600, in a directory 0700). Each carries a checksum; a damaged one
 * moves to the table `damaged`, a damaged file is renamed and a new one begun, at the start as well as in use.
 *
 * Every method throws StoreFailure.
 */
export class Database {
  readonly #options: DatabaseOptions;
  #opened: Opened | null = null;
  #closed = false;
  #writes = 0;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#do(({ run }) => run.sweep.run(options.clock.now()));
  }

  get(namespace: string, key: string): string | undefined {
    const row = this.#do(({ run }) => run.get.get(namespace, key));
    if (row === undefined) return undefined;
    if (row.sum !== checksum(namespace, key, String(row.value))) {
      this.#setEntryAside(namespace, key, String(row.value));
      return undefined;
    }
    return isExpired(row.expires, this.#options.clock.now()) ? undefined : String(row.value);
  }

  /** @param expires epoch ms; undefined = never. */
  set(namespace: string, key: string, value: string, expires: number | undefined): void {
    const valueBytes = Buffer.byteLength(value);
    if (valueBytes > valueBytesMax)
      throw new StoreFailure(`${namespace}/${key}: ${valueBytes} bytes are more than the ${valueBytesMax} of a value`);
    if (Buffer.byteLength(key) > keyBytesMax)
      throw new StoreFailure(`${namespace}: a key of more than ${keyBytesMax} bytes`);
    this.#do(({ run }) => {
      if (++this.#writes % writesPerSweep === 0) run.sweep.run(this.#options.clock.now());
      run.set.run(namespace, key, value, expires ?? null, checksum(namespace, key, value));
    });
  }

  delete(namespace: string, key: string): boolean {
    return this.#do(({ run }) => run.delete.run(namespace, key)).changes > 0;
  }

  clear(namespace: string): void {
    this.#do(({ run }) => run.clear.run(namespace));
  }

  /** At most 100 keys that follow `after`, in their order. */
  keysAfter(namespace: string, after: string): readonly string[] {
    return this.#do(({ run }) => run.keysAfter.all(namespace, after)).map(({ key }) => String(key));
  }

  close(): void {
    this.#closed = true;
    this.#release();
  }

  #do<T>(work: (opened: Opened) => T): T {
    if (this.#closed) throw new StoreFailure(`${this.#options.path}: the store is closed`);
    try {
      return work(this.#connection());
    } catch (error) {
      if (!isDamage(error)) throw asStoreFailure(error, this.#options.path);
      return this.#again(work, error as Error);
    }
  }

  #connection(): Opened {
    this.#opened ??= this.#openOrBegin();
    return this.#opened;
  }

  #release(): void {
    this.#opened?.db.close();
    this.#opened = null;
  }

  /** What was damaged under our hands is set aside as at the start, and the work done on the new file. */
  #again<T>(work: (opened: Opened) => T, error: Error): T {
    this.#release();
    try {
      this.#begin(error.message);
      return work(this.#connection());
    } catch (second) {
      throw asStoreFailure(second, this.#options.path);
    }
  }

  #openOrBegin(): Opened {
    const { path } = this.#options;
    try {
      prepareFile(path);
      try {
        return open(path);
      } catch (error) {
        if (!isForeign(error)) throw error;
        this.#begin((error as Error).message);
        return open(path);
      }
    } catch (error) {
      throw asStoreFailure(error, path);
    }
  }

  #begin(why: string): void {
    const { path, clock, onDamage } = this.#options;
    const damage = setAside(path, { nowMs: clock.now(), why, companions: ['-wal', '-shm'] });
    onDamage(damage);
    if (damage.keptAs === null) throw new StoreFailure(`${path}: ${damage.why}`);
    prepareFile(path);
  }

  #setEntryAside(namespace: string, key: string, value: string): void {
    const { path, clock, onDamage } = this.#options;
    this.#do(({ run }) => {
      run.keepDamaged.run(clock.now(), namespace, key, value);
      run.forgetDamaged.run();
      run.delete.run(namespace, key);
    });
    onDamage({ path: `${path}#${namespace}/${key}`, keptAs: `${path}, table damaged`, why: 'its checksum is wrong' });
  }
}

/** SQLite gives -wal and -shm the mode of the file itself, so it must not be the one to make it. */
function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function open(path: string): Opened {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    db.exec(`PRAGMA page_size = ${pageBytes}`);
    db.exec(schema);
    const check = String(Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0]);
    if (check !== 'ok') throw Object.assign(new Error(check), { errcode: 11 });
    const run = Object.fromEntries(Object.entries(queries).map(([name, sql]) => [name, db.prepare(sql)]));
    return { db, run: run as Opened['run'] };
  } catch (error) {
    db.close();
    throw error;
  }
}

function checksum(namespace: string, key: string, value: string): string {
  return createHash('sha256').update(`${namespace}\0${key}\0${value}`).digest('base64url');
}

function isExpired(expires: unknown, nowMs: number): boolean {
  return typeof expires === 'number' && expires <= nowMs;
}
