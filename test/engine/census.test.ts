import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CounterSums } from '../../src/base/counter-sums.ts';
import { counterRange, ThreadCounters } from '../../src/base/shared-counters.ts';
import { Census, type CensusLimits, censusMemory } from '../../src/engine/census.ts';
import { networkOf } from '../../src/http/client-network.ts';
import { ConnectionCounters, connectionCounterShape } from '../../src/proxy/connection-counters.ts';

const limits: CensusLimits = { connectionsMax: 10, perAddressMax: 3, exempt: (address) => address === '10.0.0.1' };

/** What workers share; `census` is what one of them makes of it when it starts, `retire` what is done when it has ended. */
function shared(count: number) {
  const memory = censusMemory(count);
  const ranges = Array.from({ length: count }, () => counterRange(connectionCounterShape));
  const sums = new CounterSums(connectionCounterShape, ranges);
  return {
    memory,
    census(worker: number, about: Partial<CensusLimits> = {}): Census {
      const all = new ConnectionCounters(new ThreadCounters(connectionCounterShape, ranges, worker));
      return new Census(memory, worker, { limits: { ...limits, ...about }, all });
    },
    retire: (worker: number) => sums.retire(worker),
  };
}

test('workers count together, in all and by address', () => {
  const { census } = shared(2);
  const [one, two] = [census(0), census(1)];
  for (const each of [one, two, one]) assert.equal(each.enter('192.0.2.1'), 'in');
  assert.equal(two.enter('192.0.2.1'), 'address-full');
  assert.equal(two.enter('192.0.2.2'), 'in');
  one.leave('192.0.2.1');
  assert.equal(two.enter('192.0.2.1'), 'in');
});

test('all connections together have a limit, which an exempt address has as well', () => {
  const { census } = shared(2);
  const [one, two] = [census(0), census(1)];
  for (let i = 0; i < 5; i++) for (const each of [one, two]) assert.equal(each.enter('10.0.0.1'), 'in');
  assert.equal(one.enter('10.0.0.1'), 'full');
  assert.equal(one.enter('192.0.2.1'), 'full');
  assert.equal(one.enter('192.0.2.1', { force: true }), 'in');
});

test('a worker that died takes its numbers with it', () => {
  const { census, retire } = shared(2);
  const [one, two] = [census(0), census(1)];
  for (const each of [one, one, two]) each.enter('192.0.2.1');
  for (let i = 0; i < 7; i++) one.enter('10.0.0.1');
  assert.equal(two.enter('192.0.2.2'), 'full');
  retire(0);
  assert.equal(two.enter('192.0.2.2'), 'in');
  const successor = census(0);
  for (let i = 0; i < 2; i++) assert.equal(successor.enter('192.0.2.1'), 'in');
  assert.equal(successor.enter('192.0.2.1'), 'address-full');
});

test('an IPv6 subscriber is one address, whatever he writes in his last 64 bits', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0');
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:db8:1:2::'), '2001:db8:1:2');
  const one = shared(1).census(0);
  for (let i = 0; i < 3; i++) assert.equal(one.enter(`2001:db8::${i + 1}`), 'in');
  assert.equal(one.enter('2001:db8::ffff'), 'address-full');
  assert.equal(one.enter('2001:db8:0:1::ffff'), 'in');
});

test('its memory is the same for a million addresses', () => {
  const { memory, census } = shared(1);
  const one = census(0, { connectionsMax: Number.POSITIVE_INFINITY, perAddressMax: 1_000 });
  for (let i = 0; i < 1_000_000; i++) one.enter(`${i >> 16}.${(i >> 8) & 255}.${i & 255}.1`);
  assert.equal(memory.places.byteLength, 131_072);
});
