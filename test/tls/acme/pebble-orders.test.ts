import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { type Pebble, startPebble } from '../../support/pebble.ts';
import { failureOf, OrderWorld } from './order-world.ts';
import { AlpnResponder, ChallengeRecords, HttpResponder } from './responders.ts';

const worldOf = ({ directoryUrl, caPem }: Pebble) => new OrderWorld({ directoryUrl, caPem });

/** The leaf's names, after the chain was checked up to pebble's root. */
async function namesOf(chainPem: string, pebble: Pebble): Promise<string[]> {
  const [leaf, intermediate] = chainPem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .map((pem) => new X509Certificate(pem));
  assert.ok(leaf && intermediate);
  assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey));
  assert.ok(intermediate.verify(new X509Certificate(await pebble.rootPem()).publicKey));
  return (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace('DNS:', ''));
}

test('http-01: pebble fetches the token and issues', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port });
  const { chainPem, notAfterMs } = await worldOf(pebble).order(['a.example.com'], {
    board: http,
    challenges: ['http'],
  });
  assert.deepEqual(await namesOf(chainPem, pebble), ['a.example.com']);
  assert.ok(notAfterMs > Date.now());
  assert.ok(http.answered > 0);
});

test('tls-alpn-01: pebble shakes hands under acme-tls/1 and issues', async (t) => {
  const alpn = await AlpnResponder.start(t);
  const pebble = await startPebble(t, { tlsPort: alpn.port });
  const { chainPem } = await worldOf(pebble).order(['a.example.com', 'b.example.com'], {
    board: alpn,
    challenges: ['alpn'],
  });
  assert.deepEqual(await namesOf(chainPem, pebble), ['a.example.com', 'b.example.com']);
  assert.ok(alpn.answered >= 2);
});

test('dns-01: a wildcard and its apex are proven by two records of one name', async (t) => {
  const pebble = await startPebble(t);
  const dns = new ChallengeRecords(pebble);
  const names = ['*.example.com', 'example.com'];
  const { chainPem } = await worldOf(pebble).order(names, { dns, challenges: ['dns'] });
  assert.deepEqual((await namesOf(chainPem, pebble)).sort(), names);
  assert.equal(dns.records, 0);
});

test('twenty names share an order', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port });
  const names = Array.from({ length: 20 }, (_, index) => `name-${index}.example.com`);
  const { chainPem } = await worldOf(pebble).order(names, { board: http });
  assert.deepEqual((await namesOf(chainPem, pebble)).sort(), [...names].sort());
});

test('an account that has to be bound is, and without a binding there is none', async (t) => {
  const eab = { kid: 'kid-1', hmacKey: Buffer.from('thirty-two bytes that nobody knows').toString('base64url') };
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port, eab });
  const world = worldOf(pebble);
  const failure = await failureOf(world.order(['a.example.com'], { board: http }));
  assert.deepEqual(
    [failure.stage, failure.problem.type],
    ['account', 'urn:ietf:params:acme:error:externalAccountRequired'],
  );
  const { chainPem } = await world.order(['a.example.com'], { board: http, issuer: { ...world.issuer, eab } });
  assert.deepEqual(await namesOf(chainPem, pebble), ['a.example.com']);
});

test('where half of all nonces are bad, orders go through', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port, badNoncePercent: 50 });
  const { chainPem } = await worldOf(pebble).order(['a.example.com', 'b.example.com'], { board: http });
  assert.deepEqual(await namesOf(chainPem, pebble), ['a.example.com', 'b.example.com']);
});

test('an authorization that is valid still is used again: nothing is shown for it', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port, authzReusePercent: 100 });
  const world = worldOf(pebble);
  await (await world.order(['a.example.com'], { board: http })).settle();
  const { chainPem } = await world.order(['a.example.com'], { board: http });
  assert.deepEqual(await namesOf(chainPem, pebble), ['a.example.com']);
  assert.equal(http.shows, 1);
});

test('certificates of two minutes come with the times that were asked of pebble', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port, validitySeconds: 120 });
  const { notBeforeMs, notAfterMs } = await worldOf(pebble).order(['a.example.com'], { board: http });
  assert.ok(Math.abs(notAfterMs - notBeforeMs - 120_000) <= 1000);
});

test('what pebble could not check is told by name, challenge and reason', async (t) => {
  const http = await HttpResponder.start(t);
  const pebble = await startPebble(t, { httpPort: http.port });
  await pebble.dns?.fail('lost.example.com');
  await pebble.dns?.setAddresses('elsewhere.example.com', ['127.0.0.99']);
  const names = ['lost.example.com', 'a.example.com', 'elsewhere.example.com'];
  const failure = await failureOf(worldOf(pebble).order(names, { board: http }));
  assert.equal(failure.stage, 'challenge');
  const told = failure.problem.subproblems.map(({ name, detail }) => `${name} ${detail.split(': ')[0]}`);
  assert.deepEqual(told.sort(), ['elsewhere.example.com http-01', 'lost.example.com http-01']);
  const elsewhere = failure.problem.subproblems.find(({ name }) => name === 'elsewhere.example.com');
  assert.equal(elsewhere?.type, 'urn:ietf:params:acme:error:connection');
  assert.match(elsewhere?.detail ?? '', /connection refused/);
});

test('a directory whose own HTTPS nobody vouches for is not asked', async (t) => {
  const pebble = await startPebble(t);
  const failure = await failureOf(new OrderWorld({ directoryUrl: pebble.directoryUrl }).order(['a.example.com']));
  assert.equal(failure.stage, 'directory');
  assert.match(failure.message, /its own HTTPS certificate is signed by nobody known \([A-Z_]+\)$/);
});

test('an account that pebble has forgotten, as it does when it is started anew, is made again', async (t) => {
  const http = await HttpResponder.start(t);
  const [before, after] = [
    await startPebble(t, { httpPort: http.port }),
    await startPebble(t, { httpPort: http.port }),
  ];
  const old = worldOf(before);
  await (await old.order(['a.example.com'], { board: http })).settle();
  const kept = [...old.kept].map(([key, value]) => [key, value] as const);
  const moved = (text: string) => text.replaceAll(new URL(before.directoryUrl).host, new URL(after.directoryUrl).host);
  const world = new OrderWorld(
    { directoryUrl: after.directoryUrl, caPem: after.caPem },
    new Map(kept.map(([key, value]) => [moved(key), moved(value)])),
  );
  const { chainPem } = await world.order(['a.example.com'], { board: http });
  assert.deepEqual(await namesOf(chainPem, after), ['a.example.com']);
  assert.ok(world.lines.some((line) => line.includes('lost our account')));
});
