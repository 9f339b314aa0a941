/** What the cache holds, over all workers. */
export interface CacheNumbers {
  readonly memory: { readonly bytes: number; readonly entries: number };
  /** null = there is no disk for it. Entries as of the last look at the directory, once a minute. */
  readonly disk: { readonly bytes: number; readonly entries: number; readonly bytesMax: number } | null;
  /** Answers that a purge has removed. */
  readonly purged: number;
}
