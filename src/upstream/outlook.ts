import type { Peer } from './peer.ts';

/** Epoch ms and ms. */
export interface OutlookTimes {
  readonly nowMs: number;
  /** The latest change in the lives of the route's containers. */
  readonly changedMs: number;
  /** How long absence is given before it is believed (`proxy.wait`). */
  readonly waitMs: number;
}

/**
 * Whether somebody may soon take a request that nobody can take now: a container starts, restarts or may survive its signal, or
 * the last one has left only just, and its successor may be on its way.
 */
export function isHopeful(peers: readonly Peer[], times: OutlookTimes): boolean {
  const recent = isRecent(times.changedMs, times);
  return peers.some((peer) => mayCome(peer, recent, times));
}

function mayCome(peer: Peer, recent: boolean, times: OutlookTimes): boolean {
  switch (peer.state) {
    case 'starting':
      // Where the engine says so it will say otherwise. A check that has not passed for so long may never: the port may be wrong.
      return peer.said === 'starting' || isYoung(peer, times) || peer.startingForMs < times.waitMs;
    case 'ejected':
    case 'asleep':
      return true;
    case 'draining':
      // Where its owner wants it to get nothing, nobody knows for how long.
      return peer.weight > 0 && !peer.drained;
    case 'stopped':
      return recent;
    case 'healthy':
      return peer.weight > 0 && isYoung(peer, times);
    case 'unhealthy':
    case 'unreachable':
    case 'paused':
      return false;
    default:
      return peer.state satisfies never;
  }
}

/** It was started less than `proxy.wait` ago: that it refuses connections means that it does not listen yet. */
export function isYoung(peer: Peer, times: Pick<OutlookTimes, 'nowMs' | 'waitMs'>): boolean {
  return isRecent(peer.changedMs, times);
}

/** Either side of now, because the engine's clock may be ahead of ours; and one that is far ahead says nothing. */
function isRecent(ms: number, { nowMs, waitMs }: Pick<OutlookTimes, 'nowMs' | 'waitMs'>): boolean {
  return Math.abs(nowMs - ms) < waitMs;
}
