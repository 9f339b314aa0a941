import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { lateMax } from '../../src/admin/page/sign-in.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { adminOver } from './admin-world.ts';

const token = 'a-token-of-many-letters & more';
const host = 'proxy.example.com:8080';
const browser = { accept: 'text/html', host };

async function world(t: TestContext) {
  const clock = new FakeClock();
  const { ask } = await adminOver(t, { clock }, { adminToken: token });
  const post = (form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
    ask('/login', {
      method: 'POST',
      headers: { ...browser, origin: `http://${host}`, ...headers },
      body: new URLSearchParams(form).toString(),
    });
  return { clock, ask, post };
}

test('a browser without a session gets a field for the token, which knows what was asked for', async (t) => {
  const { ask } = await world(t);
  const { status, headers, body } = await ask('/explain?url=http://a.example.com/"><script>&token=', {
    headers: browser,
  });
  assert.equal(status, 401);
  assert.match(headers['content-type'] ?? '', /^text\/html/);
  assert.match(headers['www-authenticate'] ?? '', /^Bearer/);
  assert.match(body, /<form method="post" action="\/login">/);
  assert.match(body, /type="password" name="token"/);
  assert.match(body, /name="to" value="\/explain\?url=http%3A%2F%2Fa\.example\.com%2F%22%3E%3Cscript%3E"/);
  assert.doesNotMatch(body, /<script/);
});

test('the right token opens the page that was asked for, by a cookie that is not the token', async (t) => {
  const { ask, post } = await world(t);
  const { status, headers } = await post({ token, to: '/routes?q=shop' });
  assert.deepEqual([status, headers.location], [303, '/routes?q=shop']);
  const [cookie = ''] = headers['set-cookie'] ?? [];
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.doesNotMatch(cookie, /many-letters/);
  const page = await ask('/', { headers: { ...browser, cookie: cookie.split(';')[0] as string } });
  assert.equal(page.status, 200);
  assert.match(page.body, /action="\/logout"/);
});

test('a wrong token is answered after a second, with the page again', async (t) => {
  const { clock, post } = await world(t);
  let answered = false;
  const asked = post({ token: 'guess', to: '/certs' }).finally(() => {
    answered = true;
  });
  await eventually('the answer waits', async () => clock.pending === 1);
  clock.advance(999);
  assert.equal(answered, false);
  clock.advance(1);
  const { status, headers, body } = await asked;
  assert.equal(status, 401);
  assert.equal(headers['set-cookie'], undefined);
  assert.match(body, /That is not the token/);
  assert.match(body, /name="to" value="\/certs"/);
});

test('guesses beyond a few at a time are not looked at, be they right', async (t) => {
  const { clock, post } = await world(t);
  const guesses = Array.from({ length: lateMax }, () => post({ token: 'guess' }));
  await eventually('all of them wait', async () => clock.pending === lateMax);
  const { status, headers } = await post({ token });
  assert.deepEqual([status, headers['set-cookie']], [429, undefined]);
  clock.advance(1_000);
  await Promise.all(guesses);
  assert.equal((await post({ token })).status, 303);
});

test('no other site can sign a browser in, nor a form without an Origin', async (t) => {
  const { ask, post } = await world(t);
  for (const origin of ['http://evil.example.com', 'null'])
    assert.equal((await post({ token }, { origin })).status, 403, origin);
  const { status } = await ask('/login', { method: 'POST', headers: browser, body: `token=${token}` });
  assert.equal(status, 401);
});

test('signing in leads nowhere else', async (t) => {
  const { post } = await world(t);
  for (const to of ['//evil.example.com/', 'https://evil.example.com/', '/\\evil.example.com', '/nothing', ''])
    assert.equal((await post({ token, to })).headers.location, '/', to);
});

test('a form that is too long is no token', async (t) => {
  const { clock, post } = await world(t);
  const asked = post({ more: 'x'.repeat(20_000), token });
  await eventually('the answer waits', async () => clock.pending === 1);
  clock.advance(1_000);
  assert.equal((await asked).status, 401);
});

test('logging out takes the cookie back, and only the page itself can ask for it', async (t) => {
  const { ask, post } = await world(t);
  const session = (await post({ token })).headers['set-cookie']?.[0]?.split(';')[0] as string;
  const out = (headers: Readonly<Record<string, string>>) =>
    ask('/logout', { method: 'POST', headers: { ...browser, cookie: session, ...headers } });
  assert.equal((await out({})).status, 403);
  const { status, headers } = await out({ origin: `http://${host}` });
  assert.deepEqual([status, headers.location], [303, '/']);
  assert.match(headers['set-cookie']?.[0] ?? '', /^fairlead_admin=; Max-Age=0; Path=\/;/);
});

test('without a token there is nothing to sign in to', async (t) => {
  const { ask } = await adminOver(t);
  const { status, headers } = await ask('/login', { headers: { host: 'localhost' } });
  assert.deepEqual([status, headers.location], [303, '/']);
});
