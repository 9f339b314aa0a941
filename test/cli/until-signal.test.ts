import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { untilSignal } from '../../src/cli/until-signal.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('a signal that arrives twice is one wish; only a later one insists', async () => {
  const signals = new EventEmitter();
  const clock = new FakeClock();
  let insisted = 0;
  const first = untilSignal({ signals, clock, insisted: () => insisted++ });
  signals.emit('SIGINT', 'SIGINT');
  signals.emit('SIGTERM', 'SIGTERM');
  assert.equal(await first, 'SIGINT');
  assert.equal(insisted, 0);
  clock.advance(1_000);
  signals.emit('SIGINT', 'SIGINT');
  assert.equal(insisted, 1);
});
