import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitDesk } from '../../src/plane/limit-desk.ts';
import type { FromWorker } from '../../src/plane/messages.ts';
import { FakeClock } from '../support/fake-clock.ts';

const terms = { intervalMs: 100, burst: 3 };

/** A desk whose turns end when the test says so. */
function aDesk() {
  const clock = new FakeClock();
  const said: Extract<FromWorker, { type: 'limit' }>[] = [];
  let work: (() => void)[] = [];
  const desk = new LimitDesk({
    clock,
    say: (message) => said.push(message),
    later: (one) => work.push(one),
    random: () => 0.5,
  });
  const turn = (): void => {
    const due = work;
    work = [];
    for (const one of due) one();
  };
  /** Time passes, and with it a turn. */
  const pass = (ms: number): void => {
    clock.advance(ms);
    turn();
  };
  const last = () => said.at(-1) as Extract<FromWorker, { type: 'limit' }>;
  return { desk, said, turn, pass, last };
}

test('what comes in one turn is asked in one message, and each gets its own answer', async () => {
  const { desk, said, turn, last } = aDesk();
  const answers = [desk.take('a', terms), desk.take('b', terms)];
  turn();
  assert.equal(said.length, 1);
  assert.deepEqual(
    last().takes.map(({ bucket }) => bucket),
    ['a', 'b'],
  );
  desk.answered(last().ask, [0, 250]);
  assert.deepEqual(await Promise.all(answers), [0, 250]);
});

test('nobody waits for longer than 100 ms, and then nobody for a second', async () => {
  const { desk, turn, pass, said } = aDesk();
  const first = desk.take('a', terms);
  turn();
  pass(99);
  const second = desk.take('b', terms);
  turn();
  pass(1);
  assert.equal(await first, null);
  assert.equal(desk.take('c', terms), null);
  pass(99);
  assert.equal(await second, null);
  pass(1_000);
  // One tries, and no more while it does.
  const trial = desk.take('d', terms);
  assert.equal(desk.take('e', terms), null);
  turn();
  assert.equal(said.at(-1)?.missed, 2);
  desk.answered(said.at(-1)?.ask ?? 0, [0]);
  assert.equal(await trial, 0);
  assert.notEqual(desk.take('f', terms), null);
  assert.notEqual(desk.take('g', terms), null);
});

test('an answer that lies there when the time is over counts', async () => {
  const { desk, turn, last } = aDesk();
  const late = aDesk();
  const answer = late.desk.take('a', terms);
  late.turn();
  late.desk.answered(late.last().ask, [50]);
  late.pass(100);
  assert.equal(await answer, 50);
  const other = desk.take('a', terms);
  turn();
  desk.answered(last().ask + 1, [50]);
  desk.answered(last().ask, [20]);
  assert.equal(await other, 20);
});

test('where nobody can say, all count alone at once, and for a second', async () => {
  const { desk, turn, pass, last } = aDesk();
  const answer = desk.take('a', terms);
  turn();
  desk.answered(last().ask, null);
  assert.equal(await answer, null);
  assert.equal(desk.take('b', terms), null);
  pass(1_000);
  assert.notEqual(desk.take('b', terms), null);
});

test('those that wait are bounded', () => {
  const { desk } = aDesk();
  for (let i = 0; i < 4_096; i++) assert.notEqual(desk.take('a', terms), null);
  assert.equal(desk.take('a', terms), null);
});
