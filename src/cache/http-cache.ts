import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CacheRequest } from './cache-request.ts';
import type { DiskStore } from './disk/disk-store.ts';
import { answers, type Entry, placeOf } from './entry.ts';
import { MemoryBody } from './memory-body.ts';
import { MemoryStore } from './memory-store.ts';
import { isPurgedBy, type PurgeRule } from './purge.ts';
import { type Recorded, Recording, type RecordingOptions } from './recording.ts';
import { RecordingRoom } from './recording-room.ts';
import type { Stored } from './stored.ts';
import { stalenessMs } from './terms.ts';

/** What was found for a request. */
export interface Found {
  /** The answer to this request, fresh or not. Whoever found it releases its body. */
  readonly entry: Entry | null;
  /** The first answer of its key, which is for another request where it is not `entry`. */
  readonly first: Omit<Entry, 'body'> | null;
}

/** The answer to a request, without its body. */
export interface Peeked {
  readonly stored: Stored;
  /** null where it is not known yet. */
  readonly bodyBytes: number | null;
}

/** Answers of which it is known that they are not kept, so that nobody waits for one to be shared. */
const passesMax = 10_000;
const passMs = 120_000;
/** Purges that answers under way may have missed. */
const rulesMax = 256;
/** Share of memory for bodies that are kept while they come. */
const recordingShare = 0.25;
/** How often the disk is told that an entry of memory is still wanted. */
const touchMs = 60_000;
const touchesMax = 10_000;

export interface CacheOptions {
  /** In memory. */
  readonly bytesMax: number;
  readonly inactiveMs: number;
  /** null = memory alone. */
  readonly disk: DiskStore | null;
  /** Epoch ms. */
  readonly now: () => number;
  /** ms. */
  readonly monotonic: () => number;
}

/** The store of a worker: its memory, and the disk that it shares with the others. */
export class HttpCache {
  readonly #memory: MemoryStore;
  readonly #disk: DiskStore | null;
  readonly #now: () => number;
  readonly #room: RecordingRoom;
  readonly #passes: LRUCache<string, true>;
  readonly #touched: LRUCache<string, true>;
  readonly #rules: PurgeRule[] = [];

  constructor(options: CacheOptions) {
    const { bytesMax, monotonic, disk, now } = options;
    const recordingBytes = Math.floor(bytesMax * recordingShare);
    const perf = { now: monotonic };
    this.#disk = disk;
    this.#now = now;
    this.#room = new RecordingRoom(recordingBytes);
    this.#memory = new MemoryStore({ ...options, bytesMax: bytesMax - recordingBytes });
    this.#passes = new LRUCache({ max: passesMax, ttl: passMs, ttlResolution: 0, perf });
    this.#touched = new LRUCache({ max: touchesMax, ttl: touchMs, ttlResolution: 0, perf });
  }

  /** Bodies up to this many bytes are held in memory as a whole. */
  static wholeBytesMax(bytesMax: number): number {
    return MemoryStore.bodyBytesMax(bytesMax - Math.floor(bytesMax * recordingShare));
  }

  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  get memoryEntries(): number {
    return this.#memory.entries;
  }

  /** A longer body is not kept. */
  get bodyBytesMax(): number {
    return Math.max(this.#memory.bodyBytesMax, this.#disk?.bodyBytesMax ?? 0);
  }

  /** Calls back at once where memory knows, else when the disk has answered; a disk that fails knows nothing. */
  find(request: CacheRequest, then: (found: Found) => void): void {
    const found = this.#inMemory(request);
    const disk = this.#disk;
    if (found.entry !== null) this.#touch(found.entry.place);
    const isFresh = found.entry !== null && stalenessMs(found.entry.stored, this.#now()) < 0;
    // What is made for one alone is asked for by all: looking for it on disk would cost more than fetching it.
    const isForOne = found.first === null && this.isPassed(request.key);
    if (disk === null || isFresh || isForOne) return then(found);
    // Another worker may have fetched it meanwhile.
    disk.find(request).then(
      (other) => then(this.#newer(found, other)),
      () => then(found),
    );
  }

  /** What `find` would find, without a sign that anybody wants it: nothing is moved, removed or read as a whole. */
  async peek(request: CacheRequest): Promise<Peeked | null> {
    const first = this.#memory.peek(request.key);
    const kept = first === null || answers(first.stored, request) ? first : this.#memory.peek(placeOf(request, first));
    const inMemory = kept !== null && answers(kept.stored, request) ? toPeeked(kept) : null;
    const isFresh = inMemory !== null && stalenessMs(inMemory.stored, this.#now()) < 0;
    if (this.#disk === null || isFresh || (first === null && this.isPassed(request.key))) return inMemory;
    const onDisk = await this.#disk.peek(request).catch(() => null);
    if (onDisk === null || this.#isPurged(onDisk.stored)) return inMemory;
    return inMemory !== null && inMemory.stored.responseMs >= onDisk.stored.responseMs ? inMemory : onDisk;
  }

  /** A body that comes, and is kept with the head; the caller says where it goes in the end. */
  record(bytes: number | null, options: Pick<RecordingOptions, 'bytesMax' | 'events'>): Recording {
    const memoryBytesMax = Math.min(options.bytesMax, this.#memory.bodyBytesMax);
    return new Recording(bytes, {
      ...options,
      memoryBytesMax,
      room: this.#room,
      tape: () => this.#disk?.tape() ?? null,
    });
  }

  /**
   * Keeps an answer; resolves when other workers can find it, or never will.
   *
   * @param first as it was found before the answer was fetched.
   */
  async keep(request: CacheRequest, stored: Stored, recorded: Recorded | null, first: Found['first']): Promise<void> {
    if (recorded === null) return;
    if (this.#isPurged(stored)) return this.drop(recorded);
    const place = placeOf(request, first);
    const generation = first?.generation ?? randomBytes(12).toString('base64url');
    const head = { place, generation, stored };
    switch (recorded.kind) {
      case 'content':
        this.#memory.set({ ...head, body: new MemoryBody(recorded.content) });
        await this.#disk?.keep(head, recorded.content);
        break;
      case 'tape':
        this.#memory.delete(place);
        await this.#disk?.keepTape(head, recorded.tape);
        break;
      default:
        recorded satisfies never;
    }
  }

  /** What was recorded is not wanted. */
  drop(recorded: Recorded | null): void {
    if (recorded?.kind === 'tape') void recorded.tape.discard();
  }

  /** A 304 has said more about what is kept; null = it is not to be kept any more. Resolves as `keep` does. */
  async update(entry: Entry, stored: Stored | null): Promise<void> {
    const { place, generation } = entry;
    const kept = this.#memory.peek(place);
    if (stored === null) {
      this.#memory.delete(place);
      this.#disk?.remove(place);
      return;
    }
    if (kept !== null && kept.generation === generation && kept.body === entry.body)
      this.#memory.set({ ...kept, stored });
    await this.#disk?.update({ place, generation, stored }, entry).catch(() => {});
  }

  /** All answers of a key (RFC 9111 §4.4). */
  invalidate(key: string): void {
    this.#memory.delete(key);
    this.#disk?.remove(key);
  }

  /**
   * What is in memory, and what is found on disk from now on; the files are the janitor's.
   *
   * @returns how many answers went from memory.
   */
  purge(rule: PurgeRule): number {
    this.#rules.push(rule);
    if (this.#rules.length > rulesMax) this.#rules.shift();
    return this.#memory.purge(rule);
  }

  /** The answer to such a request was not one to keep; for a while nobody waits for the next. */
  pass(place: string): void {
    this.#passes.set(place, true);
  }

  /** It was one to keep. */
  unpass(place: string): void {
    this.#passes.delete(place);
  }

  isPassed(place: string): boolean {
    return this.#passes.has(place);
  }

  #inMemory(request: CacheRequest): Found {
    const first = this.#memory.get(request.key);
    if (first === null || answers(first.stored, request)) return { entry: first, first };
    const other = this.#memory.get(placeOf(request, first));
    return { entry: other !== null && answers(other.stored, request) ? other : null, first };
  }

  #newer(memory: Found, disk: Found): Found {
    const { entry } = disk;
    if (entry === null || this.#isPurged(entry.stored)) {
      entry?.body.release();
      return memory.first === null && entry === null ? disk : memory;
    }
    if (memory.entry !== null && memory.entry.stored.responseMs >= entry.stored.responseMs) {
      entry.body.release();
      return memory;
    }
    if (entry.body instanceof MemoryBody) this.#memory.set({ ...entry, body: entry.body });
    this.#touch(entry.place);
    return disk;
  }

  #isPurged(stored: Stored): boolean {
    return this.#rules.some((rule) => isPurgedBy(stored, rule));
  }

  #touch(place: string): void {
    if (this.#disk === null || this.#touched.has(place)) return;
    this.#touched.set(place, true);
    this.#disk.touch(place);
  }
}

function toPeeked({ stored, body }: Entry): Peeked {
  return { stored, bodyBytes: body.bytes };
}
