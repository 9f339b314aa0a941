import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { socketPath } from '../admin/socket-file.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';

/** Makes sure that the data directory is there (0700 when it is new) and can be written; null when all is well. */
export function dataDirectoryProblem(dir: string): Problem | null {
  const fault = whyUnusable(resolve(dir));
  if (fault === null) return null;
  const suggestion = 'choose another with FAIRLEAD_DATA, or mount a volume there';
  const culprit = { container: '', label: 'FAIRLEAD_DATA', text: dir, secret: false };
  return problemOf(culprit, { expected: `a directory that can be written: ${fault}`, suggestion });
}

function whyUnusable(dir: string): string | null {
  // A unix socket's path holds 107 bytes, and the one of the commands is in here.
  if (Buffer.byteLength(socketPath(dir)) > 107) return `${dir} is too long for the socket of the commands`;
  try {
    makeDirectory(dir);
    if (!statSync(dir).isDirectory()) return `${dir} is none`;
    accessSync(dir, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return `${dir}: ${errorText(error as NodeJS.ErrnoException)}`;
  }
}

/** Not by `recursive`: Node never comes back from a file system that refuses with ENOENT, as /proc does. */
function makeDirectory(dir: string): void {
  if (existsSync(dir)) return;
  if (dirname(dir) !== dir) makeDirectory(dirname(dir));
  mkdirSync(dir, { mode: 0o700 });
}

function errorText({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a file is in the way';
    case 'ENOENT':
      return 'nothing can be made there';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return code ?? message;
  }
}

const tokenCharsMin = 16;

/**
 * The token of a proxy that was given none: the one in the data directory, else a new one of 192 bits, kept there as 0600. Hex: base64url may begin with a dash, as a flag does.
 * @throws the error of the file system.
 */
export function keptAdminToken(dir: string): { readonly token: string; readonly isNew: boolean } {
  const path = join(dir, 'admin-token');
  const kept = readIfThere(path);
  if (kept.length >= tokenCharsMin) return { token: kept, isNew: false };
  const token = randomBytes(24).toString('hex');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return { token, isNew: true };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
