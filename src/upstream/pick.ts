import type { Reason } from '../http/failure.ts';
import type { Peer } from './peer.ts';
import type { Rotation } from './rotation.ts';

/** The peer that takes the request, or the reason why none can. Peers in `tried` have failed it already. */
export function pick(peers: readonly Peer[], rotation: Rotation, tried: ReadonlySet<Peer>): Peer | Reason {
  if (peers.length === 1) {
    const only = peers[0] as Peer;
    return only.available && !tried.has(only) ? only : whyNone(peers);
  }
  const candidates = peers.filter((peer) => peer.available && !tried.has(peer));
  return candidates.length > 0 ? rotation.next(candidates) : whyNone(peers);
}

/** The most hopeful state decides: a container that is starting will be there in a moment. */
function whyNone(peers: readonly Peer[]): Reason {
  if (peers.some(({ state }) => state === 'starting')) return 'backend-starting';
  return peers.length > 0 && peers.every(onAnotherNetwork) ? 'unreachable-network' : 'no-backend';
}

/** One that is out of reach for the want of a port would be so on every network. */
function onAnotherNetwork({ state, address }: Peer): boolean {
  return state === 'unreachable' && address.port !== 0;
}
