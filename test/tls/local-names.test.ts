import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLocalName } from '../../src/tls/local-names.ts';

test('names and addresses of one machine or network are local, and no others', () => {
  const local = ['localhost', 'a.localhost', '*.localhost', 'nas.local', 'db.corp.internal', '*.test', '10.1.2.3'];
  const more = ['127.0.0.1', '::1', '192.168.255.255', '172.31.0.1', '169.254.1.1', 'fd12::1', 'fe80::1'];
  const others = [
    'example.com',
    'mylocalhost',
    'local.example.com',
    'whoami',
    'latest',
    '8.8.8.8',
    '172.32.0.1',
    '2001:db8::1',
  ];
  for (const name of [...local, ...more]) assert.equal(isLocalName(name), true, name);
  for (const name of [...others, '', '.', '::']) assert.equal(isLocalName(name), false, name);
});
