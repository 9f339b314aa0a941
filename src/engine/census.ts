import { randomInt } from 'node:crypto';
import { hash32 } from '../base/hash.ts';
import { networkOf } from '../http/client-network.ts';
import type { Admission } from '../http/transport.ts';

/** Addresses fall into so many places; two that share one share its limit, which with a secret seed nobody can arrange. */
const places = 65_536;

/** What all workers share to count by address together: for each a row of its own, so that one that died takes its numbers with it. */
export interface CensusMemory {
  readonly workers: number;
  readonly places: Uint16Array<SharedArrayBuffer>;
  readonly seed: number;
}

/** 128 KiB per worker, whoever connects. */
export function censusMemory(workers: number): CensusMemory {
  return {
    workers,
    places: new Uint16Array(new SharedArrayBuffer(2 * places * workers)),
    seed: randomInt(2 ** 32),
  };
}

export interface CensusLimits {
  /** Client connections in all. */
  readonly connectionsMax: number;
  /** Of those, from one address (IPv6: from one /64, which is what a subscriber gets). */
  readonly perAddressMax: number;
  /** Whoever is in front of many clients, and may have as many as there are. */
  readonly exempt: (address: string) => boolean;
}

/** How many connections there are in all, which is kept where `/status` has it from. */
export interface ConnectionTotal {
  /** Open now, over all workers. */
  readonly active: number;
  opened(): void;
  closed(): void;
}

/** Counts the connections of clients over all workers, in all and by address, in memory that does not grow. */
export class Census implements Admission {
  readonly #memory: CensusMemory;
  readonly #worker: number;
  readonly #limits: CensusLimits;
  readonly #all: ConnectionTotal;

  /** @param worker which row is ours; what a predecessor left there is forgotten. */
  constructor(memory: CensusMemory, worker: number, { limits, all }: { limits: CensusLimits; all: ConnectionTotal }) {
    this.#memory = memory;
    this.#worker = worker;
    this.#limits = limits;
    this.#all = all;
    memory.places.fill(0, worker * places, (worker + 1) * places);
  }

  enter(address: string, { force } = { force: false }): 'in' | 'full' | 'address-full' {
    const { connectionsMax, perAddressMax, exempt } = this.#limits;
    const place = this.#placeOf(address);
    if (!force) {
      if (this.#at(place) >= perAddressMax && !exempt(address)) return 'address-full';
      if (this.#all.active >= connectionsMax) return 'full';
    }
    this.#count(place, 1);
    this.#all.opened();
    return 'in';
  }

  leave(address: string): void {
    this.#count(this.#placeOf(address), -1);
    this.#all.closed();
  }

  #count(place: number, change: 1 | -1): void {
    const { places: counted } = this.#memory;
    const at = this.#worker * places + place;
    // A place that has counted as far as it can stays there; it is far beyond any limit.
    counted[at] = Math.min(0xffff, Math.max(0, (counted[at] as number) + change));
  }

  #at(place: number): number {
    let sum = 0;
    for (let worker = 0; worker < this.#memory.workers; worker++)
      sum += this.#memory.places[worker * places + place] as number;
    return sum;
  }

  #placeOf(address: string): number {
    const hash = hash32(networkOf(address), this.#memory.seed);
    return (hash ^ (hash >>> 16)) & (places - 1);
  }
}
