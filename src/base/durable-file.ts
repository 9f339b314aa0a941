import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file (0600) so that every reader, and every start after a kill or a power cut, finds the old content or the
 * whole new one.
 * @throws the error of the file system; the old content still stands.
 */
export function writeDurably(path: string, content: string): void {
  const draft = draftPath(path);
  try {
    writeSynced(draft, content);
    renameSync(draft, path);
  } catch (error) {
    removeDraft(draft);
    throw error;
  }
  syncDirectory(dirname(path));
}

/**
 * Makes a file (0600) with its whole content, unless there is one: of several processes exactly one wins.
 * @returns whether this call made it.
 * @throws the error of the file system.
 */
export function createDurably(path: string, content: string): boolean {
  const draft = draftPath(path);
  try {
    writeSynced(draft, content);
    // A rename would replace what another process has made in the meantime; a link never does.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    removeDraft(draft);
  }
  syncDirectory(dirname(path));
  return true;
}

/** Writes a file (0600) and waits until the disk has it. Not atomic: for names that nobody reads yet. @throws the error of the file system. */
export function writeSynced(path: string, content: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes renames in a directory outlive a power cut. @throws the error of the file system. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** By chance and not by process id: two containers on one volume are both number 1. */
function draftPath(path: string): string {
  return `${path}.draft-${randomBytes(6).toString('hex')}`;
}

function removeDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // It was never made, or has become the file.
  }
}
