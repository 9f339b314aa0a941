import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAdmin } from '../../src/admin/server.ts';
import { AdminUnavailable } from '../../src/admin/unavailable.ts';
import { createLog } from '../../src/base/log.ts';
import { adminOver, adminSettings, temporaryDirectory, view } from './admin-world.ts';

const token = 'a-token-of-many-letters';
const html = { accept: 'text/html' };

test('without a token every loopback name is answered', async (t) => {
  const { ask } = await adminOver(t);
  for (const host of ['localhost:8080', '127.0.0.1', '127.9.9.9:1', '[::1]:8080', 'fairlead.localhost'])
    assert.equal((await ask('/routes', { headers: { host } })).status, 200, host);
});

test('without a token a name that was made to point here by somebody else is refused', async (t) => {
  const { ask } = await adminOver(t);
  for (const host of [
    'evil.example.com',
    '127.0.0.1.evil.example.com',
    'localhost.evil.example.com',
    '192.0.2.1',
    'a b',
  ])
    assert.equal((await ask('/routes', { headers: { host } })).status, 403, host);
});

test('another site cannot ask, whatever it asks and whatever it knows', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  const authorization = `Bearer ${token}`;
  for (const origin of ['http://evil.example.com', 'null', 'http://localhost:1'])
    for (const path of ['/routes', '/readyz'])
      assert.equal((await ask(path, { headers: { authorization, origin, host: 'localhost' } })).status, 403, origin);
});

test('the page itself may ask', async (t) => {
  const { ask } = await adminOver(t);
  assert.equal(
    (await ask('/routes', { headers: { origin: 'http://localhost:81', host: 'localhost:81' } })).status,
    200,
  );
});

test('with a token nothing is answered without it, but for the two probes', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  for (const path of ['/', '/routes', '/explain?url=a', '/status', '/nothing']) {
    const { status, headers } = await ask(path);
    assert.equal(status, 401, path);
    assert.match(headers['www-authenticate'] ?? '', /^Bearer/);
  }
  assert.equal((await ask('/healthz')).status, 200);
  assert.equal((await ask('/readyz')).status, 200);
});

test('the token opens, and a wrong one of whatever length does not', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  const status = async (authorization: string) => (await ask('/routes', { headers: { authorization } })).status;
  assert.equal(await status(`Bearer ${token}`), 200);
  for (const wrong of ['', 'Bearer', 'Bearer x', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`])
    assert.equal(await status(wrong), 401, wrong);
});

test('the login link puts a cookie in place of the token and leaves the address bar clean', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  const login = await ask(`/routes?options=set&token=${token}`, { headers: html });
  assert.equal(login.status, 303);
  assert.equal(login.headers.location, '/routes?options=set');
  const [cookie = ''] = login.headers['set-cookie'] ?? [];
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.doesNotMatch(cookie, new RegExp(token));
  const session = cookie.split(';')[0] as string;
  assert.equal((await ask('/', { headers: { cookie: `a=b; ${session}` } })).status, 200);
  assert.equal((await ask('/', { headers: { cookie: `${session}x` } })).status, 401);
});

test('a login link with a wrong token gives nothing', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  const { status, headers } = await ask('/?token=wrong');
  assert.equal(status, 401);
  assert.equal(headers['set-cookie'], undefined);
});

test('a login link cannot lead to another site', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  assert.equal((await ask(`//evil.example.com/?token=${token}`)).headers.location, '/');
});

test('the socket of the commands needs no token', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: token });
  assert.equal((await ask('/routes', { socket: true, headers: { host: 'anything' } })).status, 200);
});

test('an address that others can reach is not opened without a token', async (t) => {
  const dataDir = temporaryDirectory(t);
  const admin = { host: undefined, port: 0 };
  const settings = adminSettings({ dataDir, admin });
  const log = createLog({ level: 'silent', format: 'json' });
  await assert.rejects(startAdmin({ settings, view: view(), log }), (error) => {
    assert.ok(error instanceof AdminUnavailable);
    assert.match(error.message, /FAIRLEAD_ADMIN_TOKEN/);
    return true;
  });
});
