import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFailureText } from '../../../src/upstream/health/check-failure.ts';

const what = 'connect refused on 172.17.0.3:3000';

test('a failure says what, how often and how long ago', () => {
  const text = (count: number, agoMs: number) => checkFailureText({ what, count, lastMs: 1_000 }, 1_000 + agoMs);
  assert.equal(text(12, 400), `${what} (12 times, last 0.4 s ago)`);
  assert.equal(text(1, 65_000), `${what} (65 s ago)`);
  assert.equal(text(2, 300_000), `${what} (2 times, last 5 min ago)`);
  // Clocks of two processes may differ by a little.
  assert.equal(text(1, -3), `${what} (0.0 s ago)`);
});
