import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import { FakeAcme } from '../fake-acme/fake-acme.ts';
import { failureOf, OrderWorld, TestRecords } from './order-world.ts';

test('an order brings a chain for its names and a fresh P-256 key that belongs to it', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const first = await world.order(['a.example.com', 'b.example.com']);
  const leaf = new X509Certificate(first.chainPem);
  assert.equal(leaf.subjectAltName, 'DNS:a.example.com, DNS:b.example.com');
  assert.equal(createPublicKey(first.keyPem).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(first.notAfterMs, leaf.validToDate.getTime());
  await first.settle();
  const second = await world.order(['a.example.com', 'b.example.com']);
  assert.notEqual(second.keyPem, first.keyPem);
});

test('an account is made once, agreed, with the e-mail, and used again by later orders and later processes', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await (await world.order(['a.example.com'])).settle();
  await world.order(['b.example.com']);
  const later = new OrderWorld(acme.at(), world.kept);
  await later.order(['c.example.com']);
  assert.equal(acme.count('new-account'), 1);
  const [account] = acme.issuer.accounts.values();
  assert.deepEqual(account?.contact, ['mailto:admin@example.com']);
});

test('orders that start at the same moment share the making of the account', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await Promise.all(['a', 'b', 'c'].map((name) => world.order([`${name}.example.com`])));
  assert.equal(acme.count('new-account'), 1);
});

test('an order that waits for an account which another order was making goes on when that one is given up', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const controller = new AbortController();
  acme.next('new-account', { kind: 'hang' });
  const first = world.order(['a.example.com'], { signal: controller.signal });
  await acme.asked('new-account');
  const second = world.order(['b.example.com']);
  controller.abort(new Error('given up'));
  await assert.rejects(first, /given up/);
  assert.ok((await second).chainPem);
});

test('an order that waits for an account which another order is making can be given up by itself', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const [first, second] = [new AbortController(), new AbortController()];
  acme.next('new-account', { kind: 'hang' });
  const making = world.order(['a.example.com'], { signal: first.signal });
  await acme.asked('new-account');
  const waiting = world.order(['b.example.com'], { signal: second.signal });
  await acme.asked('directory', 3);
  second.abort(new Error('not needed any more'));
  await assert.rejects(waiting, /not needed any more/);
  first.abort(new Error('over'));
  await assert.rejects(making, /over/);
});

test('a new e-mail is told to the account that is there', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await world.order(['a.example.com']);
  await world.order(['b.example.com'], { issuer: { ...world.issuer, email: 'new@example.com' } });
  assert.equal(acme.count('new-account'), 1);
  assert.equal(acme.count('account'), 1);
});

test('an account that the issuer has lost is made again, once, with the same key', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await (await world.order(['a.example.com'])).settle();
  const [before] = acme.issuer.accounts.keys();
  acme.issuer.accounts.clear();
  await world.order(['a.example.com']);
  assert.deepEqual([...acme.issuer.accounts.keys()], [before]);
  assert.equal(acme.count('new-account'), 2);
});

test('an issuer that loses the account again and again is not asked for ever', async (t) => {
  const acme = await FakeAcme.start(t);
  acme.always('new-order', {
    kind: 'problem',
    type: 'accountDoesNotExist',
    status: 400,
    detail: 'who are you?',
  });
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com']));
  assert.equal(failure.problem.type, 'urn:ietf:params:acme:error:accountDoesNotExist');
  assert.equal(acme.count('new-order'), 2);
});

test('an issuer that wants a binding gets it, signed; without one its refusal is the failure', async (t) => {
  const eab = { kid: 'kid-1', hmacKey: Buffer.from('a secret of some length, 32 bytes').toString('base64url') };
  const acme = await FakeAcme.start(t, { eab });
  assert.ok((await new OrderWorld({ ...acme.at(), eab }).order(['a.example.com'])).chainPem);
  const failure = await failureOf(new OrderWorld(acme.at()).order(['a.example.com']));
  assert.equal(failure.stage, 'account');
  assert.equal(failure.problem.type, 'urn:ietf:params:acme:error:externalAccountRequired');
  assert.equal(failure.problem.status, 403);
});

test('names that are proven already are not proven again', async (t) => {
  const acme = await FakeAcme.start(t, { reuse: true });
  const world = new OrderWorld(acme.at());
  await (await world.order(['a.example.com'])).settle();
  await world.order(['a.example.com', 'b.example.com']);
  assert.equal(acme.count('challenge'), 2);
  assert.equal(world.board.shows, 2);
});

test('a challenge is shown while the issuer looks, and taken back afterwards', async (t) => {
  const seen: unknown[] = [];
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  acme.issuer.settings = {
    verdict: () => {
      seen.push(...world.board.shown.map(({ kind, name }) => `${kind} ${name}`));
      return null;
    },
  };
  await world.order(['a.example.com'], { challenges: ['alpn', 'http'] });
  assert.deepEqual(seen, ['alpn a.example.com']);
  assert.deepEqual(world.board.shown, []);
});

test('challenges are tried in the order of preference, as far as the issuer offers them', async (t) => {
  const acme = await FakeAcme.start(t, { challenges: ['http-01', 'mystery-01'] });
  const world = new OrderWorld(acme.at());
  const shown: string[] = [];
  acme.issuer.settings = {
    ...acme.issuer.settings,
    verdict: (_, type) => {
      shown.push(type);
      return null;
    },
  };
  await world.order(['a.example.com'], { challenges: ['alpn', 'http'] });
  assert.deepEqual(shown, ['http-01']);
  const failure = await failureOf(world.order(['b.example.com'], { challenges: ['alpn'] }));
  assert.match(
    failure.message,
    /b\.example\.com: the issuer offers http-01, mystery-01, where tls-alpn-01 is possible/,
  );
});

test('a wildcard and its apex are proven by two TXT records side by side, which go afterwards', async (t) => {
  const acme = await FakeAcme.start(t);
  const dns = new TestRecords({ together: 2 });
  const most: number[] = [];
  acme.issuer.settings = {
    verdict: () => {
      most.push(dns.set.length);
      return null;
    },
  };
  const names = ['*.example.com', 'example.com'];
  const { chainPem } = await new OrderWorld(acme.at()).order(names, { dns, challenges: ['dns'] });
  assert.equal(new X509Certificate(chainPem).subjectAltName, 'DNS:*.example.com, DNS:example.com');
  assert.equal(Math.max(...most), 2);
  assert.deepEqual(dns.set, []);
});

test('names that no challenge could prove cost no order', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const noDns = await failureOf(world.order(['*.example.com']));
  assert.match(noDns.message, /\*\.example\.com: it is to be proven by DNS, and no access to DNS is set/);
  assert.equal(noDns.stage, 'preflight');
  const http = await failureOf(world.order(['*.example.com'], { challenges: ['http'], dns: new TestRecords() }));
  assert.match(http.message, /a wildcard can be proven by DNS only, and another challenge is asked for/);
  assert.equal(acme.requests, 0);
});

test('a profile is asked for where the issuer offers it, else the failure says what it offers', async (t) => {
  const acme = await FakeAcme.start(t, { profiles: ['classic', 'shortlived'] });
  const world = new OrderWorld({ ...acme.at(), profile: 'shortlived' });
  await world.order(['a.example.com']);
  assert.equal(acme.issuer.orders[0]?.profile, 'shortlived');
  const failure = await failureOf(world.order(['a.example.com'], { issuer: { ...world.issuer, profile: 'eternal' } }));
  assert.match(failure.message, /no profile called eternal: it offers classic, shortlived/);
  assert.equal(acme.count('new-order'), 1);
});

test('a renewal says what it replaces, and does without where that was replaced before', async (t) => {
  const renewalWindow = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' };
  const acme = await FakeAcme.start(t, { renewalWindow });
  const world = new OrderWorld(acme.at());
  const first = await world.order(['a.example.com']);
  await first.settle();
  for (const _ of ['renewal', 'renewal of the same']) {
    await (await world.order(['a.example.com'], { replaces: first.chainPem })).settle();
  }
  const replaced = acme.issuer.orders.map(({ replaces }) => replaces);
  assert.equal(replaced[0], undefined);
  assert.match(replaced[1] ?? '', /^[\w-]{27}\.[\w-]+$/);
  assert.equal(replaced[2], undefined);
});

test('an issuer without renewal information is not told what is replaced', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  const first = await world.order(['a.example.com']);
  await first.settle();
  await world.order(['a.example.com'], { replaces: first.chainPem });
  assert.deepEqual(
    acme.issuer.orders.map(({ replaces }) => replaces),
    [undefined, undefined],
  );
});

test('an order that is given up rejects with the reason of the signal and takes its challenges back', async (t) => {
  const acme = await FakeAcme.start(t, { pendingPolls: 1000 });
  const world = new OrderWorld(acme.at());
  const controller = new AbortController();
  const order = world.order(['a.example.com'], { signal: controller.signal });
  await acme.asked('challenge');
  assert.equal(world.board.shown.length, 1);
  controller.abort(new Error('shutting down'));
  await assert.rejects(order, (error: Error) => !(error instanceof AcmeFailure) && error.message === 'shutting down');
  assert.deepEqual(world.board.shown, []);
});
