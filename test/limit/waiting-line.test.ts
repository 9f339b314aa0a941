import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingLine } from '../../src/limit/waiting-line.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../support/properties.ts';

const nobody = new AbortController().signal;

/** Lets what was released run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('who waits is released when its turn comes, in the order of the turns', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 30 }), async (waits) => {
      const clock = new FakeClock();
      const line = new WaitingLine(clock, { waitersMax: 100 });
      const released: { ms: number; atMs: number; number: number }[] = [];
      for (const [number, ms] of waits.entries())
        void line.wait(ms, nobody)?.then(() => released.push({ ms, atMs: clock.monotonic(), number }));
      for (let ms = 0; ms <= 20; ms++) {
        await settled();
        clock.advance(1);
      }
      await settled();
      const inOrder = waits.map((ms, number) => ({ ms, number })).sort((a, b) => a.ms - b.ms || a.number - b.number);
      assert.deepEqual(
        released.map(({ number }) => number),
        inOrder.map(({ number }) => number),
      );
      for (const { ms, atMs } of released) assert.ok(atMs >= ms && atMs < ms + 2);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 30 },
  );
});

test('who leaves waits no longer, and those behind it not a moment longer', async () => {
  const clock = new FakeClock();
  const line = new WaitingLine(clock, { waitersMax: 100 });
  const leaver = new AbortController();
  const released: string[] = [];
  void line.wait(10, leaver.signal)?.then(() => released.push('leaver'));
  void line.wait(20, nobody)?.then(() => released.push('other'));
  leaver.abort();
  await settled();
  assert.deepEqual(released, ['leaver']);
  assert.equal(line.waiting, 1);
  clock.advance(20);
  await settled();
  assert.deepEqual(released, ['leaver', 'other']);
  assert.equal(clock.pending, 0);
});

test('only so many wait', () => {
  const line = new WaitingLine(new FakeClock(), { waitersMax: 2 });
  assert.ok(line.wait(10, nobody) !== null);
  assert.ok(line.wait(10, nobody) !== null);
  assert.equal(line.wait(10, nobody), null);
});
