import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CounterNumbers } from '../../src/plane/counter-numbers.ts';

const names = (from: number, count: number) => Array.from({ length: count }, (_, i) => `name-${from + i}`);

test('a name keeps its number, and two names never have the same place', () => {
  const numbers = new CounterNumbers(8);
  const first = names(0, 8).map((name) => numbers.of(name));
  assert.deepEqual(
    names(0, 8).map((name) => numbers.of(name)),
    first,
  );
  assert.equal(new Set(first.map((number) => number % 8)).size, 8);
  assert.ok(first.every((number) => number > 0));
});

test('where all places are taken a name is not counted, until others are forgotten', () => {
  const numbers = new CounterNumbers(8);
  const old = names(0, 8).map((name) => numbers.of(name));
  assert.equal(numbers.of('late'), 0);
  const forgotten = numbers.tidy(1, () => ['name-3']);
  assert.deepEqual(
    forgotten,
    old.filter((_, i) => i !== 3),
  );
  const late = numbers.of('late');
  assert.ok(late > Math.max(...old), 'no number is given twice');
  assert.notEqual(late % 8, numbers.of('name-3') % 8);
});

test('what left the table a short while ago counts on when it comes back; the rest is forgotten', () => {
  const numbers = new CounterNumbers(65_536);
  const before = numbers.of('comes-back');
  for (const name of names(0, 900)) numbers.of(name);
  assert.deepEqual(
    numbers.tidy(0, () => assert.fail('not needed yet')),
    [],
  );
  assert.equal(numbers.of('comes-back'), before);
  for (const name of names(900, 200)) numbers.of(name);
  assert.equal(numbers.tidy(1, () => ['comes-back']).length, 1_100);
  assert.equal(numbers.of('comes-back'), before);
  assert.equal([...numbers.entries()].length, 1);
  // Places are used again before new ones are taken.
  for (const name of names(0, 1_100)) numbers.of(name);
  assert.equal(numbers.places, 1_101);
});
