import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.ts';
import type { MemoryBody } from './memory-body.ts';
import { isPurgedBy, type PurgeRule } from './purge.ts';

export interface MemoryEntry extends Entry {
  readonly body: MemoryBody;
}

/** What an entry takes besides its body and its texts: objects, the place in the maps. */
const overheadBytes = 1024;
/** Of the whole, for what was asked for once. */
const probationShare = 0.2;
/** Of the whole, for one entry: more would throw out too many others. */
const entryShare = 0.1;

/**
 * Answers in memory, bounded in bytes. Resists scans: what was stored is on probation until it is asked for, so that a crawler
 * that fetches everything once pushes out only what nobody else has asked for either (segmented LRU).
 */
export class MemoryStore {
  readonly bodyBytesMax: number;
  readonly #probation: LRUCache<string, MemoryEntry>;
  readonly #proven: LRUCache<string, MemoryEntry>;
  /** ms. */
  readonly #monotonic: () => number;

  /**
   * @param inactiveMs how long an entry stays that nobody asks for.
   * @param monotonic ms.
   */
  constructor({ bytesMax, inactiveMs, monotonic }: { bytesMax: number; inactiveMs: number; monotonic: () => number }) {
    this.#monotonic = monotonic;
    this.bodyBytesMax = MemoryStore.bodyBytesMax(bytesMax);
    const store = (share: number): LRUCache<string, MemoryEntry> =>
      new LRUCache({
        maxSize: Math.max(1, Math.floor(bytesMax * share)),
        sizeCalculation: sizeOf,
        ttl: inactiveMs,
        updateAgeOnGet: true,
        ttlResolution: 0,
        perf: { now: () => this.#monotonic() },
      });
    this.#probation = store(probationShare);
    this.#proven = store(1 - probationShare);
  }

  static bodyBytesMax(bytesMax: number): number {
    return Math.floor(bytesMax * entryShare);
  }

  get bytes(): number {
    return this.#probation.calculatedSize + this.#proven.calculatedSize;
  }

  get entries(): number {
    return this.#probation.size + this.#proven.size;
  }

  /** Asking for it proves that it is wanted. */
  get(place: string): MemoryEntry | null {
    const proven = this.#proven.get(place);
    if (proven !== undefined) return proven;
    const entry = this.#probation.get(place);
    if (entry === undefined) return null;
    this.#probation.delete(place);
    this.#proven.set(place, entry);
    return entry;
  }

  /** Without a sign that it is wanted. */
  peek(place: string): MemoryEntry | null {
    return this.#proven.peek(place) ?? this.#probation.peek(place) ?? null;
  }

  /** What is too large is not kept. */
  set(entry: MemoryEntry): void {
    if (this.#proven.has(entry.place)) this.#proven.set(entry.place, entry);
    else this.#probation.set(entry.place, entry);
  }

  delete(place: string): void {
    this.#probation.delete(place);
    this.#proven.delete(place);
  }

  /** @returns how many went. */
  purge(rule: PurgeRule): number {
    let count = 0;
    for (const store of [this.#probation, this.#proven]) {
      for (const [place, { stored }] of store.entries()) {
        if (isPurgedBy(stored, rule) && store.delete(place)) count++;
      }
    }
    return count;
  }
}

function sizeOf({ stored, body, place }: MemoryEntry): number {
  let characters = place.length + stored.key.length + stored.path.length;
  for (const text of stored.fields) characters += text.length;
  return overheadBytes + body.bytes + 2 * characters;
}
