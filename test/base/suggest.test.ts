import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, editDistance } from '../../src/base/suggest.ts';
import { fc } from '../support/properties.ts';

test('a swap of neighbours is one slip', () => {
  assert.equal(editDistance('tiemout', 'timeout'), 1);
  assert.equal(editDistance('hots', 'host'), 1);
  assert.equal(editDistance('lmit', 'limit'), 1);
  assert.equal(editDistance('', 'abc'), 3);
});

test('the distance is symmetric, zero only for the same text, and gives up above its bound', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, fc.nat(5), (a, b, distanceMax) => {
      const distance = editDistance(a, b);
      assert.equal(editDistance(b, a), distance);
      assert.equal(distance === 0, a === b);
      assert.equal(editDistance(a, b, distanceMax), Math.min(distance, distanceMax + 1));
    }),
  );
});

test('the nearest candidate is suggested, and none when all are far', () => {
  const words = ['host', 'port', 'path', 'timeout'];
  assert.equal(closest('hots', words), 'host');
  assert.equal(closest('tmeout', words), 'timeout');
  assert.equal(closest('xyz', words), null);
  assert.equal(closest('banana', words), null);
});
