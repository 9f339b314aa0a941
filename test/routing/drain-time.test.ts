import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drainTimeMs } from '../../src/routing/drain-time.ts';
import { fc } from '../support/properties.ts';
import { build, labelled } from './builders.ts';

test('leave is taken before Docker kills, in any case within proxy.drain', () => {
  assert.equal(drainTimeMs(30_000, 10_000), 9_000);
  assert.equal(drainTimeMs(5_000, 10_000), 5_000);
  assert.equal(drainTimeMs(30_000, 1_000), 500);
  assert.equal(drainTimeMs(30_000, Infinity), 30_000);
  const ms = fc.nat({ max: 86_400_000 });
  fc.assert(
    fc.property(ms, ms, (drainMs, stopGraceMs) => {
      const timeMs = drainTimeMs(drainMs, stopGraceMs);
      assert.ok(timeMs >= 0 && timeMs <= drainMs && (timeMs < stopGraceMs || stopGraceMs === 0));
    }),
  );
});

test('only a container that was sent its stop signal has so little time: who is drained by hand is not killed', () => {
  const { container, reading } = labelled({});
  const drainMs = (about: object) => {
    const [route] = build([{ container: { ...container, stopGraceMs: 10_000, ...about }, reading }]).table.routes;
    return route?.serving.kind === 'pool' && route.serving.backends[0]?.drainMs;
  };
  assert.deepEqual([drainMs({}), drainMs({ drained: true })], [30_000, 30_000]);
  assert.deepEqual([drainMs({ stopping: true }), drainMs({ stopping: true, drained: true })], [9_000, 9_000]);
});
