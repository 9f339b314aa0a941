import assert from 'node:assert/strict';
import { test } from 'node:test';
import { msText } from '../../src/base/ms-text.ts';

test('times are as short as a person needs them', () => {
  const shown = [0, 0.4, 9.96, 12, 90.51, 999.6, 1_000, 2_048, 9_940, 9_960, 11_585.24].map((ms) => msText(ms));
  assert.deepEqual(shown, [
    ...['0 ms', '0.4 ms', '10 ms', '12 ms', '91 ms', '1 s', '1 s', '2 s', '9.9 s', '10 s', '12 s'],
  ]);
  assert.equal(msText(null), '–');
});
