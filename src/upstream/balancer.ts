import type { LoadBalancing } from '../labels/options.ts';
import { hashKey } from './hash-key.ts';
import { LeastBusy } from './least-busy.ts';
import type { Peer } from './peer.ts';
import { Rendezvous } from './rendezvous.ts';
import { Rotation } from './rotation.ts';
import { TwoChoices } from './two-choices.ts';

/** What a choice may depend on. */
export interface BalancedRequest {
  /** The real client's address. */
  readonly clientAddress: string;
  /** As the client sent it. */
  readonly target: string;
  /** The first header line of that name. */
  header(name: string): string | undefined;
}

/** Chooses for one route among peers that can all take the request. */
export interface Balancer {
  /** @param candidates in the order of backends, at least two; the array is not kept. */
  choose(candidates: readonly Peer[], request: BalancedRequest): Peer;
  /** Whom it would choose now, and changes nothing; null where turns or lots decide. */
  foresee(candidates: readonly Peer[], request: BalancedRequest): Peer | null;
}

export interface Chances {
  /** Monotonic ms. */
  monotonic(): number;
  /** From 0 on, below 1. */
  random(): number;
}

/** The balancer for a value of `proxy.lb`. */
export function balancerOf(lb: LoadBalancing, { monotonic, random }: Chances): Balancer {
  switch (lb.kind) {
    case 'roundrobin':
      return new Rotation(monotonic);
    case 'least':
      return new LeastBusy(monotonic);
    case 'random2':
      return new TwoChoices({ monotonic, random });
    case 'iphash':
      return new Rendezvous(({ clientAddress }) => clientAddress, new Rotation(monotonic));
    case 'hash':
      return new Rendezvous(hashKey(lb), new Rotation(monotonic));
    case 'first':
      return firstInOrder;
    default:
      return lb satisfies never;
  }
}

export const firstInOrder: Balancer = {
  choose: (candidates) => candidates[0] as Peer,
  foresee: (candidates) => candidates[0] ?? null,
};
