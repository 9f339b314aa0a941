import { availableParallelism } from 'node:os';
import { busyMs } from './core-times.ts';
import type { LoadResult } from './load.ts';
import { cpuMs } from './process-tree.ts';

/** What one slot has shown. */
export interface SlotTimes extends LoadResult {
  /** CPU of all processes of the proxy. */
  readonly cpuMs: number;
  readonly backendCpuMs: number;
  /** Share of all cores that went to processes that have no part in the slot; 0 to 1. */
  readonly foreign: number;
}

/** A slot with more foreign work than this is measured once more. */
export const foreignMax = 0.1;

export interface SlotPlan {
  /** All processes of the proxy. */
  readonly pids: readonly number[];
  readonly backendPid: number;
  readonly run: () => Promise<LoadResult>;
}

/**
 * Measures a slot, and once more when the machine was busy with something else meanwhile; the quieter attempt counts. What decides
 * is the time of others, never the result.
 */
export async function quietSlot(plan: SlotPlan, measure = measureSlot): Promise<SlotTimes> {
  const first = await measure(plan);
  if (first.foreign <= foreignMax) return first;
  const second = await measure(plan);
  return second.foreign < first.foreign ? second : first;
}

async function measureSlot({ pids, backendPid, run }: SlotPlan): Promise<SlotTimes> {
  const before = { proxy: cpuMs(pids), backend: cpuMs([backendPid]), all: busyMs(), now: performance.now() };
  const result = await run();
  const cores = availableParallelism();
  const tookMs = performance.now() - before.now;
  const used = { proxy: cpuMs(pids) - before.proxy, backend: cpuMs([backendPid]) - before.backend };
  const foreignMs = busyMs() - before.all - used.proxy - used.backend - result.clientCpuMs;
  return {
    ...result,
    cpuMs: used.proxy,
    backendCpuMs: used.backend,
    foreign: Math.max(0, foreignMs / (tookMs * cores)),
  };
}
