/** Places that share a lock wait for each other now and then, and no longer than that. */
const locksCount = 16_384;

/**
 * Who fetches what, over all workers: one lock for each place of the store, in shared memory. It is a courtesy, not a promise:
 * whoever has waited long enough goes ahead.
 */
export class FetchLocks {
  readonly #locks: Int32Array<SharedArrayBuffer>;
  /** How often each has been given back. */
  readonly #turns: Int32Array<SharedArrayBuffer>;
  /** Not 0. */
  readonly #own: number;

  /** @param worker its number, from 0 on. */
  constructor(memory: SharedArrayBuffer, worker: number) {
    this.#locks = new Int32Array(memory, 0, locksCount);
    this.#turns = new Int32Array(memory, locksCount * Int32Array.BYTES_PER_ELEMENT, locksCount);
    this.#own = worker + 1;
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * locksCount * Int32Array.BYTES_PER_ELEMENT);
  }

  /** @returns `shared` where this worker has it already, for something else. */
  take(place: string): 'taken' | 'shared' | 'theirs' {
    const before = Atomics.compareExchange(this.#locks, indexOf(place), 0, this.#own);
    if (before === 0) return 'taken';
    return before === this.#own ? 'shared' : 'theirs';
  }

  /** A number that is another one once the lock was given back: who looked for an answer before that must look again. */
  turn(place: string): number {
    return Atomics.load(this.#turns, indexOf(place));
  }

  /** Only who has taken it. @param used false = nothing was fetched meanwhile. */
  giveBack(place: string, { used = true }: { readonly used?: boolean } = {}): void {
    const index = indexOf(place);
    if (Atomics.load(this.#locks, index) !== this.#own) return;
    // Before it is free: whoever takes it next must see that.
    if (used) Atomics.add(this.#turns, index, 1);
    Atomics.store(this.#locks, index, 0);
    Atomics.notify(this.#locks, index);
  }

  /** Waits until another worker gives it back, `timeoutMs` at most. */
  async theirs(place: string, timeoutMs: number): Promise<void> {
    const index = indexOf(place);
    const holder = Atomics.load(this.#locks, index);
    if (holder === 0 || holder === this.#own) return;
    const { value } = Atomics.waitAsync(this.#locks, index, holder, timeoutMs);
    await value;
  }

  /** A worker has died with what it had. */
  clear(): void {
    for (let index = 0; index < locksCount; index++) {
      if (Atomics.compareExchange(this.#locks, index, this.#own, 0) === this.#own) Atomics.notify(this.#locks, index);
    }
  }
}

/** FNV-1a. */
function indexOf(place: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < place.length; i++) hash = Math.imul(hash ^ place.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % locksCount;
}
