import { FetchLocks } from '../../src/cache/fetch-locks.ts';
import { HttpCache } from '../../src/cache/http-cache.ts';
import { CacheDesk } from '../../src/proxy/cache-desk.ts';

/** A cache in memory, with nothing in it. */
export function aDesk({
  bytesMax = 10_000_000,
  locks = new FetchLocks(FetchLocks.memory(), 0),
}: {
  readonly bytesMax?: number;
  readonly locks?: FetchLocks;
} = {}): CacheDesk {
  const cache = new HttpCache({
    bytesMax,
    inactiveMs: 3_600_000,
    disk: null,
    now: () => Date.now(),
    monotonic: () => performance.now(),
  });
  return new CacheDesk({ cache, locks, onVoid: () => {} });
}
