import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BucketTable, bucketMemory } from '../../src/limit/bucket-table.ts';
import { isAdmitted } from '../../src/limit/gcra.ts';
import { SharedBuckets, type SharedCounter } from '../../src/limit/shared-buckets.ts';

const terms = { intervalMs: 1_000, burst: 1 };
const scope = { text: 'app.example.com/', id: 7 };

/** A proxy with a table of its own, at a time that the test sets. */
function proxyWith(shared: SharedCounter | null) {
  const time = { nowMs: 1_000 };
  const buckets = new SharedBuckets(new BucketTable(bucketMemory(8), () => time.nowMs), shared);
  const isLetIn = async (key = '198.51.100.1') => isAdmitted(await buckets.take(scope, key, terms), terms);
  return { time, buckets, isLetIn };
}

/** One bucket for all names, with the names that were asked for; null while it is away. */
function countOfAll() {
  const asked: string[] = [];
  const state = { away: false };
  let backlogMs = 0;
  const counter: SharedCounter = {
    take: (bucket, { intervalMs }) => {
      asked.push(bucket);
      if (state.away) return Promise.resolve(null);
      const found = backlogMs;
      if (isAdmitted(found, terms)) backlogMs += intervalMs;
      return Promise.resolve(found);
    },
  };
  return { counter, asked, state };
}

test('alone, a proxy counts at once', () => {
  const { buckets } = proxyWith(null);
  assert.deepEqual(
    [1, 2, 3].map(() => buckets.take(scope, 'a', terms)),
    [0, 1_000, 2_000],
  );
});

test('the count of all decides, whichever proxy is asked', async () => {
  const { counter } = countOfAll();
  const [one, other] = [proxyWith(counter), proxyWith(counter)];
  assert.deepEqual([await one.isLetIn(), await other.isLetIn()], [true, true]);
  assert.deepEqual([await one.isLetIn(), await other.isLetIn()], [false, false]);
});

test('who is known to have had enough is refused without a question', async () => {
  const { counter, asked } = countOfAll();
  const { isLetIn, time } = proxyWith(counter);
  for (let i = 0; i < 5; i++) await isLetIn();
  assert.equal(asked.length, 2);
  // As far as this proxy knows there is room again.
  time.nowMs += 1_000;
  assert.equal(await isLetIn(), false);
  assert.equal(asked.length, 3);
});

test('while nobody answers, a proxy goes on from what it has heard last', async () => {
  const { counter, state } = countOfAll();
  const [one, other] = [proxyWith(counter), proxyWith(counter)];
  await other.isLetIn();
  assert.equal(await one.isLetIn(), true);
  state.away = true;
  assert.deepEqual([await one.isLetIn(), await other.isLetIn(), await other.isLetIn()], [false, true, false]);
});

test('what is not asked for the time being is counted at once', async () => {
  const { isLetIn } = proxyWith({ take: () => null });
  assert.deepEqual([await isLetIn(), await isLetIn(), await isLetIn()], [true, true, false]);
});

test('the name of a bucket tells nothing of whose it is, and no two have the same', async () => {
  const { counter, asked } = countOfAll();
  const { buckets } = proxyWith(counter);
  for (const text of ['a.test/', 'a.test/login'])
    for (const key of ['198.51.100.1', '=secret-session']) await buckets.take({ text, id: 1 }, key, terms);
  assert.equal(new Set(asked).size, asked.length);
  for (const name of asked) assert.match(name, /^[\w-]{22}$/);
});
