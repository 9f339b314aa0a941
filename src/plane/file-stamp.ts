import { statSync } from 'node:fs';

/** Differs whenever the file does; why it cannot be read is part of it. */
export function stampOf(path: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino, dev } = statSync(path);
    return [mtimeMs, ctimeMs, size, ino, dev].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
