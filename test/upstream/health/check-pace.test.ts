import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCheckMs } from '../../../src/upstream/health/check-pace.ts';
import { afterCheck, type Health, newHealth } from '../../../src/upstream/health/health.ts';
import { fc } from '../../support/properties.ts';

const interval = { intervalMs: 10_000 };
const middle = { random: 0.5, nowMs: 0, leastMs: 0 };
const inState = (state: Health['state'], about: Partial<Health> = {}): Health => ({ ...newHealth(0), state, ...about });

test('one that starts is asked again after 25 ms, then twice as late each time, up to 500 ms', () => {
  let health = newHealth(0);
  const pauses = [1, 2, 3, 4, 5, 6, 7].map(() => {
    health = afterCheck(health, 'failed', { rise: 1, fall: 3 }, 0);
    return nextCheckMs(health, interval, middle);
  });
  assert.deepEqual(pauses, [25, 50, 100, 200, 400, 500, 500]);
});

test('after a minute it is asked like any other', () => {
  assert.equal(nextCheckMs(inState('starting', { checks: 90 }), interval, { ...middle, nowMs: 60_000 }), 10_000);
});

test('a short interval is never stretched', () => {
  assert.equal(nextCheckMs(inState('starting', { checks: 5 }), { intervalMs: 100 }, middle), 100);
});

test('the first check of a healthy one lies anywhere in its interval, so that many are spread', () => {
  const first = (random: number) => nextCheckMs(inState('healthy'), interval, { ...middle, random });
  assert.deepEqual([first(0), first(0.5), first(0.999)], [0, 5_000, 9_990]);
});

test('from then on it is asked each interval, give or take a tenth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
      const pause =
        nextCheckMs(inState('healthy', { checks: 1, passes: 1 }), interval, { ...middle, random, nowMs: 5 }) ?? 0;
      assert.ok(pause >= 9_000 && pause <= 11_000);
    }),
  );
});

test('an unhealthy one is asked often until it passes, and then as far apart as in good times', () => {
  assert.equal(nextCheckMs(inState('unhealthy'), interval, middle), 25);
  assert.equal(nextCheckMs(inState('unhealthy', { checks: 1, passes: 1 }), interval, middle), 10_000);
});

test('without an interval a healthy one is asked no more, and one that is not yet is', () => {
  assert.equal(nextCheckMs(inState('healthy'), { intervalMs: 0 }, middle), null);
  assert.equal(nextCheckMs(inState('starting', { checks: 1 }), { intervalMs: 0 }, middle), 25);
});

test('in a crowd each is asked less often', () => {
  const crowd = { ...middle, leastMs: 40_000 };
  assert.equal(nextCheckMs(inState('healthy', { checks: 1 }), interval, crowd), 40_000);
  assert.equal(nextCheckMs(inState('healthy'), interval, crowd), 20_000);
  assert.equal(nextCheckMs(inState('starting', { checks: 1 }), interval, { ...crowd, leastMs: 100 }), 100);
});
