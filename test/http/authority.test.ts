import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthority } from '../../src/http/authority.ts';
import { fc } from '../support/properties.ts';

test('a host is compared in lower case, without port and trailing dot', () => {
  assert.deepEqual(readAuthority('App.Example.COM'), { host: 'app.example.com', port: null });
  assert.deepEqual(readAuthority('app.example.com:8443'), { host: 'app.example.com', port: 8443 });
  assert.deepEqual(readAuthority('app.example.com.:80'), { host: 'app.example.com', port: 80 });
  assert.deepEqual(readAuthority('my_app'), { host: 'my_app', port: null });
  assert.deepEqual(readAuthority('127.0.0.1:1'), { host: '127.0.0.1', port: 1 });
});

test('an IPv6 address has one form', () => {
  assert.deepEqual(readAuthority('[::1]:8080'), { host: '::1', port: 8080 });
  assert.deepEqual(readAuthority('[0:0:0:0:0:0:0:1]'), { host: '::1', port: null });
  assert.deepEqual(readAuthority('[2001:DB8::A]'), { host: '2001:db8::a', port: null });
});

test('what is no name or address is refused', () => {
  const refused = [
    '',
    '.',
    'a..b',
    '.a',
    'a..',
    'u@a',
    'u:p@a',
    'a/b',
    'a\\b',
    'a,b',
    'a b',
    ' a',
    'a\t',
    'a\u0000',
    'é.com',
  ];
  const badPorts = ['a:', 'a:0', 'a:65536', 'a:080', 'a:x', 'a:80:80', 'a:+1', 'a:999999', ':80', '[::1]:', '[::1]x'];
  const badAddresses = [
    '::1',
    '[::1',
    '[]',
    '[1]',
    '[fe80::1%eth0]',
    '[127.0.0.1]',
    '*',
    '*.a',
    'a?b',
    'a#b',
    'a%41',
    'a'.repeat(300),
  ];
  for (const text of [...refused, ...badPorts, ...badAddresses])
    assert.equal(readAuthority(text), null, JSON.stringify(text));
});

test('reading never throws, and a host that was read reads as itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.domain(),
        fc.ipV6().map((ip) => `[${ip}]`),
        fc.webAuthority(),
      ),
      (text) => {
        const read = readAuthority(text);
        if (read === null) return;
        const again = read.host.includes(':') ? `[${read.host}]` : read.host;
        assert.deepEqual(readAuthority(again), { host: read.host, port: null });
      },
    ),
  );
});
