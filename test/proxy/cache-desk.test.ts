import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchLocks } from '../../src/cache/fetch-locks.ts';
import { aDesk } from '../cache/a-desk.ts';

test('who looked in the store before another worker put something there is told to look again, and not to fetch', () => {
  const memory = FetchLocks.memory();
  const [one, other] = [0, 1].map((worker) => aDesk({ locks: new FetchLocks(memory, worker) })) as [
    ReturnType<typeof aDesk>,
    ReturnType<typeof aDesk>,
  ];
  const turn = other.turn('/a');
  assert.equal(one.mayFetch('/a', one.turn('/a')), 'yes');
  assert.equal(other.mayFetch('/a', turn), 'theirs');
  one.unlock('/a');
  assert.equal(other.mayFetch('/a', turn), 'late');
  // It holds nothing, so that a third one may.
  assert.equal(one.mayFetch('/a', one.turn('/a')), 'yes');
  one.unlock('/a');
  assert.equal(other.mayFetch('/a', other.turn('/a')), 'yes');
});

test('who looked in the store before this worker had put there what it has fetched looks again, once', () => {
  const desk = aDesk({ locks: new FetchLocks(FetchLocks.memory(), 0) });
  const turn = desk.turn('/a');
  assert.equal(desk.mayFetch('/a', turn), 'yes');
  // The fetch is over, and the disk still writes its answer.
  assert.equal(desk.fetchAt('/a'), null);
  assert.equal(desk.mayFetch('/a', turn), 'late');
  assert.equal(desk.mayFetch('/a', null), 'yes');
});
