import type { FetchLocks } from '../cache/fetch-locks.ts';
import type { HttpCache } from '../cache/http-cache.ts';
import type { PurgeRule } from '../cache/purge.ts';
import type { CacheFetch } from './cache-fetch.ts';

/** A request waits no longer for the fetch of another worker, which it cannot read along. */
const waitMsMax = 5_000;

/** Where a worker's requests meet its cache, and each other: one fetch at a time for each place of the store. */
export class CacheDesk {
  readonly cache: HttpCache;
  /** Places that no other worker fetches meanwhile. */
  readonly #locked = new Set<string>();
  /** Under way, and others may join. */
  readonly #fetches = new Map<string, CacheFetch>();

  /** Tells the other workers. */
  readonly #onVoid: (key: string) => void;

  readonly #locks: FetchLocks;

  constructor({ cache, locks, onVoid }: { cache: HttpCache; locks: FetchLocks; onVoid: (key: string) => void }) {
    this.cache = cache;
    this.#locks = locks;
    this.#onVoid = onVoid;
  }

  /** @returns how many answers went from memory; what was asked for before is not kept when it comes. */
  purge(rule: PurgeRule): number {
    return this.cache.purge(rule);
  }

  fetchAt(place: string): CacheFetch | null {
    return this.#fetches.get(place) ?? null;
  }

  /** To be asked before the store is, and told to `mayFetch`. */
  turn(place: string): number {
    return this.#locks.turn(place);
  }

  /**
   * @param turn null = whatever others have stored meanwhile.
   * @returns `theirs` where another worker fetches it; `late` where it has been fetched since that turn, by another worker or,
   * while the disk still writes it, by this one: the store is to be asked again.
   */
  mayFetch(place: string, turn: number | null): 'yes' | 'theirs' | 'late' {
    const lock = this.#locks.take(place);
    if (lock === 'theirs') return 'theirs';
    if (lock === 'shared' && turn !== null && this.#locked.has(place) && !this.#fetches.has(place)) return 'late';
    if (lock === 'taken') {
      if (turn !== null && this.#locks.turn(place) !== turn) {
        this.#locks.giveBack(place, { used: false });
        return 'late';
      }
      this.#locked.add(place);
    }
    return 'yes';
  }

  /** Waits for another worker's fetch. */
  theirFetch(place: string): Promise<void> {
    return this.#locks.theirs(place, waitMsMax);
  }

  begin(place: string, fetch: CacheFetch): void {
    this.#fetches.set(place, fetch);
  }

  /** Other workers need not wait any more. */
  unlock(place: string): void {
    if (this.#locked.delete(place)) this.#locks.giveBack(place);
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
