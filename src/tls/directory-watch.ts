import { statSync, watch } from 'node:fs';

/** Calls `onEvent` when something changes among a directory's entries, perhaps too often; null where it cannot be watched. */
export type WatchDirectory = (path: string, onEvent: () => void) => { close(): void } | null;

export const watchDirectory: WatchDirectory = (path, onEvent) => {
  try {
    const watcher = watch(path, { persistent: false }, onEvent);
    // It says nothing more from then on: who polls as well finds out.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
};

/** Watches of directories that may come, go and be replaced by others of the same name. */
export class DirectoryWatches {
  readonly #watch: WatchDirectory;
  readonly #onEvent: () => void;
  readonly #watched = new Map<string, { readonly identity: string; readonly watcher: { close(): void } }>();

  constructor(watch: WatchDirectory, onEvent: () => void) {
    this.#watch = watch;
    this.#onEvent = onEvent;
  }

  /** Watches exactly these; to be called again every now and then, since a replaced directory goes silent. */
  set(paths: readonly string[]): void {
    const wanted = new Set(paths);
    for (const [path, { identity, watcher }] of this.#watched) {
      if (wanted.has(path) && identity === identityOf(path)) continue;
      watcher.close();
      this.#watched.delete(path);
    }
    this.add(paths);
  }

  /** Watches these as well. */
  add(paths: readonly string[]): void {
    for (const path of paths) {
      const identity = identityOf(path);
      if (this.#watched.has(path) || identity === null) continue;
      const watcher = this.#watch(path, this.#onEvent);
      if (watcher !== null) this.#watched.set(path, { identity, watcher });
    }
  }
}

/** null for what is no directory. */
function identityOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true ? `${stat.dev} ${stat.ino}` : null;
}
