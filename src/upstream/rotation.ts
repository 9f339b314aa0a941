import type { Peer } from './peer.ts';

/**
 * Smooth weighted round robin (nginx's algorithm): every candidate gains its weight, the richest is taken and pays the
 * sum of all. Weights 5,1,1 give a a b a c a a, never five in a row at the end of a cycle.
 */
export class Rotation {
  readonly #credit = new Map<Peer, number>();

  /** @param candidates available peers, at least one. */
  next(candidates: readonly Peer[]): Peer {
    if (this.#credit.size > candidates.length) this.#forgetAllBut(candidates);
    let total = 0;
    let best = candidates[0] as Peer;
    let bestCredit = Number.NEGATIVE_INFINITY;
    for (const peer of candidates) {
      const credit = (this.#credit.get(peer) ?? 0) + peer.weight;
      this.#credit.set(peer, credit);
      total += peer.weight;
      if (credit > bestCredit) {
        best = peer;
        bestCredit = credit;
      }
    }
    this.#credit.set(best, bestCredit - total);
    return best;
  }

  #forgetAllBut(candidates: readonly Peer[]): void {
    const wanted = new Set(candidates);
    for (const peer of this.#credit.keys()) if (!wanted.has(peer)) this.#credit.delete(peer);
  }
}
