import type { Balancer } from './balancer.ts';
import type { Peer } from './peer.ts';
import { Rotation } from './rotation.ts';
import { earliestOf, shareOf } from './slow-start.ts';

/** The peer with the fewest requests in flight for its weight, over all workers; those that are equal take turns. */
export class LeastBusy implements Balancer {
  readonly #rotation: Rotation;
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#rotation = new Rotation(monotonic);
  }

  choose(candidates: readonly Peer[]): Peer {
    const idlest = this.#idlest(candidates);
    return idlest.length === 1 ? (idlest[0] as Peer) : this.#rotation.choose(idlest);
  }

  foresee(candidates: readonly Peer[]): Peer | null {
    const [one, ...others] = this.#idlest(candidates);
    return one === undefined || others.length > 0 ? null : one;
  }

  #idlest(candidates: readonly Peer[]): readonly Peer[] {
    const nowMs = this.#monotonic();
    const earliestMs = earliestOf(candidates);
    let least = Number.POSITIVE_INFINITY;
    let idlest: Peer[] = [];
    for (const peer of candidates) {
      const load = peer.inFlight / shareOf(peer, earliestMs, nowMs);
      if (load < least) {
        least = load;
        idlest = [peer];
      } else if (load === least) idlest.push(peer);
    }
    return idlest;
  }
}
