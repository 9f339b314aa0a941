import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rotation } from '../../src/upstream/rotation.ts';
import { fc } from '../support/properties.ts';
import { aPeer } from './builders.ts';

function take(rotation: Rotation, peers: ReturnType<typeof aPeer>[], times: number): string {
  return Array.from({ length: times }, () => rotation.choose(peers).container).join('');
}

test('peers of equal weight take turns', () => {
  assert.equal(take(new Rotation(() => 0), [aPeer({ container: 'a' }), aPeer({ container: 'b' })], 6), 'ababab');
});

test('a heavier peer is spread through the cycle, not served in a row', () => {
  const peers = [aPeer({ container: 'a', weight: 5 }), aPeer({ container: 'b' }), aPeer({ container: 'c' })];
  assert.equal(take(new Rotation(() => 0), peers, 7), 'aabacaa');
});

test('over whole cycles each peer gets exactly its weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const peers = weights.map((weight, i) => aPeer({ container: String(i), weight }));
      const taken = take(new Rotation(() => 0), peers, 3 * weights.reduce((a, b) => a + b));
      weights.forEach((weight, i) => {
        assert.equal(taken.split(String(i)).length - 1, 3 * weight);
      });
    }),
  );
});

test('a peer that left costs the others nothing', () => {
  const [a, b, c] = [aPeer({ container: 'a' }), aPeer({ container: 'b' }), aPeer({ container: 'c' })];
  const rotation = new Rotation(() => 0);
  take(rotation, [a, b, c], 2);
  assert.deepEqual([...take(rotation, [a, b], 4)].sort().join(''), 'aabb');
});
