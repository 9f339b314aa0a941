/** The store could not do what was asked of it; the message says why in words, and names the file. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
}

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const codes = {
  error: 1,
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

/** The file itself is at fault: another attempt finds the same. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === codes.corrupt || code === codes.notADatabase;
}

/** As a damaged file is, or one with tables that are not ours. */
export function isForeign(error: unknown): boolean {
  return isDamage(error) || primaryCode(error) === codes.error;
}

export function asStoreFailure(error: unknown, path: string): StoreFailure {
  if (error instanceof StoreFailure) return error;
  return new StoreFailure(`${path}: ${words(error)}`, { cause: error });
}

function words(error: unknown): string {
  const { errcode, code, message } = error as NodeJS.ErrnoException & { errcode?: number };
  switch (primaryCode(error)) {
    case codes.full:
      return 'the disk is full, or the store has grown to its limit';
    case codes.readonly:
      return 'the file or its file system is read-only';
    case codes.cannotOpen:
      return 'it cannot be opened or made; the directory may be read-only, or the disk full';
    case codes.io:
      return `the disk failed, or is full (SQLite ${errcode}: ${message})`;
    case codes.busy:
    case codes.locked:
      return 'another process has been holding it';
    default:
      return code === 'ENOSPC' ? 'the disk is full' : code === undefined ? message : `${message} (${code})`;
  }
}

function primaryCode(error: unknown): number | null {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : null;
}
