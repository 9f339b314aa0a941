import type { Balancer, Chances } from './balancer.ts';
import type { Peer } from './peer.ts';
import { earliestOf, shareOf } from './slow-start.ts';

/** Two peers by lot, a heavier one more often, and of them the one with fewer requests in flight for its weight. */
export class TwoChoices implements Balancer {
  readonly #chances: Chances;

  constructor(chances: Chances) {
    this.#chances = chances;
  }

  choose(candidates: readonly Peer[]): Peer {
    const nowMs = this.#chances.monotonic();
    const earliestMs = earliestOf(candidates);
    const shares = candidates.map((peer) => shareOf(peer, earliestMs, nowMs));
    const load = (at: number): number => (candidates[at] as Peer).inFlight / (shares[at] as number);
    const first = this.#draw(shares, -1);
    const second = this.#draw(shares, first);
    return candidates[load(second) < load(first) ? second : first] as Peer;
  }

  /** Of two, both are drawn. */
  foresee(candidates: readonly Peer[]): Peer | null {
    const [a, b, ...others] = candidates;
    if (a === undefined || b === undefined || others.length > 0) return null;
    const nowMs = this.#chances.monotonic();
    const earliestMs = earliestOf(candidates);
    const [loadA, loadB] = [a, b].map((peer) => peer.inFlight / shareOf(peer, earliestMs, nowMs)) as [number, number];
    return loadA === loadB ? null : loadA < loadB ? a : b;
  }

  /** @param but is not drawn. */
  #draw(shares: readonly number[], but: number): number {
    let total = 0;
    for (const [i, share] of shares.entries()) if (i !== but) total += share;
    let left = this.#chances.random() * total;
    let drawn = but;
    for (const [i, share] of shares.entries()) {
      if (i === but) continue;
      drawn = i;
      left -= share;
      if (left < 0) break;
    }
    return drawn;
  }
}
