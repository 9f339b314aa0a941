import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inTurns } from '../../src/proxy/in-turns.ts';

test('many are served in their order, some at a time, and others have their turn between', async () => {
  const order: (number | string)[] = [];
  const over = Promise.withResolvers<void>();
  inTurns([1, 2, 3, 4, 5], 2, (item) => order.push(item), over.resolve);
  const other = nextTurn().then(() => order.push('other'));
  await Promise.all([over.promise, other]);
  assert.deepEqual(order, [1, 2, 3, 4, 'other', 5]);
});

test('few are served at once, and it is over', () => {
  const order: (number | string)[] = [];
  inTurns(
    [1, 2],
    2,
    (item) => order.push(item),
    () => order.push('over'),
  );
  assert.deepEqual(order, [1, 2, 'over']);
});
