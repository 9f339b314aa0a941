import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CounterSums } from '../../src/base/counter-sums.ts';
import { type CounterShape, counterRange, counterTurns, ThreadCounters } from '../../src/base/shared-counters.ts';
import { fc } from '../support/properties.ts';

/** Cell 0 says what is now, cell 1 what has been. */
const shape: CounterShape = { blocks: 4, cells: 2, gauges: [0] };
/** Numbers for place 1 of 4, the older first. */
const [older, newer] = [5, 9];

function threads(count: number) {
  const buffers = Array.from({ length: count }, () => counterRange(shape));
  const sums = new CounterSums(shape, buffers);
  /** The whole of a block, or null while nobody has counted. */
  const heard = new Map<number, readonly number[]>();
  return {
    buffers,
    sums,
    start: (thread: number) => new ThreadCounters(shape, buffers, thread),
    /** What is known after a report: only changes come. */
    hear(places?: number) {
      const report = sums.changed(places);
      for (let at = 0; at < report.length; at += 3) heard.set(report[at] as number, [...report.slice(at + 1, at + 3)]);
      return heard;
    },
  };
}

test('what each thread counts is added up, and every thread can see the sum', () => {
  const { start, hear } = threads(2);
  const [a, b] = [start(0).block(older), start(1).block(older)];
  a.add(1, 2);
  b.add(1, 3);
  assert.deepEqual([a.sum(1), b.sum(1)], [5, 5]);
  assert.deepEqual(hear().get(older), [0, 5]);
});

test('only what has changed is reported', () => {
  const { start, sums } = threads(2);
  const counters = start(1);
  const block = counters.block(older);
  counters.block(6).add(1, 1);
  block.add(1, 1);
  assert.equal(sums.changed().length, 2 * 3);
  assert.equal(sums.changed().length, 0);
  block.add(0, 1);
  assert.deepEqual([...sums.changed()], [older, 1, 1]);
  block.add(0, 1);
  assert.equal(sums.changed(1).length, 0, 'places from 1 on are not in use');
});

test('a thread that ends leaves its totals and takes its gauges with it, and its successor counts on', () => {
  const { start, sums, hear } = threads(2);
  const [a, b] = [start(0).block(older), start(1).block(older)];
  for (const block of [a, b]) for (const cell of [0, 1]) block.add(cell, 7);
  for (let death = 1; death <= 3; death++) {
    sums.retire(0);
    const next = start(0).block(older);
    assert.equal(next.sum(0), 7, 'what is in flight elsewhere');
    next.add(0, 1);
    next.add(1, 1);
    assert.deepEqual(hear().get(older), [8, 14 + death]);
  }
});

test('a place that has gone to another begins at zero, whoever of the threads comes first', () => {
  const { start, sums, hear } = threads(3);
  const late = start(0).block(older);
  late.add(1, 5);
  start(1).block(older).add(1, 5);
  sums.retire(1);
  start(2).block(newer).add(1, 1);
  assert.deepEqual(hear().get(newer), [0, 1]);
  late.add(1, 1);
  assert.deepEqual(hear().get(newer), [0, 1]);
  const same = start(0).block(newer);
  late.add(1, 1);
  late.add(0, -1);
  assert.equal(same.sum(1), 1);
  same.add(1, 1);
  assert.deepEqual(hear().get(newer), [0, 2]);
});

test('a thread that ends with what is long gone does not bring it back', () => {
  const { start, sums, hear } = threads(2);
  start(0).block(older).add(1, 5);
  start(1).block(newer).add(1, 1);
  sums.retire(1);
  sums.retire(0);
  assert.deepEqual(hear().get(newer), [0, 1]);
});

test('without memory to share, and under number 0, a block stands alone', () => {
  const { start } = threads(1);
  for (const counters of [new ThreadCounters(shape), start(0)]) {
    const [one, other] = [counters.block(0), counters.block(0)];
    one.add(1, 2);
    assert.deepEqual([one.sum(1), other.sum(1)], [2, 0]);
  }
});

test('whatever threads count and whenever they end, totals are what was counted, and gauges what is now', () => {
  const act = fc.record({
    kind: fc.constantFrom('begin', 'end', 'die', 'report'),
    thread: fc.nat(2),
    number: fc.constantFrom(5, 6, 7),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const { start, sums, hear } = threads(3);
      const running = [0, 1, 2].map(start);
      const total = new Map<number, number>();
      const now = [0, 1, 2].map(() => new Map<number, number>());
      for (const { kind, thread, number } of acts) {
        const counters = running[thread] as ThreadCounters;
        const own = now[thread] as Map<number, number>;
        if (kind === 'report') hear();
        if (kind === 'begin') {
          counters.block(number).add(0, 1);
          counters.block(number).add(1, 1);
          own.set(number, (own.get(number) ?? 0) + 1);
          total.set(number, (total.get(number) ?? 0) + 1);
        } else if (kind === 'end' && (own.get(number) ?? 0) > 0) {
          counters.block(number).add(0, -1);
          own.set(number, (own.get(number) as number) - 1);
        } else if (kind === 'die') {
          sums.retire(thread);
          running[thread] = start(thread);
          own.clear();
        }
      }
      const heard = hear();
      for (const [number, count] of total) {
        const inFlight = now.reduce((sum, own) => sum + (own.get(number) ?? 0), 0);
        assert.deepEqual(heard.get(number), [inFlight, count]);
      }
    }),
  );
});

test('threads that count at once lose nothing', async () => {
  const { buffers, sums, hear } = threads(3);
  const module = new URL('../../src/base/shared-counters.ts', import.meta.url).href;
  const code = `
    import { workerData } from 'node:worker_threads';
    const { ThreadCounters } = await import(workerData.module);
    const block = new ThreadCounters(workerData.shape, workerData.buffers, workerData.thread).block(5);
    for (let i = 0; i < 200_000; i++) { block.add(0, 1); block.add(1, 1); }
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const workers = [0, 1, 2].map((thread) => new Worker(url, { workerData: { module, shape, buffers, thread } }));
  await Promise.all(
    workers.map(async (worker, thread) => {
      await once(worker, 'exit');
      if (thread === 1) sums.retire(thread);
    }),
  );
  assert.deepEqual(hear().get(5), [400_000, 600_000]);
});

test('threads that count up to a limit together never go beyond it, and what one has left with its end is free again', async (t) => {
  const [max, rounds] = [1, 3_000_000];
  const buffers = [counterRange(shape), counterRange(shape)];
  const turns = counterTurns(shape);
  const watch = new Int32Array(new SharedArrayBuffer(8));
  const told = await Promise.all(
    buffers.map(async (_, thread) => {
      const worker = new Worker(new URL('./claimer.ts', import.meta.url), {
        workerData: { shape, buffers, turns, thread, number: older, max, rounds, watch },
      });
      return (await once(worker, 'message'))[0] as { most: number; had: number };
    }),
  );
  t.diagnostic(JSON.stringify(told));
  for (const { most, had } of told) assert.deepEqual([most, had > 0], [max, true]);

  const sums = new CounterSums(shape, buffers);
  const [dying, living] = [0, 1].map((thread) => new ThreadCounters(shape, buffers, thread, turns).block(older));
  assert.equal(dying?.addBelow(0, 1), true);
  assert.equal(living?.addBelow(0, 1), false);
  sums.retire(0);
  assert.equal(living?.addBelow(0, 1), true);
});
