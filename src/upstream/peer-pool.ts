import type { Affinity } from './affinity.ts';
import type { Balancer } from './balancer.ts';
import type { Peer } from './peer.ts';

/** The peers of a route, and how one of them is found for a request. */
export interface PeerPool {
  /** All, in the order of backends. */
  readonly peers: readonly Peer[];
  readonly primaries: readonly Peer[];
  /** `proxy.backup`: asked where no primary can take the request. */
  readonly backups: readonly Peer[];
  readonly balancer: Balancer;
  /** Null = any peer will do for any client. */
  readonly affinity: Affinity | null;
}

export function peerPool(
  members: readonly { readonly peer: Peer; readonly backup: boolean }[],
  how: Pick<PeerPool, 'balancer' | 'affinity'>,
): PeerPool {
  const peersOf = (some: typeof members) => some.map(({ peer }) => peer);
  return {
    peers: peersOf(members),
    primaries: peersOf(members.filter(({ backup }) => !backup)),
    backups: peersOf(members.filter(({ backup }) => backup)),
    ...how,
  };
}
