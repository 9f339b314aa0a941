import type { Balancer } from './balancer.ts';
import type { Peer } from './peer.ts';
import { earliestOf, shareOf } from './slow-start.ts';

/** Peers that are remembered beyond twice the candidates: not all that are missing have left for good. */
const spare = 16;

/**
 * Smooth weighted round robin (nginx's algorithm): every candidate gains its weight, the richest is taken and pays the
 * sum of all. Weights 5,1,1 give a a b a c a a, never five in a row at the end of a cycle. Each worker has its own.
 */
export class Rotation implements Balancer {
  /** Of peers that are away for a while too: it is never more than the weights of all. */
  readonly #credit = new Map<Peer, number>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  choose(candidates: readonly Peer[]): Peer {
    if (this.#credit.size > 2 * candidates.length + spare) this.#forgetAllBut(candidates);
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

  foresee(): null {
    return null;
  }

  #forgetAllBut(candidates: readonly Peer[]): void {
    const wanted = new Set(candidates);
    for (const peer of this.#credit.keys()) if (!wanted.has(peer)) this.#credit.delete(peer);
  }
}
