import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BucketTable, bucketMemory } from '../../src/limit/bucket-table.ts';
import { isAdmitted, standing } from '../../src/limit/gcra.ts';
import { fc } from '../support/properties.ts';

const anyTerms = fc.record({
  intervalMs: fc.double({ min: 0.001, max: 3_600_000, noNaN: true }),
  burst: fc.integer({ min: 0, max: 50 }),
});

/** Asks at these times, and tells when it was let in. */
function admissions(terms: { intervalMs: number; burst: number }, timesMs: readonly number[]): number[] {
  let nowMs = 0;
  const table = new BucketTable(bucketMemory(1), () => nowMs);
  return timesMs.filter((atMs) => {
    nowMs = atMs;
    return isAdmitted(table.take(1, 'client', terms), terms);
  });
}

test('in no stretch of time are more let in than the rate allows, and the burst', () => {
  const steps = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(anyTerms, steps, (terms, intervals) => {
      let atMs = 5_000_000;
      const timesMs = intervals.map((share) => {
        atMs += share * share * terms.intervalMs;
        return atMs;
      });
      const admitted = admissions(terms, timesMs);
      for (let from = 0; from < admitted.length; from++) {
        for (let to = from; to < admitted.length; to++) {
          const lastedMs = (admitted[to] as number) - (admitted[from] as number);
          assert.ok(to - from + 1 <= lastedMs / terms.intervalMs + terms.burst + 1.01);
        }
      }
    }),
  );
});

test('who keeps to the rate is never refused', () => {
  fc.assert(
    fc.property(anyTerms, (terms) => {
      const timesMs = Array.from({ length: 100 }, (_, i) => 1_000 + i * terms.intervalMs);
      assert.equal(admissions(terms, timesMs).length, 100);
    }),
  );
});

test('as many as the burst and one come at once, then as the rate says', () => {
  const terms = { intervalMs: 100, burst: 20 };
  const timesMs = [...Array.from({ length: 30 }, () => 1_000), 1_099, 1_100, 1_101, 1_200];
  assert.deepEqual(admissions(terms, timesMs).slice(20), [1_000, 1_100, 1_200]);
});

test('a standing says what will be: so many more are let in, and the next when it says', () => {
  fc.assert(
    fc.property(anyTerms, fc.integer({ min: 0, max: 60 }), (terms, before) => {
      let nowMs = 1_000;
      const table = new BucketTable(bucketMemory(1), () => nowMs);
      const take = () => standing(table.take(1, 'client', terms), terms);
      for (let i = 0; i < before; i++) take();
      const { remaining } = take();
      for (let i = 0; i < remaining; i++) assert.ok(take().admitted);
      const refused = take();
      assert.ok(!refused.admitted && refused.nextMs > 0 && refused.nextMs <= refused.resetMs);
      nowMs += refused.nextMs;
      assert.ok(take().admitted);
    }),
  );
});

test('clients, and limits of other routes, have buckets of their own', () => {
  const terms = { intervalMs: 1_000, burst: 0 };
  const table = new BucketTable(bucketMemory(), () => 1_000);
  for (let i = 0; i < 100_000; i++) {
    const key = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    assert.equal(table.take(1, key, terms), 0, key);
  }
  for (let scope = 2; scope < 1_000; scope++) assert.equal(table.take(scope, '10.0.0.1', terms), 0);
  assert.equal(table.take(1, '10.1.0.1', terms), 1_000);
});

test('a spray of addresses takes no more memory, and does not free who is being limited', () => {
  const memory = bucketMemory(1);
  const table = new BucketTable(memory, () => 1_000);
  const login = { intervalMs: 60_000, burst: 3 };
  for (let i = 0; i < 4; i++) table.take(1, 'guesser', login);
  for (let i = 0; i < 10_000; i++) table.take(2, `sprayed ${i}`, { intervalMs: 100, burst: 20 });
  assert.ok(!isAdmitted(table.take(1, 'guesser', login), login));
  assert.equal(memory.buffer.byteLength, 64);
});

test('threads that ask at the same time are not let in once more than one alone', async () => {
  const memory = bucketMemory(1);
  const terms = { intervalMs: 1_000, burst: 20_000 };
  const threads = Array.from({ length: 3 }, async () => {
    const worker = new Worker(new URL('./hammer.ts', import.meta.url), {
      workerData: { memory, terms, takes: 20_000 },
    });
    const [admitted] = (await once(worker, 'message')) as [number];
    return admitted;
  });
  const admitted = await Promise.all(threads);
  assert.equal(
    admitted.reduce((sum, n) => sum + n, 0),
    20_001,
  );
});

test('a thread that ended within a set holds up nobody for good', () => {
  const memory = bucketMemory(1);
  new Int32Array(memory.buffer)[0] = 1;
  const table = new BucketTable(memory, () => 1_000);
  const terms = { intervalMs: 1_000, burst: 0 };
  assert.equal(table.take(1, 'client', terms), 0);
  assert.equal(table.take(1, 'client', terms), 1_000);
});
