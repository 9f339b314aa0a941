import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../../src/docker/container.ts';
import { Lingering } from '../../src/plane/lingering.ts';
import { FakeClock } from '../support/fake-clock.ts';

const labelled = {
  id: 'a',
  labels: { 'proxy.host': 'app.test' },
  state: 'running',
  stopping: true,
  attachments: [{}],
} as unknown as Container;
const plain = { id: 'b', labels: {}, state: 'running' } as unknown as Container;

function lingering() {
  const clock = new FakeClock();
  const expired: number[] = [];
  const keeper = new Lingering({ lingerMs: 60_000, clock, onExpiry: () => expired.push(clock.monotonic()) });
  return { clock, expired, keeper };
}

test('a container that was removed stays as removed, without an address, until its time is over', () => {
  const { clock, expired, keeper } = lingering();
  assert.deepEqual(keeper.extend([labelled]), [labelled]);
  const [gone] = keeper.extend([]);
  const changedMs = clock.now();
  assert.deepEqual({ ...gone }, { ...labelled, state: 'removed', changedMs, stopping: false, attachments: [] });
  clock.advance(59_999);
  assert.equal(keeper.extend([]).length, 1);
  clock.advance(1);
  assert.deepEqual(expired, [60_000]);
  assert.deepEqual(keeper.extend([]), []);
  assert.equal(clock.pending, 0);
});

test('a container without labels of ours is forgotten at once', () => {
  const { keeper } = lingering();
  keeper.extend([plain]);
  assert.deepEqual(keeper.extend([]), []);
});

test('a container that comes back is itself again', () => {
  const { keeper } = lingering();
  keeper.extend([labelled]);
  keeper.extend([]);
  assert.deepEqual(keeper.extend([labelled]), [labelled]);
});

test('no more than a thousand are remembered', () => {
  const { keeper } = lingering();
  keeper.extend(Array.from({ length: 1_500 }, (_, i) => ({ ...labelled, id: `c${i}` })));
  assert.equal(keeper.extend([]).length, 1_000);
});
