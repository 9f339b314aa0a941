import { chownSync, constants, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface CachePlace {
  readonly path: string;
  readonly fd: number;
}

/**
 * The one directory that the data plane may write to, made and given over by the control plane. It is handed on as an open
 * descriptor: the data directory around it is closed to that user, and stays so.
 *
 * @param owner user of the data plane; undefined = ours.
 * @throws the error of the file system.
 */
export function openCachePlace(dataDir: string, owner: number | undefined): CachePlace {
  const path = join(dataDir, 'cache');
  const uid = owner ?? process.getuid?.() ?? 0;
  // What another user has left cannot be used, and it is only a cache.
  if (existsSync(path) && statSync(path).uid !== uid) rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (owner !== undefined) chownSync(path, owner, owner);
  return { path, fd: openSync(path, constants.O_RDONLY | constants.O_DIRECTORY) };
}

/** The directory under a number that it has in another process; without procfs it is there by its path, or for us alone. */
export function pathOfDescriptor(fd: number, { path }: CachePlace): string {
  return existsSync('/proc/self/fd') ? `/proc/self/fd/${fd}` : path;
}
