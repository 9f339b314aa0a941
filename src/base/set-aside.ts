import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compactTime } from './compact-time.ts';

/** Something on disk that could not be read, and was moved out of the way. Plain data. */
export interface Damage {
  readonly path: string;
  /** Where it is kept for a person to look at; null where it could not be moved. */
  readonly keptAs: string | null;
  /** What is wrong with it, in words. */
  readonly why: string;
}

/** Of each path so many are kept: a disk that damages a file at every start must not fill itself. */
const keptMax = 5;

/**
 * Renames what is damaged to `….damaged-<UTC time>`, a directory too. Never throws: what cannot be moved stays, and says so.
 * @param companions endings of files that belong to it and move along, such as `-wal`.
 */
export function setAside(
  path: string,
  { nowMs, why, companions = [] }: { nowMs: number; why: string; companions?: readonly string[] },
): Damage {
  const keptAs = freeName(`${path}.damaged-${compactTime(nowMs)}`);
  try {
    renameSync(path, keptAs);
    for (const ending of companions) if (existsSync(path + ending)) renameSync(path + ending, keptAs + ending);
    forgetOldest(path, companions);
    return { path, keptAs, why };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { path, keptAs: null, why: `${why}; it could not be moved aside (${code ?? message})` };
  }
}

function freeName(wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if (!existsSync(name)) return name;
  }
}

function forgetOldest(path: string, companions: readonly string[]): void {
  const kept = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.damaged-`))
    .filter((name) => !companions.some((ending) => name.endsWith(ending)))
    .sort();
  for (const name of kept.slice(0, -keptMax)) {
    for (const ending of ['', ...companions])
      rmSync(join(dirname(path), name + ending), { recursive: true, force: true });
  }
}
