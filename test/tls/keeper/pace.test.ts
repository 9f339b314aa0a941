import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../../src/tls/keeper/pace.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function paced() {
  const clock = new FakeClock();
  let works = 0;
  const pace = new Pace({ clock, burst: 3, pauseMs: 50, work: () => void works++ });
  const ask = async (times = 1): Promise<number> => {
    for (let i = 0; i < times; i++) pace.ask();
    await Promise.resolve();
    return works;
  };
  return { clock, pace, ask, works: () => works };
}

test('what is asked for in one turn is done once, at once', async () => {
  const { ask } = paced();
  assert.equal(await ask(10), 1);
  assert.equal(await ask(), 2);
});

test('much is done less often, the last of it too, and after a rest at once again', async () => {
  const { clock, ask, works } = paced();
  for (let i = 0; i < 20; i++) await ask();
  assert.equal(works(), 3);
  clock.advance(50);
  assert.equal(works(), 4);
  clock.advance(1_000);
  assert.equal(works(), 4);
  assert.deepEqual([await ask(), await ask()], [5, 6]);
});

test('what cannot wait is done at once, and counts for what was asked', async () => {
  const { clock, pace, ask, works } = paced();
  for (let i = 0; i < 20; i++) await ask();
  pace.now();
  assert.equal(works(), 4);
  clock.advance(50);
  pace.ask();
  pace.now();
  await Promise.resolve();
  clock.advance(1_000);
  assert.equal(works(), 5);
});

test('after the end nothing is done', async () => {
  const { clock, pace, ask } = paced();
  pace.ask();
  pace.close();
  await Promise.resolve();
  clock.advance(1_000);
  assert.equal(await ask(), 0);
});
