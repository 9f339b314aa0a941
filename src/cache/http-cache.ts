import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CacheRequest } from './cache-request.ts';
import { answers, type Entry, placeOf } from './entry.ts';
import { MemoryBody } from './memory-body.ts';
import { MemoryStore } from './memory-store.ts';
import { isPurgedBy, type PurgeRule } from './purge.ts';
import { RecordingRoom } from './recording-room.ts';
import type { Stored } from './stored.ts';

/** What was found for a request. */
export interface Found {
  /** The answer to this request, fresh or not. */
  readonly entry: Entry | null;
  /** The first answer of its key, which is for another request where it is not `entry`. */
  readonly first: Entry | null;
}

/** Answers of which it is known that they are not kept, so that nobody waits for one to be shared. */
const passesMax = 10_000;
const passMs = 120_000;
/** Purges that answers under way may have missed. */
const rulesMax = 256;
/** Share of memory for bodies that are kept while they come. */
const recordingShare = 0.25;

export interface CacheOptions {
  /** In memory. */
  readonly bytesMax: number;
  readonly inactiveMs: number;
  /** ms. */
  readonly monotonic: () => number;
}

/** The store of a worker. */
export class HttpCache {
  readonly room: RecordingRoom;
  readonly #memory: MemoryStore;
  readonly #passes: LRUCache<string, true>;
  readonly #rules: PurgeRule[] = [];

  constructor(options: CacheOptions) {
    const { bytesMax, monotonic } = options;
    const recordingBytes = Math.floor(bytesMax * recordingShare);
    this.room = new RecordingRoom(recordingBytes);
    this.#memory = new MemoryStore({ ...options, bytesMax: bytesMax - recordingBytes });
    this.#passes = new LRUCache({ max: passesMax, ttl: passMs, ttlResolution: 0, perf: { now: monotonic } });
  }

  /** A longer body is not kept. */
  get bodyBytesMax(): number {
    return this.#memory.bodyBytesMax;
  }

  find(request: CacheRequest): Found {
    const first = this.#memory.get(request.key);
    if (first === null || answers(first.stored, request)) return { entry: first, first };
    const other = this.#memory.get(placeOf(request, first));
    return { entry: other !== null && answers(other.stored, request) ? other : null, first };
  }

  /**
   * Keeps an answer.
   *
   * @param first as it was found before the answer was fetched.
   */
  keep(request: CacheRequest, stored: Stored, content: Uint8Array, first: Found['first']): void {
    if (this.#rules.some((rule) => isPurgedBy(stored, rule))) return;
    const place = placeOf(request, first);
    const generation = first?.generation ?? randomBytes(12).toString('base64url');
    this.#memory.set({ place, generation, stored, body: new MemoryBody(content) });
  }

  /** A 304 has said more about what is kept; null = it is not to be kept any more. */
  update(entry: Entry, stored: Stored | null): void {
    const kept = this.#memory.get(entry.place);
    if (kept === null || kept.generation !== entry.generation || kept.body !== entry.body) return;
    if (stored === null) this.#memory.delete(entry.place);
    else this.#memory.set({ ...kept, stored });
  }

  /** All answers of a key (RFC 9111 §4.4). */
  invalidate(key: string): void {
    this.#memory.delete(key);
  }

  /** @returns how many answers went. */
  purge(rule: PurgeRule): number {
    this.#rules.push(rule);
    if (this.#rules.length > rulesMax) this.#rules.shift();
    return this.#memory.purge(rule);
  }

  /** The answer to such a request was not one to keep; for a while nobody waits for the next. */
  pass(key: string): void {
    this.#passes.set(key, true);
  }

  /** It was one to keep. */
  unpass(key: string): void {
    this.#passes.delete(key);
  }

  isPassed(key: string): boolean {
    return this.#passes.has(key);
  }
}
