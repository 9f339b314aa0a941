import { hash32 } from '../base/hash.ts';
import type { BalancedRequest, Balancer } from './balancer.ts';
import type { HashKey } from './hash-key.ts';
import type { Peer } from './peer.ts';

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; the logarithm is how weights are given their exact share): every
 * peer draws a number for the key, and the best has it. One that comes takes its share evenly from all others, and one that
 * goes gives its own to them: no other key moves.
 */
export class Rendezvous implements Balancer {
  readonly #keyOf: HashKey;
  readonly #keyless: Balancer;

  /** @param keyless chooses for requests without a key. */
  constructor(keyOf: HashKey, keyless: Balancer) {
    this.#keyOf = keyOf;
    this.#keyless = keyless;
  }

  choose(candidates: readonly Peer[], request: BalancedRequest): Peer {
    const key = this.#keyOf(request);
    return key === null ? this.#keyless.choose(candidates, request) : best(candidates, key);
  }

  foresee(candidates: readonly Peer[], request: BalancedRequest): Peer | null {
    const key = this.#keyOf(request);
    return key === null ? this.#keyless.foresee(candidates, request) : best(candidates, key);
  }
}

function best(candidates: readonly Peer[], key: string): Peer {
  const keyHash = hash32(key);
  let highest = candidates[0] as Peer;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const peer of candidates) {
    const score = -peer.weight / Math.log(lot(keyHash, peer.hash));
    if (score > bestScore) {
      highest = peer;
      bestScore = score;
    }
  }
  return highest;
}

/** Between 0 and 1, neither of them. FNV leaves its bits alike for keys that are alike; murmur3's last step spreads them. */
function lot(keyHash: number, peerHash: number): number {
  let mixed = keyHash ^ peerHash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
