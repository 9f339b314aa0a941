import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cloudflare } from '../../../src/tls/dns/cloudflare.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { failureOf } from './failure-of.ts';
import { fakeApi } from './fake-api.ts';

const token = 'aTokenOfCloudflare-1234567890_abcdefghij';
const { signal } = new AbortController();
const record = { name: 'app.example.test', owner: '_acme-challenge.app.example.test', isCertain: true };

/** A small Cloudflare: one zone, and records that are made and deleted as by its documentation. */
async function fakeCloudflare(t: TestContext, { zone = 'example.test', quoted = false } = {}) {
  const records = new Map<string, { name: string; content: string }>();
  let made = 0;
  const good = (result: unknown) => ({ success: true, errors: [], messages: [], result });
  const bad = (code: number, message: string) => ({ success: false, errors: [{ code, message }], result: null });
  const api = await fakeApi(t, ({ method, target, headers, body }, response) => {
    const url = new URL(target, 'http://api');
    const refuse = (status: number, code: number, message: string) => {
      response.statusCode = status;
      return bad(code, message);
    };
    if (headers.authorization !== `Bearer ${token}`) return refuse(403, 10_000, 'Authentication error');
    if (url.pathname === '/zones')
      return good(url.searchParams.get('name') === zone ? [{ id: 'zone1', name: zone }] : []);
    const [, id] = /^\/zones\/zone1\/dns_records(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const found = [...records].map(([id, one]) => ({ id, ...one, content: quoted ? `"${one.content}"` : one.content }));
    if (method === 'GET') return good(found.filter(({ name }) => name === url.searchParams.get('name')));
    if (method === 'DELETE')
      return records.delete(id ?? '') ? good({ id }) : refuse(404, 81_044, 'Record does not exist.');
    const { name, content } = body as { name: string; content: string };
    if ([...records.values()].some((one) => one.name === name && one.content === content))
      return refuse(400, 81_058, 'An identical record already exists.');
    made += 1;
    records.set(`r${made}`, { name, content });
    return good({ id: `r${made}`, name, content });
  });
  const clock = new FakeClock();
  const contents = () => [...records.values()].map(({ name, content }) => `${name} ${content}`);
  return { ...api, clock, records, contents, provider: cloudflare({ token, baseUrl: api.url, clock }) };
}

test('values stand side by side in the zone that the name is in, and are deleted one by one', async (t) => {
  const { provider, contents, requests } = await fakeCloudflare(t);
  const one = await provider.present(record, 'one', signal);
  const two = await provider.present(record, 'two', signal);
  assert.deepEqual(contents(), [`${record.owner} one`, `${record.owner} two`]);
  assert.deepEqual(requests.find(({ method }) => method === 'POST')?.body, {
    ...{ type: 'TXT', name: record.owner, content: 'one', ttl: 60 },
  });
  await one();
  assert.deepEqual(contents(), [`${record.owner} two`]);
  await two();
  assert.deepEqual(contents(), []);
});

for (const quoted of [false, true])
  test(`a value left behind by an earlier attempt (${quoted ? 'listed in quotes' : 'listed bare'}) is taken over and deleted`, async (t) => {
    const { provider, contents } = await fakeCloudflare(t, { quoted });
    await provider.present(record, 'one', signal);
    await provider.present(record, 'other', signal);
    const remove = await provider.present(record, 'one', signal);
    await remove();
    assert.deepEqual(contents(), [`${record.owner} other`]);
  });

test('a record that is gone already is no failure', async (t) => {
  const { provider, records, contents } = await fakeCloudflare(t);
  const remove = await provider.present(record, 'one', signal);
  records.clear();
  await remove();
  assert.deepEqual(contents(), []);
});

test('a name in no zone of the token is a failure that says which permissions to give', async (t) => {
  const { provider, requests } = await fakeCloudflare(t, { zone: 'other.test' });
  const failure = await failureOf(provider.present(record, 'v', signal));
  assert.match(failure.message, /no zone that _acme-challenge\.app\.example\.test is in.*Zone:Read and DNS:Edit/);
  assert.deepEqual(
    requests.map(({ target }) => target),
    ['_acme-challenge.app.example.test', 'app.example.test', 'example.test'].map((name) => `/zones?name=${name}`),
  );
});

test('a token that is refused is a failure that says what it needs, and not the token', async (t) => {
  const api = await fakeApi(t, ({ headers }, response) => {
    response.statusCode = 403;
    // A server that tells what it was sent, in lines.
    return {
      success: false,
      errors: [{ code: 9109, message: `Invalid access token\n\u001b[31m${headers.authorization}` }],
    };
  });
  const provider = cloudflare({ token, baseUrl: api.url, clock: new FakeClock() });
  const failure = await failureOf(provider.present(record, 'v', signal));
  assert.match(
    failure.message,
    /^Cloudflare refuses to look for the zone \S+: Invalid access token \[31mBearer … \(9109\)\. Check the token/,
  );
  assert.ok(!JSON.stringify([failure.problem, failure.message, String(failure.stack)]).includes(token));
});

test('429 says when to come again', async (t) => {
  const clock = new FakeClock();
  const api = await fakeApi(t, (_, response) => {
    response.writeHead(429, { 'retry-after': '77' });
    return { success: false, errors: [{ code: 971, message: 'Please wait' }] };
  });
  const failure = await failureOf(cloudflare({ token, baseUrl: api.url, clock }).present(record, 'v', signal));
  assert.match(failure.message, /asked too often \(429\).*Please wait \(971\)/);
  assert.equal(failure.retryAfterMs, clock.now() + 77_000);
});

for (const [what, status, body, words] of [
  [
    'is no JSON',
    502,
    '<html>Bad\u0007 Gateway</html>',
    /failed \(502\) to look for the zone .*: <html>Bad Gateway<\/html>$/,
  ],
  ['is empty', 500, '', /failed \(500\) .*: no reason given$/],
  ['is a redirect', 302, '', /refuses to look for the zone .*: no reason given$/],
  ['has the wrong shape', 200, '{"success":true,"result":[{"id":"../../accounts"}]}', /shows this token no zone/],
  ['has no end', 200, 'x'.repeat(1024 * 1024 + 1), /does not answer: an answer of more than 1048576 bytes/],
] as const) {
  test(`an answer that ${what} is a failure in words`, async (t) => {
    const api = await fakeApi(t, (_, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' });
      response.end(body);
    });
    const provider = cloudflare({ token, baseUrl: api.url, clock: new FakeClock() });
    assert.match((await failureOf(provider.present(record, 'v', signal))).message, words);
  });
}

test('an API that is silent is given up after 30 s, one that is not there at once', async (t) => {
  const clock = new FakeClock();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const api = await fakeApi(t, () => resolve());
  const adding = failureOf(cloudflare({ token, baseUrl: api.url, clock }).present(record, 'v', signal));
  await asked;
  clock.advance(30_000);
  assert.match((await adding).message, /does not answer: no answer within 30 s/);
  const nowhere = cloudflare({ token, baseUrl: 'http://127.0.0.1:1', clock });
  assert.match(
    (await failureOf(nowhere.present(record, 'v', signal))).message,
    /127\.0\.0\.1:1 does not answer: .*(ECONNREFUSED|bad port)/,
  );
});

test('an abort ends the request with its reason', async (t) => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const api = await fakeApi(t, () => resolve());
  const abort = new AbortController();
  const adding = cloudflare({ token, baseUrl: api.url, clock: new FakeClock() }).present(record, 'v', abort.signal);
  await asked;
  abort.abort(new Error('shutting down'));
  await assert.rejects(adding, /^Error: shutting down$/);
});
