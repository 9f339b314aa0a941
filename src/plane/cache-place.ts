import { chmodSync, chownSync, constants, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface CachePlace {
  readonly path: string;
  readonly fd: number;
}

const othersMayAll = 0o007;

/**
 * The one directory that the data plane may write to, made and given over by the control plane. It is handed on as an open
 * descriptor: the data directory around it is closed to that user, and stays so.
 *
 * @param owner user of the data plane; undefined = ours.
 * @throws the error of the file system.
 */
export function openCachePlace(dataDir: string, owner: number | undefined): CachePlace {
  const path = join(dataDir, 'cache');
  // What another user has left cannot be used, and it is only a cache.
  if (existsSync(path) && !isOpenTo(path, owner)) rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (owner !== undefined && !isOpenTo(path, owner)) giveOver(path, owner, dataDir);
  return { path, fd: openSync(path, constants.O_RDONLY | constants.O_DIRECTORY) };
}

function isOpenTo(path: string, owner: number | undefined): boolean {
  const { uid, mode } = statSync(path);
  const ours = process.getuid?.() ?? 0;
  return uid === (owner ?? ours) || (uid === ours && (mode & othersMayAll) === othersMayAll);
}

/**
 * A container that has dropped all capabilities may not change owners (CAP_CHOWN). There the directory is opened to all: nobody
 * but who was given its descriptor can reach it, as long as the directory around it lets no one through.
 */
function giveOver(path: string, owner: number, dataDir: string): void {
  try {
    chownSync(path, owner, owner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM' || (statSync(dataDir).mode & othersMayAll) !== 0) throw error;
    // The umask has no part in this.
    chmodSync(path, 0o777);
  }
}

/** The directory under a number that it has in another process; without procfs it is there by its path, or for us alone. */
export function pathOfDescriptor(fd: number, { path }: CachePlace): string {
  return existsSync('/proc/self/fd') ? `/proc/self/fd/${fd}` : path;
}
