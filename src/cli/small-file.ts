import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

/** More than any certificate, bundle of authorities or secret has. */
const bytesMax = 1024 ** 2;

/**
 * The text of a file that the operator named.
 * @throws the error of the file system; EFBIG beyond 1 MiB, EINVAL for what is no file.
 */
export function readSmallFile(path: string): string {
  return readSmallBytes(path, { bytesMax }).toString('utf8');
}

/**
 * @param bounds `inside`: a directory, as `realpath` has it, out of which no symbolic link may lead.
 * @throws the error of the file system; EFBIG where it is too large, EINVAL for what is no file, EXDEV where it lies outside.
 */
export function readSmallBytes(path: string, bounds: { readonly bytesMax: number; readonly inside?: string }): Buffer {
  // Opened first, so that what is looked at is what is read. A pipe that nobody writes to would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const about = fstatSync(file);
    if (!about.isFile()) throw fileError(path, 'is no file', 'EINVAL');
    if (about.size > bounds.bytesMax) throw fileError(path, 'is too large', 'EFBIG');
    if (bounds.inside !== undefined && !openedPath(file, path).startsWith(`${bounds.inside}/`))
      throw fileError(path, 'lies elsewhere', 'EXDEV');
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Of the open file itself: its path may lead elsewhere by now. */
function openedPath(file: number, path: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    return realpathSync(path);
  }
}

function fileError(path: string, what: string, code: string): Error {
  return Object.assign(new Error(`${path} ${what}`), { code });
}

/** Why a file cannot be read, in a few words. */
export function fileFault({ code, message }: NodeJS.ErrnoException, sizeMax = '1 MiB'): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it is not there';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EINVAL':
    case 'EISDIR':
      return 'it is no file';
    case 'EFBIG':
      return `it is larger than ${sizeMax}`;
    case 'EXDEV':
      return 'it leads out of its directory';
    default:
      return code ?? message;
  }
}
