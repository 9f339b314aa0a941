import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { noCertificates, type ShownCertificates } from '../../src/proxy/shown-certificates.ts';
import type { RoutePolicy } from '../../src/routing/table.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

const ready: ShownCertificates = { ...noCertificates, httpsPort: 443, isReady: (host) => host === 'app.test' };

async function askFor(
  t: TestContext,
  about: { request: string; policy?: Partial<RoutePolicy>; certificates?: ShownCertificates; trusted?: string[] },
): Promise<{ status: string; location: string | undefined; reason: string | undefined }> {
  const backend = (await RawBackend.open(t)).always(ok);
  const { certificates = ready, trusted = [] } = about;
  const stage = await proxyStage(t, createH1Engine(), { certificates, trusted });
  stage.serve(routeTo([backend.port], { policy: about.policy ?? {} }));
  const client = await stage.connect();
  client.write(about.request);
  const head = await client.head();
  return {
    status: head.split(' ')[1] ?? '',
    location: /\r\nLocation: (.*)\r\n/.exec(head)?.[1],
    reason: /details=([\w-]+)/.exec(head)?.[1],
  };
}

test('a plain GET is sent to HTTPS with 301 once the certificate is there, path and query kept', async (t) => {
  const answer = await askFor(t, { request: get('/a%2Fb/../c?d=%20') });
  assert.deepEqual(answer, { status: '301', location: 'https://app.test/a%2Fb/../c?d=%20', reason: undefined });
});

test('any other method is sent there with 308, which keeps it and its body', async (t) => {
  const request = 'POST /a HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\nx';
  assert.deepEqual(await askFor(t, { request }), {
    ...{ status: '308', location: 'https://app.test/a', reason: undefined },
  });
});

test('without a certificate the site is served as it is', async (t) => {
  assert.equal((await askFor(t, { request: get(), certificates: noCertificates })).status, '200');
});

for (const [asked, port, location] of [
  ['app.test', 8443, 'https://app.test/'],
  ['app.test:80', 8443, 'https://app.test/'],
  ['app.test:8080', 8443, 'https://app.test:8443/'],
  ['app.test:8080', 443, 'https://app.test/'],
] as const) {
  test(`who asked for ${asked} is sent to ${location} where HTTPS listens on ${port}`, async (t) => {
    const request = `GET / HTTP/1.1\r\nHost: ${asked}\r\n\r\n`;
    const answer = await askFor(t, { request, certificates: { ...ready, httpsPort: port } });
    assert.equal(answer.location, location);
  });
}

test('`proxy.http=serve` serves, and so does a route without TLS', async (t) => {
  assert.equal((await askFor(t, { request: get(), policy: { http: 'serve' } })).status, '200');
  assert.equal((await askFor(t, { request: get(), policy: { tls: false } })).status, '200');
});

test('`proxy.http=off` answers 403 with its reason, whether there is a certificate or not', async (t) => {
  for (const certificates of [ready, noCertificates]) {
    const answer = await askFor(t, { request: get(), policy: { http: 'off' }, certificates });
    assert.deepEqual(answer, { status: '403', location: undefined, reason: 'https-required' });
  }
});

test('a trusted proxy that ended TLS in front is served, and one that nobody trusts is not believed', async (t) => {
  const request = get('/', 'X-Forwarded-Proto: https\r\n');
  assert.equal((await askFor(t, { request, trusted: ['127.0.0.1'] })).status, '200');
  assert.equal((await askFor(t, { request })).status, '301');
});

test('a route that wants certificates of its clients is never served over a plain connection', async (t) => {
  const policy = { clientCertificate: true } as const;
  assert.equal((await askFor(t, { request: get(), policy })).status, '301');
  const request = get('/', 'X-Forwarded-Proto: https\r\n');
  const behind = await askFor(t, { request, policy: { ...policy, http: 'serve' }, trusted: ['127.0.0.1'] });
  assert.deepEqual(behind, { status: '403', location: undefined, reason: 'https-required' });
  const early = await askFor(t, { request: get(), policy, certificates: noCertificates });
  assert.deepEqual(early, { status: '403', location: undefined, reason: 'https-required' });
});

test('an issuer reads its proof over plain HTTP whatever the route does, and other tokens go to the backend', async (t) => {
  const backend = (await RawBackend.open(t)).always(ok);
  const certificates: ShownCertificates = {
    ...noCertificates,
    keyAuthorization: (host, token) => (host === 'app.test' && token === 'abc' ? 'abc.thumb' : null),
  };
  const stage = await proxyStage(t, createH1Engine(), { certificates });
  stage.serve(routeTo([backend.port], { policy: { http: 'off' } }));
  const client = await stage.connect();
  client.write(get('/.well-known/acme-challenge/abc'));
  assert.match(await client.head(), /^HTTP\/1.1 200 OK\r\n.*Content-Type: application\/octet-stream\r\n/s);
  assert.equal(await client.bytes(9), 'abc.thumb');
  stage.serve(routeTo([backend.port], { policy: { http: 'serve' } }));
  client.write(get('/.well-known/acme-challenge/other'));
  assert.match(await client.head(), /^HTTP\/1.1 200 OK\r\nContent-Length: 2\r\n/);
});
