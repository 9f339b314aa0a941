import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { TxtProvider } from '../../../src/tls/dns/txt-provider.ts';
import { type HeldValue, TxtValues } from '../../../src/tls/dns/txt-values.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { fc } from '../../support/properties.ts';
import { failureOf } from './failure-of.ts';

const { signal } = new AbortController();
const recordOf = (owner: string) => ({ name: owner, owner, isCertain: true });

/** Keeps values in a set, and says if two things are done to an owner at a time. */
function memory({ valuesMax = 1_000 } = {}) {
  const values = new Set<string>();
  const done: string[] = [];
  const busy = new Set<string>();
  const faults: string[] = [];
  const act = async (owner: string, work: () => void) => {
    if (busy.has(owner)) faults.push(`two at a time for ${owner}`);
    busy.add(owner);
    await turn();
    busy.delete(owner);
    work();
  };
  const provider: TxtProvider = {
    valuesMax,
    async present({ owner }, value, signal) {
      await act(owner, () => {
        signal.throwIfAborted();
        if (value === 'refused') throw new Error('refused');
        values.add(`${owner} ${value}`);
        done.push(`+${owner} ${value}`);
      });
      return () =>
        act(owner, () => {
          values.delete(`${owner} ${value}`);
          done.push(`-${owner} ${value}`);
        });
    },
  };
  const clock = new FakeClock();
  return { values, done, faults, clock, held: new TxtValues(provider, { clock }) };
}

test('a value that two orders need is set once and stays until both have let go', async () => {
  const { held, done } = memory();
  const [one, two] = await Promise.all([1, 2].map(() => held.add(recordOf('a'), 'v', signal)));
  await one?.remove();
  await one?.remove();
  assert.deepEqual(done, ['+a v']);
  await two?.remove();
  assert.deepEqual(done, ['+a v', '-a v']);
});

test('a value that is wanted again while it is being taken away is set again', async () => {
  const { held, values } = memory();
  const one = await held.add(recordOf('a'), 'v', signal);
  const [, again] = await Promise.all([one.remove(), held.add(recordOf('a'), 'v', signal)]);
  assert.deepEqual([...values], ['a v']);
  await again.remove();
  assert.deepEqual([...values], []);
});

test('one that cannot be set, or is aborted, keeps nobody else from the same record', async () => {
  const { held, values } = memory();
  const abort = new AbortController();
  const outcomes = Promise.allSettled([
    held.add(recordOf('a'), 'refused', signal),
    held.add(recordOf('a'), 'v', abort.signal),
    held.add(recordOf('a'), 'v', signal),
  ]);
  abort.abort(new Error('shutting down'));
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual([...values], ['a v']);
});

test('however orders come and go, exactly the values that somebody holds are set', async () => {
  const step = fc.record({
    owner: fc.constantFrom('a', 'b'),
    value: fc.constantFrom('1', '2', 'refused'),
    letGoAfter: fc.nat(6),
    isKept: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { held, values, faults } = memory();
      const kept = new Set<string>();
      await Promise.all(
        steps.map(async ({ owner, value, letGoAfter, isKept }) => {
          const one = await held.add(recordOf(owner), value, signal).catch(() => null);
          for (let turns = 0; turns < letGoAfter; turns += 1) await turn();
          assert.ok(one === null || values.has(`${owner} ${value}`));
          if (isKept && one !== null) kept.add(`${owner} ${value}`);
          else await one?.remove();
        }),
      );
      assert.deepEqual([...values].sort(), [...kept].sort());
      assert.deepEqual(faults, []);
    }),
    { numRuns: 100 },
  );
});

test('where two values can be held, a third waits for one of them, and one that is aborted waits no more', async () => {
  const { held, done, clock } = memory({ valuesMax: 2 });
  const [one] = await Promise.all(['1', '2'].map((value) => held.add(recordOf('a'), value, signal)));
  const abort = new AbortController();
  const aborted = held.add(recordOf('a'), 'aborted', abort.signal);
  const third = held.add(recordOf('a'), '3', signal);
  abort.abort(new Error('shutting down'));
  await assert.rejects(aborted, /^Error: shutting down$/);
  assert.deepEqual(done, ['+a 1', '+a 2']);
  await (one as HeldValue).remove();
  await third;
  assert.deepEqual(done, ['+a 1', '+a 2', '-a 1', '+a 3']);
  assert.equal(clock.pending, 0);
});

test('who has waited 90 s for a place is told so, and takes none later', async () => {
  const { held, clock } = memory({ valuesMax: 1 });
  const one = await held.add(recordOf('a'), '1', signal);
  const waiting = failureOf(held.add(recordOf('b'), '2', signal));
  clock.advance(90_000);
  assert.match((await waiting).message, /holds 1 at a time/);
  await one.remove();
  await held.add(recordOf('b'), '3', signal);
});
