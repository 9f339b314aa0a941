import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clearForwarded, forwardedBlock, identifyClient, TrustedNetworks } from '../../src/http/forwarded.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { Client } from '../../src/http/transport.ts';

const client = (address = '203.0.113.9'): Client => ({ address, port: 40_000, localPort: 80, secure: false });

function forwarded(options: { peer?: string; trusted?: string[]; headers?: string[] }) {
  const headers = new FlatHeaderList(options.headers ?? []);
  const peer = client(options.peer);
  const identity = identifyClient(peer, 'app.example.com', headers, new TrustedNetworks(options.trusted ?? []));
  const block = forwardedBlock(peer, identity, headers.all('x-forwarded-for'));
  clearForwarded(headers, identity);
  headers.appendBlock(block);
  return { identity, headers };
}

test('a backend learns the address, scheme, host and port of a request', () => {
  const { headers } = forwarded({});
  assert.deepEqual(headers.flat(), [
    ...['X-Real-IP', '203.0.113.9', 'X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'http'],
    ...['X-Forwarded-Host', 'app.example.com', 'X-Forwarded-Port', '80'],
  ]);
});

test('what a stranger says of himself is replaced', () => {
  const { headers, identity } = forwarded({
    headers: [
      'X-Forwarded-For',
      '10.0.0.1',
      'x-real-ip',
      '10.0.0.1',
      'X-Forwarded-Ssl',
      'on',
      'Forwarded',
      'for=10.0.0.1',
    ],
  });
  assert.equal(identity.address, '203.0.113.9');
  assert.equal(headers.get('x-forwarded-for'), '203.0.113.9');
  assert.equal(headers.get('x-real-ip'), '203.0.113.9');
  assert.equal(headers.has('x-forwarded-ssl'), false);
  assert.equal(headers.has('forwarded'), false);
});

test('a trusted proxy is believed and appended to', () => {
  const { headers, identity } = forwarded({
    peer: '10.1.1.1',
    trusted: ['10.0.0.0/8'],
    headers: [
      'X-Forwarded-For',
      '198.51.100.7',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'www.example.com',
      'X-Forwarded-Port',
      '443',
    ],
  });
  assert.deepEqual(
    { address: identity.address, scheme: identity.scheme, host: identity.host, port: identity.port },
    { address: '198.51.100.7', scheme: 'https', host: 'www.example.com', port: 443 },
  );
  assert.equal(headers.get('x-forwarded-for'), '198.51.100.7, 10.1.1.1');
});

test('the client is the last address that is not a trusted proxy, whatever it claims further left', () => {
  const { identity } = forwarded({
    peer: '10.1.1.1',
    trusted: ['10.0.0.0/8', '2001:db8::/32'],
    headers: ['X-Forwarded-For', '1.2.3.4, 198.51.100.7', 'X-Forwarded-For', '[2001:db8::1]:443, 10.9.9.9:1234'],
  });
  assert.equal(identity.address, '198.51.100.7');
});

test('a hop that is no address ends the walk', () => {
  const { identity } = forwarded({
    peer: '10.1.1.1',
    trusted: ['10.0.0.0/8'],
    headers: ['X-Forwarded-For', '1.2.3.4, unknown, 10.2.2.2'],
  });
  assert.equal(identity.address, '10.2.2.2');
});

test('a name that reads like one of ours when _ becomes - is dropped', () => {
  const { headers } = forwarded({
    headers: [
      'X_Forwarded_For',
      '1.1.1.1',
      'x-real_ip',
      '1.1.1.1',
      'Content_Length',
      '5',
      'Transfer_Encoding',
      'chunked',
      'Proxy',
      'http://evil',
      'My_Header',
      'kept',
    ],
  });
  assert.deepEqual(headers.flat().slice(0, 2), ['My_Header', 'kept']);
  for (const name of ['x_forwarded_for', 'x-real_ip', 'content_length', 'transfer_encoding', 'proxy'])
    assert.equal(headers.has(name), false, name);
});
