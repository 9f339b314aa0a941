import { CacheDirectory } from '../cache/disk/cache-directory.ts';
import { DiskStore } from '../cache/disk/disk-store.ts';
import { DiskUsage } from '../cache/disk/disk-usage.ts';
import { FetchLocks } from '../cache/fetch-locks.ts';
import { HttpCache } from '../cache/http-cache.ts';
import { CacheDesk } from '../proxy/cache-desk.ts';
import type { WorkerSeat } from './messages.ts';

/** Memory of all workers together, as a share of what the disk may take, and what one of them has at most. */
const memoryShare = 0.25;
const memoryBytesMax = 64 * 1024 * 1024;

/** The cache of a worker: memory of its own, and the disk that all share. */
export function workerCache(
  { plan, diskUsage, fetchLocks, number, workers }: WorkerSeat,
  onVoid: (key: string) => void,
): CacheDesk {
  const { directory, bytesMax, inactiveMs } = plan.cache;
  const now = (): number => Date.now();
  const memoryBytes = Math.floor(Math.min(memoryBytesMax, (bytesMax * memoryShare) / workers));
  const disk =
    directory === null
      ? null
      : new DiskStore({
          directory: new CacheDirectory(directory),
          usage: new DiskUsage(diskUsage),
          bytesMax,
          wholeBytesMax: HttpCache.wholeBytesMax(memoryBytes),
          now,
        });
  const cache = new HttpCache({ bytesMax: memoryBytes, inactiveMs, disk, now, monotonic: () => performance.now() });
  return new CacheDesk({ cache, locks: new FetchLocks(fetchLocks, number), onVoid });
}
