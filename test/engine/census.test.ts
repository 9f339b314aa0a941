import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Census, type CensusLimits, censusMemory, networkOf } from '../../src/engine/census.ts';

const limits: CensusLimits = { connectionsMax: 10, perAddressMax: 3, exempt: (address) => address === '10.0.0.1' };

function workers(count: number, about: Partial<CensusLimits> = {}): Census[] {
  const memory = censusMemory(count);
  return Array.from({ length: count }, (_, number) => new Census(memory, number, { ...limits, ...about }));
}

test('workers count together, in all and by address', () => {
  const [one, two] = workers(2) as [Census, Census];
  for (const census of [one, two, one]) assert.equal(census.enter('192.0.2.1'), 'in');
  assert.equal(two.enter('192.0.2.1'), 'address-full');
  assert.equal(two.enter('192.0.2.2'), 'in');
  one.leave('192.0.2.1');
  assert.equal(two.enter('192.0.2.1'), 'in');
});

test('all connections together have a limit, which an exempt address has as well', () => {
  const [one] = workers(1) as [Census];
  for (let i = 0; i < 10; i++) assert.equal(one.enter('10.0.0.1'), 'in');
  assert.equal(one.enter('10.0.0.1'), 'full');
  assert.equal(one.enter('192.0.2.1'), 'full');
  assert.equal(one.enter('192.0.2.1', { force: true }), 'in');
});

test('a worker that died takes its numbers with it', () => {
  const memory = censusMemory(2);
  const [one, two] = [new Census(memory, 0, limits), new Census(memory, 1, limits)];
  for (const census of [one, one, two]) census.enter('192.0.2.1');
  const successor = new Census(memory, 0, limits);
  for (let i = 0; i < 2; i++) assert.equal(successor.enter('192.0.2.1'), 'in');
  assert.equal(successor.enter('192.0.2.1'), 'address-full');
});

test('an IPv6 subscriber is one address, whatever he writes in his last 64 bits', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0');
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('2001:db8:1:2::'), '2001:db8:1:2');
  const [census] = workers(1) as [Census];
  for (let i = 0; i < 3; i++) assert.equal(census.enter(`2001:db8::${i + 1}`), 'in');
  assert.equal(census.enter('2001:db8::ffff'), 'address-full');
  assert.equal(census.enter('2001:db8:0:1::ffff'), 'in');
});

test('its memory is the same for a million addresses', () => {
  const memory = censusMemory(1);
  const census = new Census(memory, 0, { ...limits, connectionsMax: Number.POSITIVE_INFINITY, perAddressMax: 1_000 });
  for (let i = 0; i < 1_000_000; i++) census.enter(`${i >> 16}.${(i >> 8) & 255}.${i & 255}.1`);
  assert.equal(memory.places.byteLength + memory.totals.byteLength, 131_076);
});
