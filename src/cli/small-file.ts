import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** More than any certificate, bundle of authorities or secret has. */
const bytesMax = 1024 ** 2;

/** The text of a file that the operator named, or why it cannot be read, in a few words. */
export function readSmallFile(path: string): { readonly text: string } | { readonly fault: string } {
  try {
    // Opened first, so that what is measured is what is read; a pipe or a device would make the start wait.
    const file = openSync(path, 'r');
    try {
      const about = fstatSync(file);
      if (!about.isFile()) return { fault: 'it is no file' };
      return about.size > bytesMax ? { fault: 'it is larger than 1 MiB' } : { text: readFileSync(file, 'utf8') };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { fault: faultText(error as NodeJS.ErrnoException) };
  }
}

function faultText({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it is not there';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return code ?? message;
  }
}
