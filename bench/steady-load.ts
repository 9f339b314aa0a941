import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './get.ts';
import { percentile } from './statistics.ts';

export interface SteadyResult {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Requests that may be under way at once; more than that and the proxy counts as stuck. */
const underWayMax = 2_000;

/**
 * A light load at a fixed rate over kept connections. Requests are sent when they are due, whether or not earlier ones were
 * answered, so that a pause of the proxy shows in every request that fell into it.
 */
export async function steadyLoad(options: {
  readonly port: number;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Promise<SteadyResult> {
  const { port, hosts, path, perSecond, seconds, signal } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const took: number[] = [];
  const underWay = new Set<Promise<void>>();
  let failed = 0;
  const one = async (host: string): Promise<void> => {
    const startedMs = performance.now();
    try {
      const { status } = await get({ port, host, path, agent, timeoutMs: 10_000 });
      if (status !== 200) failed++;
      took.push(performance.now() - startedMs);
    } catch {
      failed++;
    }
  };
  const beginMs = performance.now();
  const total = perSecond * seconds;
  try {
    for (let sent = 0; sent < total; ) {
      signal.throwIfAborted();
      const due = Math.min(total, Math.floor(((performance.now() - beginMs) / 1000) * perSecond));
      for (; sent < due && underWay.size < underWayMax; sent++) {
        const request = one(hosts[sent % hosts.length] ?? 'bench.test');
        underWay.add(request);
        void request.finally(() => underWay.delete(request));
      }
      await sleep(1);
    }
    await Promise.all(underWay);
  } finally {
    agent.destroy();
  }
  return {
    requests: total,
    failed,
    p50Ms: percentile(took, 50),
    p99Ms: percentile(took, 99),
    maxMs: Math.max(...took),
  };
}
