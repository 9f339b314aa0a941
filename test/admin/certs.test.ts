import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteView } from '../../src/admin/route-view.ts';
import type { CertificateProblem, CertificateView } from '../../src/tls/certificate-view.ts';
import { adminOver, certificate, labelledContainer } from './admin-world.ts';

const blocked: CertificateProblem = {
  at: '2026-11-20T10:00:00.000Z',
  issuer: 'default',
  type: 'urn:ietf:params:acme:error:connection',
  status: 403,
  detail: '203.0.113.7: Timeout during connect',
  subproblems: [{ name: 'b.example.com', type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN <looking up>' }],
  cause: 'Port 80 cannot be reached from outside.',
  remedy: 'Open port 80 in the firewall.',
  retryAfter: '2026-11-20T11:00:00.000Z',
};

const waiting = certificate({
  names: ['b.example.com'],
  state: 'waiting',
  why: 'the last order failed',
  issuer: null,
  notBefore: null,
  notAfter: null,
  nextAttempt: '2026-11-20T11:00:00.000Z',
  failures: 2,
  problem: blocked,
  routes: ['b.example.com/'],
});

test('every certificate is told with its state, times and the last problem in full', async (t) => {
  const certificates = [certificate(), waiting];
  const { ask } = await adminOver(t, { certificates });
  const answer = await ask('/certs');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json<{ certificates: CertificateView[] }>().certificates, certificates);
  assert.deepEqual((await (await adminOver(t)).ask('/certs')).json(), { certificates: [] });
});

test('a terminal gets a table, then what is wrong in full and what to do', async (t) => {
  const { ask } = await adminOver(t, { certificates: [certificate(), waiting] });
  const { body } = await ask('/certs?format=text');
  assert.match(body, /^NAMES +STATE +ISSUER +EXPIRES +NEXT ATTEMPT\n/);
  assert.match(body, /\napp\.example\.com +valid +R11 +2027-01-30 +2026-12-31 12:30 UTC\n/);
  assert.match(body, /\nb\.example\.com +waiting +- +- +2026-11-20 11:00 UTC\n/);
  assert.match(body, /\nb\.example\.com is waiting \(2 failed attempts in a row\)\n/);
  for (const said of [blocked.cause, blocked.remedy, blocked.type, blocked.detail, 'NXDOMAIN', '403'])
    assert.ok(body.includes(said), said);
  assert.doesNotMatch(body, /app\.example\.com is valid/);
});

test('the root of the internal CA can be fetched, and where there is none it is said', async (t) => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const { ask } = await adminOver(t, { internalRoot: pem });
  const { status, headers, body } = await ask('/certs/root.pem');
  assert.deepEqual([status, headers['content-type'], body], [200, 'application/x-pem-file', pem]);
  const none = await (await adminOver(t)).ask('/certs/root.pem');
  assert.equal(none.status, 404);
  assert.match(none.json<{ error: string }>().error, /no internal CA/);
});

const hosts = (...names: string[]) => names.map((name) => labelledContainer({ 'proxy.host': name }, { name }));

async function tlsOf(
  t: Parameters<typeof adminOver>[0],
  about: { labels?: Record<string, string>; certificates?: readonly CertificateView[]; https?: null },
): Promise<RouteView['tls'] | undefined> {
  const containers = [labelledContainer({ 'proxy.host': 'app.example.com', ...about.labels })];
  const settings = about.https === null ? { https: null } : {};
  const { ask } = await adminOver(t, { containers, certificates: about.certificates ?? [] }, settings);
  return (await ask('/routes')).json<{ routes: RouteView[] }>().routes[0]?.tls;
}

test('a route shows the certificate of its host: by name, by wildcard, by route', async (t) => {
  const valid = {
    mode: 'auto',
    state: 'valid',
    expires: '2027-01-30T00:00:00.000Z',
    next: '2026-12-31T12:30:00.000Z',
    error: null,
  };
  assert.deepEqual(await tlsOf(t, { certificates: [certificate()] }), valid);
  assert.deepEqual(await tlsOf(t, { certificates: [certificate({ names: ['*.example.com'], routes: [] })] }), valid);
  const other = certificate({ names: ['other.example.com'], routes: ['other.example.com/'] });
  assert.equal((await tlsOf(t, { certificates: [other] }))?.state, 'none');
  const ofName = certificate({ names: ['x.example.com'], routes: ['*.example.com/'] });
  const labels = { 'proxy.host': '*.example.com' };
  assert.equal((await tlsOf(t, { labels, certificates: [ofName] }))?.state, 'valid');
  assert.equal((await tlsOf(t, { labels, certificates: [] }))?.state, 'on-demand');
});

test('of several certificates of a route the one that needs help is shown, with what is wrong and what to do', async (t) => {
  const routes = ['*.example.com/'];
  const certificates = [
    certificate({ names: ['a.example.com'], routes }),
    { ...waiting, routes },
    certificate({ names: ['c.example.com'], routes, state: 'unused' }),
  ];
  const tls = await tlsOf(t, { labels: { 'proxy.host': '*.example.com' }, certificates });
  assert.deepEqual(tls, {
    ...{ mode: 'auto', state: 'waiting', expires: null, next: '2026-11-20T11:00:00.000Z' },
    error: 'Port 80 cannot be reached from outside. Open port 80 in the firewall.',
  });
});

test('where TLS does not end at the proxy the state says so', async (t) => {
  const certificates = [certificate()];
  assert.equal((await tlsOf(t, { certificates, https: null }))?.state, 'off');
  assert.equal((await tlsOf(t, { certificates, labels: { 'proxy.tls': 'off' } }))?.state, 'off');
  assert.deepEqual(await tlsOf(t, { certificates, labels: { 'proxy.tls': 'passthrough' } }), {
    ...{ mode: 'passthrough', state: 'passthrough', expires: null, next: null, error: null },
  });
  assert.equal((await tlsOf(t, { certificates, labels: { 'proxy.tls': 'cert:ours' } }))?.mode, 'cert:ours');
});

test('the text of the routes tells the state of HTTPS in words', async (t) => {
  const noIssuer = certificate({
    ...{ names: ['c.example.com'], state: 'no-issuer', why: 'no issuer is set: FAIRLEAD_ACME_EMAIL sets one' },
    ...{ issuer: null, notAfter: null, nextAttempt: null, routes: ['c.example.com/'] },
  });
  const containers = hosts('app.example.com', 'b.example.com', 'c.example.com');
  const { ask } = await adminOver(t, { containers, certificates: [certificate(), waiting, noIssuer] });
  const text = (await ask('/routes?format=text')).body;
  for (const said of [
    'valid until 2027-01-30',
    'waiting, next attempt 2026-11-20 11:00 UTC',
    'no issuer is set',
    blocked.remedy,
  ])
    assert.ok(text.includes(said), said);
  assert.match(text, /\nHTTPS NOT WELL\nb\.example\.com\/: waiting/);
});
