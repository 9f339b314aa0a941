import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHopeful } from '../../src/upstream/outlook.ts';
import { aPeer, tcpCheck } from './builders.ts';

const nowMs = 1_800_000_000_000;
const hopeful = (peers: readonly Parameters<typeof aPeer>[0][], about: { changedMs?: number; waitMs?: number } = {}) =>
  isHopeful(
    peers.map((about) => aPeer(about)),
    { nowMs, changedMs: 0, waitMs: 10_000, ...about },
  );

test('one that starts, restarts or may survive its signal may come', () => {
  assert.ok(hopeful([{ state: 'starting' }]));
  assert.ok(hopeful([{ state: 'draining' }]));
  assert.ok(hopeful([{ state: 'unreachable' }, { state: 'starting' }]));
});

test('one whose owner wants it to drain, that is paused, sick or out of reach does not', () => {
  for (const about of [
    { state: 'draining', weight: 0 },
    { state: 'draining', drained: true },
    { weight: 0 },
    { state: 'paused' },
    { state: 'unhealthy' },
    { state: 'unreachable' },
  ] as const) {
    assert.equal(hopeful([about], { changedMs: nowMs }), false);
  }
  assert.equal(hopeful([], { changedMs: nowMs }), false);
});

test('after the last one has left, a successor is expected for as long as proxy.wait says', () => {
  const stopped = [{ state: 'stopped' }] as const;
  assert.ok(hopeful(stopped, { changedMs: nowMs - 9_999 }));
  assert.equal(hopeful(stopped, { changedMs: nowMs - 10_000 }), false);
  assert.equal(hopeful(stopped, { changedMs: nowMs, waitMs: 0 }), false);
});

test('an engine whose clock is a little ahead changes nothing, one that is far ahead says nothing', () => {
  const stopped = [{ state: 'stopped' }] as const;
  assert.ok(hopeful(stopped, { changedMs: nowMs + 2_000 }));
  assert.equal(hopeful(stopped, { changedMs: nowMs + 3_600_000 }), false);
});

test('one that looks well but takes nothing is expected only for as long as it is young', () => {
  assert.ok(hopeful([{ changedMs: nowMs - 9_000 }]));
  assert.equal(hopeful([{ changedMs: nowMs - 11_000 }]), false);
});

test('one whose check has not passed is expected for as long as it is young, or proxy.wait from when that began', () => {
  let monotonicMs = 0;
  const [old, young] = [0, nowMs - 1_000].map((changedMs) =>
    aPeer({ check: tcpCheck(), changedMs }, () => monotonicMs),
  );
  const times = { nowMs, changedMs: 0, waitMs: 10_000 };
  const both = () => [old, young].map((peer) => peer !== undefined && isHopeful([peer], times));
  assert.deepEqual(both(), [true, true]);
  monotonicMs = 10_000;
  assert.deepEqual(both(), [false, true]);
  // Paused and back: it is asked anew.
  if (old !== undefined) {
    old.said = 'paused';
    old.said = 'healthy';
  }
  assert.deepEqual(both(), [true, true]);
});

test('one that starts by the word of the engine is expected for as long as that says so', () => {
  let monotonicMs = 0;
  const peer = aPeer({ state: 'starting' }, () => monotonicMs);
  monotonicMs = 1e9;
  assert.ok(isHopeful([peer], { nowMs, changedMs: 0, waitMs: 10_000 }));
});
