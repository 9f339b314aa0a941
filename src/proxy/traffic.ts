/**
 * Numbers of what was served: kept per worker without locks, sent as plain data, added up in the control plane.
 * Latencies are histograms, because percentiles of several workers cannot be added but their buckets can.
 */

/** Bucket i holds latencies up to `latencyBoundsMs[i]`; the last bucket everything above. Each bound is √2 times the one before. */
export const latencyBoundsMs: readonly number[] = Array.from({ length: 40 }, (_, i) => 0.25 * Math.SQRT2 ** i);

export interface RouteTraffic {
  requests: number;
  s2xx: number;
  s3xx: number;
  s4xx: number;
  s5xx: number;
  /** Upgraded connections open now. */
  tunnels: number;
  /** Total time of finished requests, in ms, by bucket of `latencyBoundsMs` (one more bucket than bounds). */
  latency: number[];
}

export interface PeerTraffic {
  inFlight: number;
  requests: number;
  /** Failures of the backend itself (refused, reset, timeout), since the container was first seen. */
  fails: number;
}

/** The stub_status numbers. */
export interface ConnectionTraffic {
  active: number;
  accepted: number;
  handled: number;
  requests: number;
  reading: number;
  writing: number;
  waiting: number;
}

export interface Traffic {
  readonly connections: ConnectionTraffic;
  /** By route id; routes without a request are absent. */
  readonly routes: Readonly<Record<string, RouteTraffic>>;
  /** By container id. */
  readonly peers: Readonly<Record<string, PeerTraffic>>;
}

export function emptyRouteTraffic(): RouteTraffic {
  const latency = new Array<number>(latencyBoundsMs.length + 1).fill(0);
  return { requests: 0, s2xx: 0, s3xx: 0, s4xx: 0, s5xx: 0, tunnels: 0, latency };
}

export function emptyConnectionTraffic(): ConnectionTraffic {
  return { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 };
}

/** Index of the bucket of a latency. */
export function latencyBucket(ms: number): number {
  if (!(ms > 0.25)) return 0;
  return Math.min(latencyBoundsMs.length, Math.ceil(2 * Math.log2(ms / 0.25)));
}

/** The q-quantile (0–1) in ms, as the upper bound of its bucket; null when nothing was measured. */
export function latencyQuantile(latency: readonly number[], q: number): number | null {
  const total = latency.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * q);
  for (const [i, count] of latency.entries()) {
    left -= count;
    if (left <= 0) return latencyBoundsMs[Math.min(i, latencyBoundsMs.length - 1)] as number;
  }
  return latencyBoundsMs.at(-1) as number;
}

/** Adds up what several workers counted. */
export function mergeTraffic(parts: readonly Traffic[]): Traffic {
  const connections = emptyConnectionTraffic();
  const routes: Record<string, RouteTraffic> = {};
  const peers: Record<string, PeerTraffic> = {};
  for (const part of parts) {
    for (const key of Object.keys(connections) as (keyof ConnectionTraffic)[])
      connections[key] += part.connections[key];
    for (const [id, traffic] of Object.entries(part.routes)) {
      routes[id] ??= emptyRouteTraffic();
      const sum = routes[id];
      for (const key of ['requests', 's2xx', 's3xx', 's4xx', 's5xx', 'tunnels'] as const) sum[key] += traffic[key];
      traffic.latency.forEach((count, i) => {
        sum.latency[i] = (sum.latency[i] ?? 0) + count;
      });
    }
    for (const [id, traffic] of Object.entries(part.peers)) {
      peers[id] ??= { inFlight: 0, requests: 0, fails: 0 };
      const sum = peers[id];
      for (const key of ['inFlight', 'requests', 'fails'] as const) sum[key] += traffic[key];
    }
  }
  return { connections, routes, peers };
}
