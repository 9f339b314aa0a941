import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Renewable, renewalDueMs, retryWaitMsMax } from '../../../src/tls/acme/renewal.ts';
import { fc } from '../../support/properties.ts';
import { day, hour, minute } from './ledger-desk.ts';

const bornMs = 1_800_000_000_000;

function certificate(lifeMs: number, seed = ''): Renewable {
  const id = createHash('sha256').update(seed).digest('hex');
  return { id, notBeforeMs: bornMs, notAfterMs: bornMs + lifeMs };
}

const shares = (lifeMs: number) =>
  Array.from({ length: 200 }, (_, i) => (renewalDueMs(certificate(lifeMs, `${i}`), null) - bornMs) / lifeMs);

test('a certificate of 90 days is renewed at two thirds of its life, or a little earlier', () => {
  const drawn = shares(90 * day);
  assert.ok(drawn.every((share) => share <= 2 / 3 && share > 2 / 3 - 0.05));
  assert.ok(Math.max(...drawn) - Math.min(...drawn) > 0.04, 'many that were made together are spread');
});

for (const [what, lifeMs] of [
  ['six days', 6 * day],
  ['a day', day],
  ['120 seconds', 2 * minute],
] as const)
  test(`a certificate of ${what} is renewed at half of its life, or a little earlier`, () => {
    assert.ok(shares(lifeMs).every((share) => share <= 1 / 2 && share > 1 / 2 - 0.05));
  });

test("the issuer's window is kept to, and filled", () => {
  const window = { startMs: bornMs + 50 * day, endMs: bornMs + 52 * day };
  const drawn = Array.from({ length: 200 }, (_, i) => renewalDueMs(certificate(90 * day, `${i}`), window));
  assert.ok(drawn.every((dueMs) => dueMs >= window.startMs && dueMs < window.endMs));
  assert.ok(Math.min(...drawn) < window.startMs + 2 * hour && Math.max(...drawn) > window.endMs - 2 * hour);
});

test('a window that has passed means now', () => {
  const window = { startMs: bornMs - 2 * day, endMs: bornMs - day };
  assert.ok(renewalDueMs(certificate(90 * day), window) < bornMs);
});

test('a window after the end of the certificate is not believed', () => {
  const window = { startMs: bornMs + 100 * day, endMs: bornMs + 120 * day };
  assert.equal(renewalDueMs(certificate(90 * day), window), bornMs + 81 * day);
});

test('whatever the certificate and the window, it is renewed before it ends, and always at the same moment', () => {
  const ms = fc.integer({ min: -1000 * day, max: 1000 * day });
  const window = fc.option(fc.record({ startMs: ms.map((x) => bornMs + x), endMs: ms.map((x) => bornMs + x) }));
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 3650 * day }), fc.string(), window, (lifeMs, seed, ari) => {
      const dueMs = renewalDueMs(certificate(lifeMs, seed), ari);
      assert.ok(dueMs < bornMs + lifeMs);
      assert.equal(dueMs, renewalDueMs(certificate(lifeMs, seed), ari));
    }),
  );
});

test('the nearer the end, the sooner a failed renewal is tried again', () => {
  const ninety = certificate(90 * day);
  const waits = [30, 4, 1, 0.1, -5].map((daysLeft) => retryWaitMsMax(ninety, ninety.notAfterMs - daysLeft * day));
  assert.deepEqual(waits, [day, 12 * hour, 3 * hour, hour, hour]);
  const brief = certificate(2 * minute);
  assert.equal(retryWaitMsMax(brief, bornMs + minute), minute);
});

test('waits of failed renewals never grow with time, nor leave their bounds', () => {
  const times = fc.tuple(fc.integer({ min: 0, max: 400 * day }), fc.integer({ min: 0, max: 400 * day }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * day }), times, (lifeMs, [a, b]) => {
      const one = certificate(lifeMs);
      const [sooner, later] = [Math.min(a, b), Math.max(a, b)].map((ms) => retryWaitMsMax(one, bornMs + ms));
      assert.ok((later as number) <= (sooner as number));
      assert.ok((later as number) >= minute && (sooner as number) <= day);
    }),
  );
});
