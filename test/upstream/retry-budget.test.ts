import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryBudget } from '../../src/upstream/retry-budget.ts';
import { fc } from '../support/properties.ts';

/** How many may be sent once more now. */
function left(budget: RetryBudget, nowMs: number): number {
  let count = 0;
  while (budget.take(nowMs)) count++;
  return count;
}

test('a site with few requests has ten a second of the last ten seconds', () => {
  const budget = new RetryBudget();
  assert.equal(left(budget, 50_000), 100);
  assert.equal(left(budget, 59_999), 0);
  assert.equal(left(budget, 60_000), 100);
});

test('one with many has a fifth of them besides', () => {
  const budget = new RetryBudget();
  for (let i = 0; i < 1_000; i++) budget.request(10_000 + i);
  assert.equal(left(budget, 11_500), 300);
});

test('requests of more than ten seconds ago count no more', () => {
  const budget = new RetryBudget();
  for (let i = 0; i < 1_000; i++) budget.request(10_500);
  assert.equal(left(budget, 20_100), 100);
});

test('whatever the load, retries never exceed a fifth of the requests and ten a second of any ten seconds', () => {
  const load = fc.array(fc.record({ afterMs: fc.nat(3_000), requests: fc.nat(300), retries: fc.nat(300) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(load, (steps) => {
      const budget = new RetryBudget();
      const log: { second: number; requests: number; taken: number }[] = [];
      let nowMs = 5_000;
      for (const { afterMs, requests, retries } of steps) {
        nowMs += afterMs;
        for (let i = 0; i < requests; i++) budget.request(nowMs);
        let taken = 0;
        for (let i = 0; i < retries; i++) if (budget.take(nowMs)) taken++;
        const second = Math.floor(nowMs / 1_000);
        log.push({ second, requests, taken });
        const window = log.filter((one) => one.second > second - 10);
        const sum = (key: 'requests' | 'taken') => window.reduce((total, one) => total + one[key], 0);
        // Taken when more requests had been counted than are in the window by now, they still were within it then.
        if (taken > 0) assert.ok(sum('taken') <= 0.2 * sum('requests') + 100 + 1e-9);
      }
    }),
  );
});
