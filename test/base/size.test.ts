import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSize, sizeText } from '../../src/base/size.ts';
import { fc } from '../support/properties.ts';

test('a size is read by 1024, whatever the spelling of its unit', () => {
  const cases: Record<string, number> = {
    '0': 0,
    '512': 512,
    '512k': 524_288,
    '100m': 104_857_600,
    '100MB': 104_857_600,
    '100MiB': 104_857_600,
    '1g': 1_073_741_824,
    '1.5g': 1_610_612_736,
    '10 b': 10,
  };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(readSize(text), bytes, text);
});

test('what is no size is null', () => {
  for (const text of ['', 'm', '-1m', '1x', '1mm', 'off', '9'.repeat(16), '999999999999t'])
    assert.equal(readSize(text), null, text);
});

test('a size written out reads back as itself', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (bytes) => readSize(sizeText(bytes)) === bytes));
});
