import { readFileSync } from 'node:fs';

/** Files that a worker, and the process around it, hold besides connections. */
const otherFiles = 64;

/** How many files this process may open; Infinity where nobody says. node has raised the soft limit to the hard one already. */
export function openFilesMax(): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Connections of clients that can be served with so many files: each may need one more, to a backend. */
export function connectionsThatFit(openFiles: number, workers: number): number {
  return Math.max(16, Math.floor((openFiles - otherFiles * (workers + 1)) / 2));
}
