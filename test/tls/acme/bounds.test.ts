import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { atOnce } from '../../../src/tls/acme/at-once.ts';
import { waysToProve } from '../../../src/tls/acme/challenge-choice.ts';
import { within } from '../../../src/tls/acme/within.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { fc } from '../../support/properties.ts';

const overdue = () => new Error('overdue');

test('work that ends in time gives its value and leaves no timer', async () => {
  const clock = new FakeClock();
  assert.equal(await within({ clock, ms: 100, signal: null, overdue }, async () => 7), 7);
  await assert.rejects(
    within({ clock, ms: 100, signal: null, overdue }, async () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(clock.pending, 0);
});

test('work that does not end in time is told so, and what it brings afterwards is handed back', async () => {
  const clock = new FakeClock();
  const work = Promise.withResolvers<string>();
  const late: string[] = [];
  let told: AbortSignal | undefined;
  const bound = { clock, ms: 100, signal: null, overdue, late: (value: string) => void late.push(value) };
  const result = within(bound, (signal) => {
    told = signal;
    return work.promise;
  });
  clock.advance(100);
  await assert.rejects(result, /overdue/);
  assert.equal(told?.aborted, true);
  work.resolve('record');
  await turn();
  assert.deepEqual(late, ['record']);
});

test('whoever gives up gets the own reason, also before the work has begun', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const bound = { clock, ms: 100, signal: controller.signal, overdue };
  const result = within(bound, () => new Promise(() => {}));
  controller.abort(new Error('enough'));
  await assert.rejects(result, /enough/);
  await assert.rejects(
    within(bound, async () => assert.fail('begun')),
    /enough/,
  );
  assert.equal(clock.pending, 0);
});

test('of many things only so many are under way, and the results stand in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 3 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      async (turns, max) => {
        let underWay = 0;
        let most = 0;
        const results = await atOnce(turns, max, async (count) => {
          most = Math.max(most, ++underWay);
          for (let passed = 0; passed < count; passed += 1) await turn();
          underWay -= 1;
          return count;
        });
        assert.deepEqual(results, turns);
        assert.ok(most <= max);
      },
    ),
    { numRuns: 30 },
  );
});

test('after a failure nothing more is begun, and what runs is waited for', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('broken');
    await turn();
    ended.push(item);
  };
  await assert.rejects(atOnce([0, 1, 2, 3, 4, 5], 2, work), /broken/);
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(ended, [0]);
});

test('wildcards are proven by DNS only, addresses over HTTP only, and what is impossible is said', () => {
  const ways = (name: string, preference: readonly ('http' | 'alpn' | 'dns')[], dns: boolean) => {
    const found = waysToProve(name, { preference, dns });
    return found.kind === 'some' ? found.kinds : found.why;
  };
  assert.deepEqual(ways('a.example.com', [], false), ['http', 'alpn']);
  assert.deepEqual(ways('a.example.com', [], true), ['http', 'alpn', 'dns']);
  assert.deepEqual(ways('a.example.com', ['dns', 'alpn'], true), ['dns', 'alpn']);
  assert.deepEqual(ways('*.example.com', [], true), ['dns']);
  assert.deepEqual(ways('192.0.2.1', [], true), ['http']);
  assert.match(String(ways('*.example.com', [], false)), /no access to DNS is set/);
  assert.match(String(ways('*.example.com', ['http'], true)), /a wildcard can be proven by DNS only/);
  assert.match(String(ways('a.example.com', ['dns'], false)), /no access to DNS is set/);
  assert.match(String(ways('192.0.2.1', ['alpn'], true)), /an address can be proven over HTTP only/);
});
