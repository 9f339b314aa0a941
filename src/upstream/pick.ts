import type { Reason } from '../http/failure.ts';
import type { BalancedRequest } from './balancer.ts';
import type { Peer } from './peer.ts';
import type { PeerPool } from './peer-pool.ts';

/**
 * The peer that takes the request, or the reason why none can. Peers in `tried` have failed it already.
 *
 * A peer that is left out for its failures is asked all the same where there is no other: leaving out is there to send
 * requests elsewhere, and a route is never closed by it.
 */
export function pick(pool: PeerPool, tried: ReadonlySet<Peer>, request: BalancedRequest): Peer | Reason {
  const { peers, affinity } = pool;
  if (peers.length === 1 && affinity === null) {
    const only = peers[0] as Peer;
    return only.up && only.weight > 0 && !tried.has(only) ? only : whyNone(peers);
  }
  return pickAmongSeveral(pool, tried, request);
}

/** A function of its own, because one with closures costs the route with a single peer a scope per request. */
function pickAmongSeveral(pool: PeerPool, tried: ReadonlySet<Peer>, request: BalancedRequest): Peer | Reason {
  const { peers, primaries, backups } = pool;
  const among = (some: readonly Peer[], taking: Taking) => choose(pool, { some, tried, request, taking });
  return (
    among(primaries, asUsual) ??
    among(backups, asUsual) ??
    among(primaries, lastResort) ??
    among(backups, lastResort) ??
    whyNone(peers)
  );
}

/** Which peers may take a request of a session that they have, and which any request. */
interface Taking {
  session(peer: Peer): boolean;
  any(peer: Peer): boolean;
}

const asUsual: Taking = { session: (peer) => peer.open, any: (peer) => peer.available };
const lastResort: Taking = { session: (peer) => peer.up, any: (peer) => peer.up && peer.weight > 0 };

function choose(
  { affinity, balancer }: PeerPool,
  among: {
    readonly some: readonly Peer[];
    readonly tried: ReadonlySet<Peer>;
    readonly request: BalancedRequest;
    readonly taking: Taking;
  },
): Peer | null {
  const { some, tried, request, taking } = among;
  if (some.length === 0) return null;
  const bound = affinity?.peerOf(request, (peer) => some.includes(peer) && taking.session(peer) && !tried.has(peer));
  if (bound != null) return bound;
  const candidates = some.filter((peer) => taking.any(peer) && !tried.has(peer));
  return candidates.length > 1 ? balancer.choose(candidates, request) : (candidates[0] ?? null);
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
