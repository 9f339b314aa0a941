import type { Balancer } from './balancer.ts';
import type { Peer } from './peer.ts';
import { earliestOf, shareOf } from './slow-start.ts';

/**
 * Smooth weighted round robin (nginx's algorithm): every candidate gains its weight, the richest is taken and pays the
 * sum of all. Weights 5,1,1 give a a b a c a a, never five in a row at the end of a cycle. Each worker has its own.
 */
export class Rotation implements Balancer {
  /** Of peers that were away for a while too: it is never more than the weights of all. */
  readonly #credit = new WeakMap<Peer, number>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  choose(candidates: readonly Peer[]): Peer {
    const nowMs = this.#monotonic();
    const earliestMs = earliestOf(candidates);
    let total = 0;
    let best = candidates[0] as Peer;
    let bestCredit = Number.NEGATIVE_INFINITY;
    for (const peer of candidates) {
      const share = shareOf(peer, earliestMs, nowMs);
      const credit = (this.#credit.get(peer) ?? 0) + share;
      this.#credit.set(peer, credit);
      total += share;
      if (credit > bestCredit) {
        best = peer;
        bestCredit = credit;
      }
    }
    this.#credit.set(best, bestCredit - total);
    return best;
  }
}
