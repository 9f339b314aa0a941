import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrustedNetworks } from '../../src/http/forwarded.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { Client, Exchange } from '../../src/http/transport.ts';
import { Journey } from '../../src/proxy/journey.ts';
import { requesterOf } from '../../src/proxy/requester.ts';

/** A request that came on a connection that was shown a certificate; null = a plain connection. */
function journeyOver(certificate: { trusted: boolean } | null): Journey {
  const identity = { chainPem: '', keyPem: '', minVersion: '1.2', clientCaPem: null, covers: () => true } as const;
  const tls =
    certificate === null ? {} : { tls: { serverName: 'app.test', identity: { ...identity, ...certificate } } };
  const client: Client = {
    address: '203.0.113.9',
    port: 5000,
    localPort: 443,
    secure: certificate !== null,
    ...tls,
  };
  const headers = new FlatHeaderList(['X-Forwarded-Proto', 'https']);
  const request = { method: 'GET', target: '/', version: '1.1', authority: 'app.test', headers } as const;
  const exchange = { client, request: { ...request, bodyLength: 0, upgrade: null } } as unknown as Exchange;
  const requester = requesterOf(client, exchange.request, new TrustedNetworks(['203.0.113.9']));
  return new Journey(exchange, requester, 'id-1', 0);
}

test('browsers are told to insist on HTTPS only where they were shown a certificate that they trust', () => {
  assert.equal(journeyOver({ trusted: true }).hstsAllowed, true);
  assert.equal(journeyOver({ trusted: false }).hstsAllowed, false);
  // What a proxy in front says of HTTPS says nothing of its certificate.
  const plain = journeyOver(null);
  assert.equal(plain.client.scheme, 'https');
  assert.equal(plain.hstsAllowed, false);
});

test('who asks only after the end whether the client is still there is told that it is not', () => {
  const journey = journeyOver(null);
  journey.ended = true;
  journey.leave();
  assert.equal(journey.gone.aborted, true);
  assert.equal(journeyOver(null).gone.aborted, false);
});
