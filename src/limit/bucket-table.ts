import { randomInt } from 'node:crypto';
import { hash32 } from '../base/hash.ts';
import { isAdmitted, type RateTerms } from './gcra.ts';

/** Memory that all workers limit in together. It is 64 bytes per set, a line of the cache, and does not grow. */
export interface BucketMemory {
  readonly buffer: SharedArrayBuffer;
  /** Secret: nobody can arrange to share a bucket with somebody else. */
  readonly seed: number;
}

const ways = 4;
const doublesPerSet = 8;
const wordsPerSet = 16;
/** Of a set: the lock, then where each bucket stands (doubles 1 to 4), then whose they are (words 10 to 13). */
const stampAt = 1;
const tagAt = 10;

/** @param sets a power of two; of four buckets each. By default 8 MiB for half a million clients, of which the kernel gives what is used. */
export function bucketMemory(sets = 131_072): BucketMemory {
  return { buffer: new SharedArrayBuffer(sets * doublesPerSet * 8), seed: randomInt(2 ** 32) };
}

/** So often is a lock tried before its holder is let go on, and so often that before it is taken for dead. */
const spinsMax = 1_000;
const waitsMax = 20;
const waitMs = 1;

/**
 * Buckets by key, the same for all workers. A key falls into a set of four by one hash and is told apart there by another; a
 * fifth takes the place of the bucket that is, or will be, empty first, so that a spray of addresses pushes out those who ask
 * for least, and whoever is being limited stays so.
 */
export class BucketTable {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #seed: number;
  readonly #setsMask: number;
  readonly #nowMs: () => number;

  /** @param nowMs monotonic, and the same in all that share the memory. */
  constructor({ buffer, seed }: BucketMemory, nowMs: () => number) {
    this.#words = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#seed = seed;
    this.#setsMask = buffer.byteLength / (doublesPerSet * 8) - 1;
    this.#nowMs = nowMs;
  }

  /**
   * Takes a token out of a bucket if there is one.
   *
   * @param scope sets apart what is limited for different reasons; the seed of the key's hash.
   * @returns the backlog that was found, ms.
   */
  take(scope: number, key: string, terms: RateTerms): number {
    return this.#change(scope, key, (backlogMs) =>
      isAdmitted(backlogMs, terms) ? backlogMs + terms.intervalMs : backlogMs,
    );
  }

  /** The backlog of a bucket, ms, and nothing is taken. */
  backlog(scope: number, key: string): number {
    return this.#change(scope, key, (backlogMs) => backlogMs);
  }

  /** Somebody else has counted: the backlog is so much, ms, or what it is already where that is more. */
  raise(scope: number, key: string, backlogMs: number): void {
    this.#change(scope, key, (known) => Math.max(known, backlogMs));
  }

  /** @returns the backlog that was found, ms. */
  #change(scope: number, key: string, next: (backlogMs: number) => number): number {
    const set = mixed(hash32(key, this.#seed ^ scope)) & this.#setsMask;
    // 0 marks a place that nobody has.
    const tag = hash32(key, scope ^ 0x9e3779b9) | 1;
    this.#lock(set);
    try {
      return this.#changeIn(set, tag, next);
    } finally {
      Atomics.store(this.#words, set * wordsPerSet, 0);
    }
  }

  #changeIn(set: number, tag: number, next: (backlogMs: number) => number): number {
    const words = this.#words;
    const doubles = this.#doubles;
    const stamps = set * doublesPerSet + stampAt;
    const tags = set * wordsPerSet + tagAt;
    // Under the lock, or a time that another worker has read later could seem to lie behind.
    const nowMs = this.#nowMs();
    let at = 0;
    for (let way = 0; way < ways; way++) {
      if (words[tags + way] === tag) {
        at = way;
        break;
      }
      if ((doubles[stamps + way] as number) < (doubles[stamps + at] as number)) at = way;
    }
    const known = words[tags + at] === tag;
    const backlogMs = known ? Math.max(0, (doubles[stamps + at] as number) - nowMs) : 0;
    const nextMs = next(backlogMs);
    if (nextMs <= backlogMs) return backlogMs;
    words[tags + at] = tag;
    doubles[stamps + at] = nowMs + nextMs;
    return backlogMs;
  }

  /** Nothing is allocated while it is held, and nobody waits for anything: it is free again within a microsecond, or its holder is not running. */
  #lock(set: number): void {
    const words = this.#words;
    const at = set * wordsPerSet;
    for (let waits = 0; waits < waitsMax; waits++) {
      for (let spins = 0; spins < spinsMax; spins++) if (Atomics.compareExchange(words, at, 0, 1) === 0) return;
      Atomics.wait(words, at, 1, waitMs);
    }
    // Its holder has ended: at worst one request is not counted.
  }
}

/** FNV leaves most of what it knows in the upper bits; this is the end of MurmurHash3. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const most = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return most ^ (most >>> 16);
}

/** What sets the buckets of one limit apart from those of all others. */
export function bucketScope(text: string): number {
  return hash32(text);
}
