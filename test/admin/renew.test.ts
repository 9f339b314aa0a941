import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { RenewAnswer, RenewRequest } from '../../src/tls/renew-answer.ts';
import { adminOver, certificate, labelledContainer } from './admin-world.ts';

const token = 'a-token-of-many-letters';
const begun: RenewAnswer = { kind: 'begun', begun: [{ names: ['app.example.com'], issuer: 'default' }], held: [] };

/** An admin server whose control plane answers this, and remembers what it was asked for. */
async function renewing(
  t: Parameters<typeof adminOver>[0],
  answer: RenewAnswer = begun,
  settings: Parameters<typeof adminOver>[2] = {},
) {
  const requests: RenewRequest[] = [];
  const renew = async (request: RenewRequest) => {
    requests.push(request);
    return answer;
  };
  const containers = [labelledContainer({ 'proxy.host': 'app.example.com' })];
  const admin = await adminOver(t, { containers, certificates: [certificate()], renew }, settings);
  const post = (path: string, headers: Record<string, string> = {}) => admin.ask(path, { method: 'POST', headers });
  return { ...admin, requests, post };
}

test('what is begun is answered with 202; without a host it is every certificate', async (t) => {
  const { post, requests } = await renewing(t);
  const { status, json } = await post('/certs/renew');
  assert.equal(status, 202);
  assert.deepEqual(json(), { begun: [{ names: ['app.example.com'], issuer: 'default' }], held: [] });
  await post('/certs/renew?host=APP.example.com.');
  await post('/certs/renew?host=*.b%C3%BCcher.example&dry=1');
  await post('/certs/renew?host=::1&dry=0');
  assert.deepEqual(requests, [
    { host: null, dry: false },
    { host: 'app.example.com', dry: false },
    { host: '*.xn--bcher-kva.example', dry: true },
    { host: '::1', dry: false },
  ]);
});

test('a question that cannot be asked renews nothing', async (t) => {
  const { post, requests } = await renewing(t);
  for (const query of ['host=', 'host=a%20b', 'host=http://a.example.com/', 'host=a.example.com:443', 'dry=perhaps'])
    assert.equal((await post(`/certs/renew?${query}`)).status, 400, query);
  assert.deepEqual(requests, []);
});

test('a dry run is answered with its outcome, certificate by certificate, problems in full', async (t) => {
  const problem = {
    ...{ at: '2026-11-20T10:00:00.000Z', issuer: 'default', type: 'urn:ietf:params:acme:error:caa', status: 403 },
    ...{
      detail: 'CAA record forbids',
      subproblems: [],
      cause: 'CAA forbids it',
      remedy: 'change CAA',
      retryAfter: null,
    },
  };
  const tried: RenewAnswer = {
    kind: 'tried',
    tried: [
      { names: ['app.example.com'], issuer: 'default', problem: null },
      { names: ['b.example.com'], issuer: 'default', problem },
    ],
  };
  const { post } = await renewing(t, tried);
  const { status, json } = await post('/certs/renew?dry=1');
  assert.equal(status, 200);
  assert.deepEqual(json(), {
    ok: false,
    tried: [
      { names: ['app.example.com'], issuer: 'default', problem: null, ok: true },
      { names: ['b.example.com'], issuer: 'default', problem, ok: false },
    ],
  });
  const { body } = await post('/certs/renew?dry=1&format=text');
  assert.match(
    body,
    /✓ app\.example\.com by default: ok\n✗ b\.example\.com by default\n {4}cause: {2}CAA forbids it\n/,
  );
});

test('a host without a certificate gets the nearest ones, and where nobody is to be asked it is said', async (t) => {
  const { post } = await renewing(t, { kind: 'no-certificate' });
  const unknown = await post('/certs/renew?host=ap.example.com');
  assert.equal(unknown.status, 404);
  assert.deepEqual(unknown.json<{ nearestHosts: string[] }>().nearestHosts, ['app.example.com']);
  const other = await renewing(t, { kind: 'nothing-to-order', why: 'app.localhost is signed by the internal CA' });
  const nothing = await other.post('/certs/renew?host=app.localhost');
  assert.equal(nothing.status, 409);
  assert.match(nothing.json<{ error: string }>().error, /internal CA/);
});

test('where all orders must wait it is 429 with the time of the first', async (t) => {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const held = [
    { names: ['a.example.com'], why: 'too many orders', notBefore: at(3_600_000) },
    { names: ['b.example.com'], why: 'too many orders', notBefore: at(7_200_000) },
  ];
  const { post } = await renewing(t, { kind: 'begun', begun: [], held });
  const { status, headers, json } = await post('/certs/renew');
  assert.equal(status, 429);
  const seconds = Number(headers['retry-after']);
  assert.ok(seconds > 3_500 && seconds <= 3_600, `${seconds}`);
  assert.deepEqual(json(), { begun: [], held });
});

test('what renews is POST only, and what reads is not', async (t) => {
  const { ask, requests } = await renewing(t);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask('/certs/renew', { method });
    assert.deepEqual([status, headers.allow], [405, 'POST'], method);
  }
  assert.equal((await ask('/certs', { method: 'POST' })).headers.allow, 'GET, HEAD');
  assert.deepEqual(requests, []);
});

test('without a token another site cannot renew, and a command line can', async (t) => {
  const { post, requests } = await renewing(t);
  for (const headers of [
    { origin: 'https://evil.example.com' },
    { origin: 'null' },
    { origin: 'http://localhost:1', host: 'localhost:8080' },
    { host: 'evil.example.com' },
  ])
    assert.equal((await post('/certs/renew', headers)).status, 403, JSON.stringify(headers));
  assert.deepEqual(requests, []);
  assert.equal((await post('/certs/renew', { host: 'localhost:8080' })).status, 202);
  assert.equal((await post('/certs/renew', { host: 'localhost:8080', origin: 'http://localhost:8080' })).status, 202);
});

test('with a token a session alone does not renew: it takes an Origin of ours, or the token', async (t) => {
  const { ask, post, requests } = await renewing(t, begun, { adminToken: token });
  const login = await ask(`/?token=${token}`, { headers: { accept: 'text/html' } });
  const cookie = (login.headers['set-cookie']?.[0] ?? '').split(';')[0] as string;
  const host = 'admin.example.com';
  assert.equal((await ask('/certs', { headers: { cookie, host } })).status, 200);
  assert.equal((await post('/certs/renew', { cookie, host })).status, 403);
  assert.equal((await post('/certs/renew', { cookie, host, origin: 'https://evil.example.com' })).status, 403);
  assert.equal((await post('/certs/renew', { host, origin: `http://${host}` })).status, 401);
  // A link signs in; it does nothing else.
  assert.equal((await post(`/certs/renew?token=${token}`, { host })).status, 401);
  assert.deepEqual(requests, []);
  assert.equal((await post('/certs/renew', { cookie, host, origin: `http://${host}` })).status, 202);
  assert.equal((await post('/certs/renew', { authorization: `Bearer ${token}` })).status, 202);
});

test('a login link to what cannot be opened leads to the page', async (t) => {
  const { ask } = await renewing(t, begun, { adminToken: token });
  assert.equal((await ask(`/certs/renew?token=${token}`)).headers.location, '/');
  assert.equal((await ask(`/certs?token=${token}`)).headers.location, '/certs');
});

test('a body is not read: a short one is let pass, an endless one ends the connection', async (t) => {
  const { port, requests } = await renewing(t);
  const head = (framing: string) => `POST /certs/renew HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`;
  const socket = connect(port as number, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write(`${head('Content-Length: 5')}hello`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 202 /);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume().write(head('Transfer-Encoding: chunked'));
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const more = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
  await closed;
  assert.equal(requests.length, 2);
});
