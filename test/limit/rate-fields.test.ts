import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standing } from '../../src/limit/gcra.ts';
import { rateField, ratePolicyField, retryAfterField } from '../../src/limit/rate-fields.ts';

test('the policy is the rate in whole numbers', () => {
  for (const [count, perMs, field] of [
    [10, 1_000, '"limit";q=10;w=1'],
    [100, 60_000, '"limit";q=100;w=60'],
    [0.5, 1_000, '"limit";q=5;w=10'],
    [1.125, 60_000, '"limit";q=1125;w=60000'],
  ] as const) {
    assert.equal(ratePolicyField({ count, perMs }), field);
  }
});

test('what is left and the time until all is back are told, and a refusal says when to come back', () => {
  const terms = { intervalMs: 100, burst: 20 };
  assert.equal(rateField(standing(0, terms)), '"limit";r=20;t=1');
  assert.equal(rateField(standing(2_000, terms)), '"limit";r=0;t=3');
  const refused = standing(2_100, terms);
  assert.equal(rateField(refused), '"limit";r=0;t=3');
  assert.equal(retryAfterField(refused), '1');
  assert.equal(retryAfterField(standing(120_000, { intervalMs: 60_000, burst: 0 })), '120');
});
