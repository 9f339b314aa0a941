import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Ejections, ejectionMemory } from '../../src/upstream/ejections.ts';
import { fc } from '../support/properties.ts';

const terms = { maxFails: 3, failTimeoutMs: 30_000 };

/** One backend as two workers see it. */
function seenByTwo() {
  const memory = ejectionMemory(4);
  return [new Ejections(memory).of(5), new Ejections(memory).of(5)] as const;
}

test('three failures within 30 s leave a backend out, whichever worker sees them', () => {
  const [one, other] = seenByTwo();
  one.fail(1_000, terms);
  other.fail(2_000, terms);
  assert.equal(one.isOut(2_000), false);
  one.fail(30_999, terms);
  assert.deepEqual([one.isOut(31_000), other.isOut(31_000)], [true, true]);
});

test('failures that are far apart do not add up', () => {
  const [one] = seenByTwo();
  for (const atMs of [0, 20_000, 30_000, 50_000, 60_000, 85_000, 90_000]) one.fail(atMs, terms);
  assert.equal(one.isSuspect, false);
});

test('maxfails=0 and failtimeout=0 leave nobody out', () => {
  const [one] = seenByTwo();
  for (let i = 0; i < 100; i++) one.fail(0, { maxFails: 0, failTimeoutMs: 30_000 });
  for (let i = 0; i < 100; i++) one.fail(0, { maxFails: 1, failTimeoutMs: 0 });
  assert.equal(one.isSuspect, false);
});

test('after the pause one request tries it while the others still go elsewhere, and its answer brings it back', () => {
  const [one, other] = seenByTwo();
  for (let i = 0; i < 3; i++) one.fail(0, terms);
  assert.deepEqual([other.isOut(29_999), other.isOut(30_000)], [true, false]);
  other.begin(30_000, terms);
  assert.deepEqual([one.isOut(30_000), other.isOut(30_000)], [true, true]);
  other.succeed(30_500);
  assert.deepEqual([one.isOut(30_500), one.isSuspect, one.backMs], [false, false, 30_500]);
  // It begins with a clean record.
  for (let i = 0; i < 2; i++) one.fail(30_600, terms);
  assert.equal(one.isSuspect, false);
});

test('a try that fails, or of which nothing is heard, is followed by the next one a pause later', () => {
  const [one] = seenByTwo();
  for (let i = 0; i < 3; i++) one.fail(0, terms);
  one.begin(40_000, terms);
  one.fail(41_000, terms);
  assert.deepEqual([one.isOut(70_999), one.isOut(71_000)], [true, false]);
  one.begin(71_000, terms);
  assert.deepEqual([one.isOut(100_999), one.isOut(101_000)], [true, false]);
});

test('an answer to what was asked before says nothing of whether it is well again', () => {
  const [one] = seenByTwo();
  for (let i = 0; i < 3; i++) one.fail(0, terms);
  one.succeed(1);
  assert.equal(one.isOut(2), true);
});

test('where it is asked for want of another, its answer counts before the pause is over', () => {
  const [one] = seenByTwo();
  for (let i = 0; i < 3; i++) one.fail(0, terms);
  one.begin(5, terms);
  one.succeed(6);
  assert.equal(one.isOut(7), false);
});

test('a place that goes to another backend brings nothing along, and nobody counts for it any more', () => {
  const memory = ejectionMemory(4);
  const ejections = new Ejections(memory);
  const before = ejections.of(5);
  for (let i = 0; i < 3; i++) before.fail(0, terms);
  const after = ejections.of(9);
  assert.equal(after.isSuspect, false);
  for (let i = 0; i < 9; i++) before.fail(0, terms);
  assert.equal(after.isSuspect, false);
  // A worker that is behind with its tables must not take the place back.
  for (let i = 0; i < 3; i++) ejections.of(5).fail(0, terms);
  for (let i = 0; i < 3; i++) after.fail(0, terms);
  assert.deepEqual(ejections.suspects(4), [9]);
  assert.deepEqual(ejections.suspects(1), []);
});

type Act = readonly ['fail' | 'begin' | 'succeed', number];
const acts = fc.array(fc.tuple(fc.constantFrom('fail', 'begin', 'succeed'), fc.nat(40_000)) as fc.Arbitrary<Act>);

test('whatever happens, it is out for no longer than the pause after the last that was heard, and one answer brings it back', () => {
  fc.assert(
    fc.property(acts, (history) => {
      const workers = seenByTwo();
      let nowMs = 0;
      for (const [i, [act, afterMs]] of history.entries()) {
        nowMs += afterMs;
        workers[i % 2]?.[act](nowMs, terms);
      }
      const [one, other] = workers;
      assert.equal(one.isOut(nowMs + terms.failTimeoutMs), false);
      one.begin(nowMs, terms);
      other.succeed(nowMs);
      assert.equal(one.isSuspect, false);
    }),
  );
});

test('all threads of a process count monotonic time from the same moment', async () => {
  const before = performance.now();
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(performance.now())', { eval: true });
  const there = await new Promise<number>((resolve, reject) => worker.on('message', resolve).on('error', reject));
  assert.ok(before <= there && there <= performance.now());
});
