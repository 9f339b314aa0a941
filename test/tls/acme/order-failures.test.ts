import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Behaviour } from '../fake-acme/behaviour.ts';
import { type Endpoint, FakeAcme } from '../fake-acme/fake-acme.ts';
import { failureOf, OrderWorld, quickLimits, TestBoard, TestRecords } from './order-world.ts';

const error = (type: string) => `urn:ietf:params:acme:error:${type}`;

test('names that the issuer does not believe are told together, each with the challenge and the reason', async (t) => {
  const verdict = (name: string) =>
    name.startsWith('good')
      ? null
      : { type: error('connection'), status: 400, detail: `203.0.113.7: Fetching http://${name}/: Timeout` };
  const acme = await FakeAcme.start(t, { verdict });
  const world = new OrderWorld(acme.at());
  const failure = await failureOf(world.order(['bad.example.com', 'good.example.com', 'worse.example.com']));
  assert.equal(failure.stage, 'challenge');
  assert.equal(failure.problem.type, error('connection'));
  assert.deepEqual(failure.problem.subproblems, [
    {
      name: 'bad.example.com',
      type: error('connection'),
      detail: 'http-01: 203.0.113.7: Fetching http://bad.example.com/: Timeout',
    },
    {
      name: 'worse.example.com',
      type: error('connection'),
      detail: 'http-01: 203.0.113.7: Fetching http://worse.example.com/: Timeout',
    },
  ]);
  assert.match(failure.message, /^bad\.example\.com: http-01: .*; worse\.example\.com: http-01: /);
  assert.deepEqual(world.board.shown, []);
});

test('names that fail for different reasons fail as a compound of them', async (t) => {
  const verdict = (name: string) => ({ type: error(name.startsWith('a') ? 'dns' : 'caa'), detail: `no ${name}` });
  const acme = await FakeAcme.start(t, { verdict });
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com', 'b.example.com']));
  assert.equal(failure.problem.type, error('compound'));
  assert.deepEqual(
    failure.problem.subproblems.map(({ type }) => type),
    [error('dns'), error('caa')],
  );
});

test('a rate limit keeps its type, its status, its subproblems and the time after which to come again', async (t) => {
  const acme = await FakeAcme.start(t);
  const subproblem = { type: error('rateLimited'), detail: 'too many', identifier: { type: 'dns', value: 'a.test' } };
  acme.next('new-order', {
    kind: 'problem',
    type: 'rateLimited',
    status: 429,
    detail: 'too many certificates already issued for "example.com"',
    subproblems: [subproblem],
    retryAfter: 'Thu, 01 Jan 2099 00:00:00 GMT',
  });
  const before = Date.now();
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com']));
  assert.equal(failure.stage, 'order');
  assert.deepEqual(failure.problem, {
    type: error('rateLimited'),
    status: 429,
    detail: 'too many certificates already issued for "example.com"',
    subproblems: [{ name: 'a.test', type: error('rateLimited'), detail: 'too many' }],
  });
  assert.ok((failure.retryAfterMs ?? 0) > before);
  assert.equal(acme.count('new-order'), 1);
});

test('an order that the issuer turns down when it is finalized is not finalized again, but ordered anew', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  acme.next('finalize', { kind: 'problem', type: 'badCSR', status: 400, detail: 'that key is known to be weak' });
  const failure = await failureOf(world.order(['a.example.com']));
  assert.deepEqual([failure.stage, failure.problem.type], ['finalize', error('badCSR')]);
  assert.ok((await world.order(['a.example.com'])).chainPem);
  assert.equal(acme.count('new-order'), 2);
});

test('an order that an issuer in trouble leaves unfinished is finished by the next run', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  acme.next('finalize', {
    kind: 'problem',
    type: 'serverInternal',
    status: 503,
    detail: 'overloaded',
    retryAfter: '60',
  });
  const failure = await failureOf(world.order(['a.example.com']));
  assert.equal(failure.stage, 'finalize');
  assert.notEqual(failure.retryAfterMs, null);
  const { settle } = await world.order(['a.example.com']);
  assert.equal(acme.count('new-order'), 1);
  await settle();
  await world.order(['a.example.com']);
  assert.equal(acme.count('new-order'), 2);
});

test('an order that has become invalid meanwhile is not taken up again', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  acme.next('finalize', { kind: 'cut' });
  await failureOf(world.order(['a.example.com']));
  acme.next('order', { kind: 'problem', type: 'malformed', status: 404, detail: 'no such order' });
  assert.ok((await world.order(['a.example.com'])).chainPem);
  assert.equal(acme.count('new-order'), 2);
});

test('a certificate that was kept before a crash is not given again as its own renewal', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const first = await world.order(['a.example.com']);
  const again = await world.order(['a.example.com']);
  assert.equal(again.chainPem, first.chainPem);
  assert.equal(again.keyPem, first.keyPem);
  const renewed = await world.order(['a.example.com'], { replaces: first.chainPem });
  assert.notEqual(renewed.chainPem, first.chainPem);
  assert.equal(acme.count('new-order'), 2);
});

test('an order that became invalid tells the problem of the issuer', async (t) => {
  const acme = await FakeAcme.start(t);
  const change = (json: Record<string, unknown>) => ({
    ...json,
    status: 'invalid',
    error: { type: error('caa'), detail: 'CAA record for a.example.com prevents issuance', status: 403 },
  });
  acme.next('finalize', { kind: 'change', change });
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com']));
  assert.deepEqual([failure.stage, failure.problem.type, failure.problem.status], ['finalize', error('caa'), 403]);
});

const html: Behaviour = { kind: 'body', status: 200, body: '<html><h1>It works!</h1></html>', type: 'text/html' };
const gateway: Behaviour = { kind: 'body', status: 502, body: '<h1>Bad Gateway</h1>', type: 'text/html' };
const cutJson: Behaviour = { kind: 'body', status: 201, body: '{"status":"pending","authoriz' };
const wrongTypes: Behaviour = { kind: 'body', status: 201, body: '{"status":7,"authorizations":"no","finalize":[]}' };
const nothing: Behaviour = { kind: 'body', status: 201, body: 'null' };
const endpoints: readonly Endpoint[] = [
  ...(['directory', 'nonce', 'new-account', 'new-order', 'authorization', 'challenge'] as const),
  ...(['finalize', 'certificate'] as const),
];

for (const endpoint of endpoints) {
  test(`whatever comes from ${endpoint}, the order fails in words, in bounded requests, and takes its challenges back`, async (t) => {
    const limits = { ...quickLimits, requestMsMax: 150, pollsMax: 3 };
    const acme = await FakeAcme.start(t);
    for (const behaviour of [html, gateway, cutJson, wrongTypes, nothing, { kind: 'cut' }, { kind: 'hang' }] as const) {
      const world = new OrderWorld(acme.at());
      const before = acme.count(endpoint);
      acme.mend();
      acme.always(endpoint, behaviour);
      const failure = await failureOf(world.order(['a.example.com'], { limits }));
      assert.match(failure.message, /^(?:the issuer|the order|a challenge)\b.{20,}/, JSON.stringify(behaviour));
      const asked = acme.count(endpoint) - before;
      assert.ok(asked <= 12, `${asked} requests after ${JSON.stringify(behaviour)}`);
      assert.deepEqual(world.board.shown, []);
    }
  });
}

test('a nonce that is never good is tried some times and no more', async (t) => {
  const acme = await FakeAcme.start(t);
  acme.refusesNonce = () => true;
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com']));
  assert.deepEqual([failure.stage, failure.problem.type], ['account', error('badNonce')]);
  assert.equal(acme.count('new-account'), 18);
});

test('an issuer that cannot be reached is named with the reason', async () => {
  const world = new OrderWorld({ directoryUrl: 'http://127.0.0.1:1/directory' });
  const failure = await failureOf(world.order(['a.example.com']));
  assert.equal(failure.stage, 'directory');
  assert.match(failure.message, /^the issuer at 127\.0\.0\.1:1 cannot be reached: the connection was refused/);
});

test('a certificate for other names is turned down, and not asked for again', async (t) => {
  const acme = await FakeAcme.start(t, { certifies: ['b.example.com', '*.example.com'] });
  const world = new OrderWorld(acme.at());
  const failure = await failureOf(world.order(['a.example.com']));
  assert.equal(failure.stage, 'download');
  assert.match(failure.message, /the certificate is not for a\.example\.com$/);
  acme.issuer.settings = {};
  assert.ok((await world.order(['a.example.com'])).chainPem);
});

test('a certificate for another key is turned down', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const other = await world.order(['a.example.com', 'b.example.com']);
  acme.next('certificate', { kind: 'body', body: other.chainPem, type: 'application/pem-certificate-chain' });
  const failure = await failureOf(world.order(['a.example.com']));
  assert.match(failure.message, /for another key/);
});

test('workers that do not show an answer end the order, not the proxy; an answer that comes late is taken back', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const removed = Promise.withResolvers<void>();
  const shown = Promise.withResolvers<{ remove(): void }>();
  const board = { show: () => shown.promise };
  const failure = await failureOf(world.order(['a.example.com'], { board, limits: { ...quickLimits, showMsMax: 20 } }));
  assert.match(failure.message, /cannot be shown: the workers did not show it/);
  assert.equal(acme.count('challenge'), 0);
  shown.resolve({ remove: removed.resolve });
  await removed.promise;
});

test('a DNS provider that says no ends the order with its words', async (t) => {
  const acme = await FakeAcme.start(t);
  const dns = { add: () => Promise.reject(new Error('the zone is locked')) };
  const failure = await failureOf(new OrderWorld(acme.at()).order(['*.example.com'], { dns }));
  assert.equal(failure.stage, 'challenge');
  assert.match(failure.message, /the zone is locked/);
});

test('a TXT record that cannot be taken away does not cost the certificate, but is told in the log', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const dns = { add: async () => ({ remove: () => Promise.reject(new Error('provider down')) }) };
  assert.ok((await world.order(['*.example.com'], { dns })).chainPem);
  assert.ok(world.lines.some((line) => line.includes('left behind') && line.includes('provider down')));
});

test('where nothing can be kept no order is spent', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await (await world.order(['a.example.com'])).settle();
  for (const [set, why] of [
    [() => Promise.reject(new Error('ENOSPC: no space left on device')), /cannot be kept: ENOSPC/],
    [async () => false, /cannot be kept: the store said no/],
  ] as const) {
    const failure = await failureOf(world.order(['b.example.com'], { store: { ...world.store, set } }));
    assert.match(failure.message, why);
  }
  assert.equal(acme.count('new-order'), 1);
});

test('a store that cannot be read makes no second account; one whose account is damaged does', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await world.order(['a.example.com']);
  const kept = new Map([...world.kept].map(([key]) => [key, '{"keyPem":"half a k']));
  assert.ok((await new OrderWorld(acme.at(), kept).order(['a.example.com'])).chainPem);
  assert.equal(acme.count('new-account'), 2);
  const broken = new OrderWorld(acme.at());
  broken.store.get = () => Promise.reject(new Error('connection lost'));
  assert.match((await failureOf(broken.order(['a.example.com']))).message, /cannot be read: connection lost/);
  assert.equal(acme.count('new-account'), 2);
});

test('of many names on an issuer in trouble, not all are tried', async (t) => {
  const acme = await FakeAcme.start(t);
  const names = Array.from({ length: 50 }, (_, index) => `${index}.example.com`);
  acme.always('authorization', { kind: 'problem', type: 'serverInternal', status: 500, detail: 'out of order' });
  const board = new TestBoard();
  await failureOf(new OrderWorld(acme.at()).order(names, { board, dns: new TestRecords() }));
  assert.ok(acme.count('authorization') <= quickLimits.namesAtOnce);
  assert.equal(board.shows, 0);
});
