import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitKey } from '../../src/limit/limit-key.ts';
import { stepContext } from '../steps/step-context.ts';

test('clients are told apart by address, and those of one IPv6 network are one', () => {
  const key = (address: string) => limitKey({ kind: 'ip' }, stepContext({ client: { address } }));
  assert.notEqual(key('192.0.2.1'), key('192.0.2.2'));
  assert.equal(key('2001:db8:1:2::1'), key('2001:db8:1:2:ffff::9'));
  assert.notEqual(key('2001:db8:1:2::1'), key('2001:db8:1:3::1'));
});

test('by header, cookie or host, wherever they come from', () => {
  const from = (address: string) =>
    stepContext({ client: { address }, headers: ['X-Api-Key', 'k1', 'Cookie', 'a=1; session=s1'] });
  for (const key of [
    { kind: 'header', name: 'x-api-key' },
    { kind: 'cookie', name: 'session' },
    { kind: 'host' },
  ] as const) {
    assert.equal(limitKey(key, from('192.0.2.1')), limitKey(key, from('192.0.2.2')), key.kind);
  }
});

test('who leaves out the header or the cookie is told by address, and cannot pass for one by its value', () => {
  const context = stepContext({ client: { address: '192.0.2.1' } });
  for (const kind of ['header', 'cookie'] as const)
    assert.equal(limitKey({ kind, name: 'x-key' }, context), '192.0.2.1');
  const posing = stepContext({ headers: ['X-Key', '192.0.2.1'] });
  assert.notEqual(limitKey({ kind: 'header', name: 'X-Key' }, posing), '192.0.2.1');
});
