import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FetchLocks } from '../../src/cache/fetch-locks.ts';

it('one worker at a time has a place, and the other hears when it is given back', async () => {
  const memory = FetchLocks.memory();
  const [one, other] = [new FetchLocks(memory, 0), new FetchLocks(memory, 1)];
  assert.equal(one.take('/a'), 'taken');
  assert.equal(one.take('/a'), 'shared');
  assert.equal(other.take('/a'), 'theirs');
  other.giveBack('/a');
  assert.equal(other.take('/a'), 'theirs');
  const waiting = other.theirs('/a', 60_000);
  one.giveBack('/a');
  await waiting;
  assert.equal(other.take('/a'), 'taken');
  await other.theirs('/a', 60_000);
});

it('what a dead worker had is free, and who waited goes on', async () => {
  const memory = FetchLocks.memory();
  const [one, other] = [new FetchLocks(memory, 0), new FetchLocks(memory, 1)];
  one.take('/a');
  other.take('/b');
  const waiting = other.theirs('/a', 60_000);
  one.clear();
  await waiting;
  assert.equal(other.take('/a'), 'taken');
  assert.equal(one.take('/b'), 'theirs');
});

it('who gives a place back after a fetch has changed its turn, and who did nothing has not', () => {
  const memory = FetchLocks.memory();
  const [one, other] = [new FetchLocks(memory, 0), new FetchLocks(memory, 1)];
  const before = other.turn('/a');
  one.take('/a');
  one.giveBack('/a', { used: false });
  other.giveBack('/a');
  assert.equal(other.turn('/a'), before);
  one.take('/a');
  one.giveBack('/a');
  assert.notEqual(other.turn('/a'), before);
});
