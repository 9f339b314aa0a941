import type { Peer } from './peer.ts';

/** How long a backend is spared that came to others: caches are cold, code is not compiled. */
const warmUpMs = 10_000;
const firstShare = 0.1;

/** Among peers, the time at which the one came that has been there for longest. */
export function earliestOf(peers: readonly Pick<Peer, 'sinceMs'>[]): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { sinceMs } of peers) if (sinceMs < earliest) earliest = sinceMs;
  return earliest;
}

/**
 * The weight that counts now: from a tenth to all of it over 10 s, for one that came when another had been there for
 * as long. Those that come together, as at the start of the proxy or of a whole service, share alike from the first request.
 *
 * @param earliestMs of the peers it is compared with.
 */
export function shareOf(
  { weight, sinceMs }: Pick<Peer, 'weight' | 'sinceMs'>,
  earliestMs: number,
  nowMs: number,
): number {
  const ageMs = nowMs - sinceMs;
  if (ageMs >= warmUpMs || sinceMs - earliestMs < warmUpMs) return weight;
  return weight * (firstShare + (1 - firstShare) * (Math.max(0, ageMs) / warmUpMs));
}
