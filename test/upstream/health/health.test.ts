import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterCheck, type Health, newHealth, startingMsMax } from '../../../src/upstream/health/health.ts';
import { fc } from '../../support/properties.ts';

type Outcome = 'passed' | 'failed';

/** The states that a row of checks leads through, a check each `everyMs`: p passed, f failed. */
function states(row: string, about: { rise?: number; fall?: number; from?: Health; everyMs?: number } = {}): string[] {
  const { rise = 1, fall = 3, from = newHealth(0), everyMs = 1 } = about;
  let health = from;
  return [...row].map((letter, at) => {
    health = afterCheck(health, letter === 'p' ? 'passed' : 'failed', { rise, fall }, (at + 1) * everyMs);
    return health.state;
  });
}

const healthy = afterCheck(newHealth(0), 'passed', { rise: 1, fall: 3 }, 0);

test('it starts until it has passed `rise` checks in a row', () => {
  assert.deepEqual(states('fp'), ['starting', 'healthy']);
  assert.deepEqual(states('ppfppp', { rise: 3 }), [...Array(5).fill('starting'), 'healthy']);
});

test('`fall` failures in a row make it unhealthy, and one pass in between begins anew', () => {
  assert.deepEqual(states('ffpfff', { from: healthy }), [...Array(5).fill('healthy'), 'unhealthy']);
  assert.deepEqual(states('f', { from: healthy, fall: 1 }), ['unhealthy']);
});

test('an unhealthy one recovers after `rise` passes in a row', () => {
  assert.deepEqual(states('fpfpp', { from: healthy, fall: 1, rise: 2 }), [...Array(4).fill('unhealthy'), 'healthy']);
});

test('one that never passes starts for a minute, and is unhealthy then', () => {
  const everyMs = startingMsMax / 4;
  assert.deepEqual(states('fffff', { everyMs }), ['starting', 'starting', 'starting', 'unhealthy', 'unhealthy']);
  assert.deepEqual(states('fffffp', { everyMs }).at(-1), 'healthy');
});

test('whatever the checks say, it is healthy only behind `rise` passes and unhealthy only behind `fall` failures', () => {
  const row = fc.array(fc.constantFrom<Outcome>('passed', 'failed'), { maxLength: 60 });
  const count = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(row, count, count, (outcomes, rise, fall) => {
      let health = newHealth(0);
      for (const [at, outcome] of outcomes.entries()) {
        const before = health.state;
        health = afterCheck(health, outcome, { rise, fall }, at * 10_000);
        if (health.state === before) continue;
        const [wanted, needed] = health.state === 'healthy' ? (['passed', rise] as const) : (['failed', fall] as const);
        const last = outcomes.slice(at + 1 - needed, at + 1);
        assert.deepEqual(last, Array(needed).fill(wanted));
      }
    }),
  );
});
