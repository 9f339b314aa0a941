import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietSlot, type SlotTimes } from '../../bench/quiet-slot.ts';

/** Attempts with so much foreign work each, told apart by their number of requests. */
async function attempts(...foreign: number[]): Promise<{ taken: number; made: number }> {
  let made = 0;
  const measure = async (): Promise<SlotTimes> => {
    const share = foreign[made++] ?? Number.NaN;
    const times = { cpuMs: 1, backendCpuMs: 1, clientCpuMs: 1, seconds: 1, bytes: 0, p50Ms: 1, p99Ms: 1 };
    return { ...times, failed: 0, notOk: 0, requests: made, foreign: share };
  };
  const plan = { pids: [], backendPid: 0, run: () => assert.fail('nothing is loaded here') };
  return { taken: (await quietSlot(plan, measure)).requests, made };
}

test('a quiet slot is measured once', async () => {
  assert.deepEqual(await attempts(0.02), { taken: 1, made: 1 });
});

test('a slot that others disturbed is measured once more', async () => {
  assert.deepEqual(await attempts(0.4, 0.02), { taken: 2, made: 2 });
});

test('when no attempt is quiet, the quieter counts', async () => {
  assert.deepEqual(await attempts(0.2, 0.4), { taken: 1, made: 2 });
});
