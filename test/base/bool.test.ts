import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBool } from '../../src/base/bool.ts';

test('eight words are yes or no, in any case', () => {
  for (const text of ['true', 'on', 'yes', '1', ' True ']) assert.equal(readBool(text), true, text);
  for (const text of ['false', 'off', 'no', '0', 'OFF']) assert.equal(readBool(text), false, text);
});

test('anything else is neither', () => {
  for (const text of ['', 'y', 'enabled', '2', 'constructor']) assert.equal(readBool(text), null, text);
});
