import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { StoreAway } from '../../../src/store/redis/redis-link.ts';
import { Round } from '../../../src/store/redis/round.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function aRound() {
  const clock = new FakeClock();
  const told: string[] = [];
  const state = { looks: 0, look: async (): Promise<void> => {} };
  const round = new Round({
    clock,
    look: () => {
      state.looks++;
      return state.look();
    },
    onRefused: (why) => told.push(why),
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await setImmediate();
  };
  return { round, state, told, pass, clock };
}

test('it looks at once and twice a second, one look at a time', async () => {
  const { round, state, pass } = aRound();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.look = () => promise;
  void round.begin();
  void round.begin();
  await pass(10_000);
  assert.equal(state.looks, 1);
  resolve();
  await pass(0);
  for (let i = 0; i < 4; i++) await pass(500);
  assert.equal(state.looks, 5);
});

test('what the server refuses is told once, what is away not at all, and it goes on looking', async () => {
  const { round, state, told, pass, clock } = aRound();
  state.look = () => Promise.reject(new StoreAway('nobody listens there'));
  await round.begin();
  assert.deepEqual([round.why, told.length], ['', 0]);
  state.look = () => Promise.reject(new Error('NOPERM no'));
  for (let i = 0; i < 3; i++) await pass(500);
  assert.equal(told.length, 1);
  assert.match(round.why, /may not do/);
  state.look = async () => {};
  await pass(500);
  assert.equal(round.why, '');
  round.close();
  assert.equal(clock.pending, 0);
});
