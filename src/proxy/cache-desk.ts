import type { HttpCache } from '../cache/http-cache.ts';
import type { PurgeRule } from '../cache/purge.ts';
import type { CacheFetch } from './cache-fetch.ts';

/** Where a worker's requests meet its cache, and each other: one fetch at a time for each place of the store. */
export class CacheDesk {
  readonly cache: HttpCache;
  /** Under way, and others may join. */
  readonly #fetches = new Map<string, CacheFetch>();

  /** Tells the other workers. */
  readonly #onVoid: (key: string) => void;

  constructor(cache: HttpCache, onVoid: (key: string) => void = () => {}) {
    this.cache = cache;
    this.#onVoid = onVoid;
  }

  /** @returns how many answers went from memory; what was asked for before is not kept when it comes. */
  purge(rule: PurgeRule): number {
    return this.cache.purge(rule);
  }

  fetchAt(place: string): CacheFetch | null {
    return this.#fetches.get(place) ?? null;
  }

  begin(place: string, fetch: CacheFetch): void {
    this.#fetches.set(place, fetch);
  }

  end(place: string, fetch: CacheFetch): void {
    if (this.#fetches.get(place) === fetch) this.#fetches.delete(place);
  }

  /** All answers of a key are void, and what is under way may have been asked for before that was so. */
  invalidate(key: string, where: 'everywhere' | 'here' = 'everywhere'): void {
    this.cache.invalidate(key);
    if (where === 'everywhere') this.#onVoid(key);
    for (const [place, fetch] of this.#fetches) {
      if (place !== key && !place.startsWith(`${key}\n`)) continue;
      fetch.outdated = true;
      this.#fetches.delete(place);
    }
  }
}
