import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAddress } from '../../src/steps/check-address.ts';
import { stepContext } from './step-context.ts';

function mayEnter(lists: { allow?: readonly string[]; deny?: readonly string[] }, address: string): boolean {
  const step = checkAddress({ allow: lists.allow ?? null, deny: lists.deny ?? [] });
  const verdict = step.request?.(stepContext({ client: { address } }));
  if (verdict === undefined) return true;
  assert.deepEqual(verdict, { kind: 'failure', reason: 'address-denied' });
  return false;
}

test('only those of the allowed networks may come', () => {
  const allow = ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32'];
  for (const address of ['10.255.0.1', '192.0.2.7', '2001:db8:1::1']) assert.ok(mayEnter({ allow }, address), address);
  for (const address of ['11.0.0.1', '192.0.2.8', '2001:db9::1']) assert.ok(!mayEnter({ allow }, address), address);
});

test('who is denied is not let in by being allowed', () => {
  const lists = { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] };
  assert.ok(mayEnter(lists, '10.2.0.1'));
  assert.ok(!mayEnter(lists, '10.1.0.1'));
});

test('without an allowed network all others than the denied may come', () => {
  assert.ok(mayEnter({ deny: ['10.0.0.0/8'] }, '192.0.2.1'));
  assert.ok(!mayEnter({ deny: ['10.0.0.0/8'] }, '10.0.0.1'));
});

test('an empty list of allowed networks lets nobody in', () => {
  assert.ok(!mayEnter({ allow: [] }, '127.0.0.1'));
});

test('an IPv4 address that is written as IPv6 is what it is', () => {
  assert.ok(!mayEnter({ deny: ['10.0.0.0/8'] }, '::ffff:10.0.0.1'));
});

test('what is no address is not among the allowed', () => {
  assert.ok(!mayEnter({ allow: ['0.0.0.0/0', '::/0'] }, 'unknown'));
});

test('a verdict that is remembered is the same, whoever asked in between', () => {
  const step = checkAddress({ allow: null, deny: ['10.0.0.0/8'] });
  const ask = (address: string) => step.request?.(stepContext({ client: { address } }));
  for (let round = 0; round < 2; round++) {
    assert.notEqual(ask('10.0.0.1'), undefined);
    for (let i = 0; i < 2_000; i++) assert.equal(ask(`192.0.${i >> 8}.${i & 255}`), undefined);
  }
});
