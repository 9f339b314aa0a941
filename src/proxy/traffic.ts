import { type CacheWord, cacheWords } from '../cache/outcome.ts';

/**
 * Numbers of what was served, as they are shown. Counted in shared memory (`base/shared-counters.ts`).
 * Latencies are histograms, because percentiles of several workers cannot be added but their buckets can.
 */

/** Bucket i holds latencies up to `latencyBoundsMs[i]`; the last bucket everything above. Each bound is √2 times the one before. */
export const latencyBoundsMs: readonly number[] = Array.from({ length: 40 }, (_, i) => 0.25 * Math.SQRT2 ** i);

export interface RouteTraffic {
  readonly requests: number;
  readonly s2xx: number;
  readonly s3xx: number;
  readonly s4xx: number;
  readonly s5xx: number;
  /** Upgraded connections open now. */
  readonly tunnels: number;
  /** Requests that wait for a backend now. */
  readonly waiting: number;
  /** Requests that have waited for one. */
  readonly held: number;
  /** Tries after the first of a request. */
  readonly retries: number;
  /** Requests that `proxy.limit` has refused. */
  readonly limited: number;
  /** Bodies of answers, as they were handed to clients' connections. */
  readonly bytes: number;
  /** Sum of all that is in `latency`, ms. */
  readonly latencyMs: number;
  /** What the cache had to do with its answers, by the words of X-Cache-Status. */
  readonly cache: Readonly<Record<CacheWord, number>>;
  /** Total time of finished requests, in ms, by bucket of `latencyBoundsMs` (one more bucket than bounds). */
  readonly latency: number[];
}

/** What was lately, as it is shown. */
export interface RecentTraffic {
  /** Requests per second over the last 10 to 15 s, or since the proxy is up. */
  readonly perSecond: number;
  /** Quantiles of the time that requests took which ended in the last 60 s, ms: upper bounds of buckets; null when none has. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export const noRecentTraffic: RecentTraffic = { perSecond: 0, p50: null, p95: null, p99: null };

export interface PeerTraffic {
  readonly inFlight: number;
  readonly requests: number;
  /** Failures of the backend itself (refused, reset, timeout), since the container was first seen. */
  readonly fails: number;
}

/** The stub_status numbers. */
export interface ConnectionTraffic {
  readonly active: number;
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

export interface Traffic {
  readonly connections: ConnectionTraffic;
  /** By route id; routes without a request are absent. */
  readonly routes: Readonly<Record<string, RouteTraffic>>;
  /** By container id. */
  readonly peers: Readonly<Record<string, PeerTraffic>>;
  /** Ids of peers (see `peerId`) that are left out for their failures. */
  readonly ejected: ReadonlySet<string>;
}

export function emptyRouteTraffic(): RouteTraffic {
  const latency = new Array<number>(latencyBoundsMs.length + 1).fill(0);
  const cache = Object.fromEntries(cacheWords.map((word) => [word, 0])) as Record<CacheWord, number>;
  const statuses = { requests: 0, s2xx: 0, s3xx: 0, s4xx: 0, s5xx: 0 };
  const fates = { tunnels: 0, waiting: 0, held: 0, retries: 0, limited: 0, bytes: 0 };
  return { ...statuses, ...fates, cache, latencyMs: 0, latency };
}

/** 16 ms² fits into 32 bits. */
const bitsMsMax = 16_000;

/** Index of the bucket of a latency. */
export function latencyBucket(ms: number): number {
  if (!(ms > 0.25)) return 0;
  // Twice the logarithm is that of the square, and the bits of an integer are its logarithm: a tenth of the cost of log2.
  if (ms < bitsMsMax) return 32 - Math.clz32(Math.ceil(16 * ms * ms) - 1);
  return Math.min(latencyBoundsMs.length, Math.ceil(2 * Math.log2(ms / 0.25)));
}

/** Of a histogram the bucket of its q-quantile (0–1); -1 when nothing was measured. */
export function quantileBucket(latency: ArrayLike<number>, q: number): number {
  let total = 0;
  for (let i = 0; i < latency.length; i++) total += latency[i] as number;
  if (total === 0) return -1;
  let left = Math.ceil(total * q);
  for (let i = 0; i < latency.length; i++) {
    left -= latency[i] as number;
    if (left <= 0) return i;
  }
  return latency.length - 1;
}

/** What a bucket stands for: its upper bound in ms, the last one its lower; null for -1. */
export function bucketMs(bucket: number): number | null {
  return bucket < 0 ? null : (latencyBoundsMs[Math.min(bucket, latencyBoundsMs.length - 1)] as number);
}
