import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** More than any certificate, bundle of authorities or secret has. */
const bytesMax = 1024 ** 2;

/**
 * The text of a file that the operator named.
 * @throws the error of the file system; EFBIG beyond 1 MiB, EINVAL for what is no file.
 */
export function readSmallFile(path: string): string {
  // Opened first, so that what is measured is what is read; a device would make the start wait.
  const file = openSync(path, 'r');
  try {
    const about = fstatSync(file);
    if (!about.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: 'EINVAL' });
    if (about.size > bytesMax) throw Object.assign(new Error(`${path} is too large`), { code: 'EFBIG' });
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Why a file cannot be read, in a few words. */
export function fileFault({ code, message }: NodeJS.ErrnoException): string {
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
      return 'it is larger than 1 MiB';
    default:
      return code ?? message;
  }
}
