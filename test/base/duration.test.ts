import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, readDuration } from '../../src/base/duration.ts';
import { fc } from '../support/properties.ts';

test('a duration is read with its unit, and as seconds without one', () => {
  const cases: Record<string, number> = {
    '250ms': 250,
    '30s': 30_000,
    '5m': 300_000,
    '24h': 86_400_000,
    '30d': 2_592_000_000,
    '90': 90_000,
    '0': 0,
    '1.5s': 1_500,
    '1h30m': 5_400_000,
    ' 5M ': 300_000,
  };
  for (const [text, ms] of Object.entries(cases)) assert.equal(readDuration(text), ms, text);
});

test('what is no duration, or longer than ten years, is null', () => {
  for (const text of ['', 's', '-1s', '5 m', '1e3', '5x', 'off', '4000d', '1.s', '∞', '9'.repeat(400)]) {
    assert.equal(readDuration(text), null, text);
  }
});

test('a duration written out reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_650 * 86_400_000 }), (ms) => readDuration(durationText(ms)) === ms),
  );
});
