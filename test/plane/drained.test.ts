import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drained } from '../../src/plane/drained.ts';
import { container } from '../routing/builders.ts';

const [one, other] = [container(), container()];

test('a drained container says so, the others stay the same objects', () => {
  const drained = new Drained();
  assert.equal(drained.mark([one, other]).at(0), one);
  drained.add(one.id);
  const [marked, left] = drained.mark([one, other]);
  assert.deepEqual(marked, { ...one, drained: true });
  assert.equal(left, other);
  assert.equal(drained.mark([one, other])[0], marked);
  drained.delete(one.id);
  assert.equal(drained.mark([one, other])[0], one);
});

test('it stays drained while it changes, and is forgotten once it is gone', () => {
  const drained = new Drained();
  drained.add(one.id);
  assert.equal(drained.mark([{ ...one, state: 'exited' }])[0]?.drained, true);
  assert.equal(drained.mark([one])[0]?.drained, true);
  drained.mark([other]);
  assert.equal(drained.mark([one])[0], one);
});
