import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../../scripts/demo/ports.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import type { DnsAccess } from '../../../src/tls/acme/issuer.ts';
import { type DnsSurroundings, dnsRecords } from '../../../src/tls/dns/dns-records.ts';
import { decodeMessage, encodeMessage } from '../../../src/tls/dns/wire-message.ts';
import { eventually } from '../../support/engine.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type Named, type NamedKey, type NamedWish, startNamed } from '../../support/named.ts';
import { failureOf } from './failure-of.ts';
import { changing, udpOnly } from './relayed-named.ts';

const { signal } = new AbortController();
const never = { level: 'silent', format: 'json' } as const;

interface Scene {
  readonly named: Named;
  /** Records of an access that uses a key, the first one unless another is given. */
  records(about?: {
    key?: Partial<NamedKey>;
    port?: number;
    surroundings?: Partial<DnsSurroundings>;
  }): ReturnType<typeof dnsRecords>;
}

async function scene(t: TestContext, wish: Partial<NamedWish> = {}): Promise<Scene> {
  const named = await startNamed(t, { zones: { 'example.test': [] }, ...wish });
  return {
    named,
    records({ key = {}, port = named.port, surroundings = {} } = {}) {
      const { name, algorithm, secret } = { ...(named.keys[0] as NamedKey), ...key };
      const server = { host: '127.0.0.1', port };
      const access: DnsAccess = { kind: 'rfc2136', server, keyName: name, algorithm, secret };
      return dnsRecords(access, {
        clock: systemClock,
        log: createLog(never),
        resolverAt: named.resolverAt,
        random: Math.random,
        env: {},
        ...surroundings,
      });
    },
  };
}

for (const algorithm of ['hmac-sha256', 'hmac-sha512'] as const) {
  test(`BIND takes a value signed with ${algorithm}, tells it, and forgets it when it is removed`, async (t) => {
    const { named, records } = await scene(t, { keys: [{ name: 'fl.key', algorithm }] });
    const held = await records().add('app.example.test', 'aValue', signal);
    assert.deepEqual(await named.txt('_acme-challenge.app.example.test'), ['aValue']);
    await held.remove();
    assert.deepEqual(await named.txt('_acme-challenge.app.example.test'), []);
  });
}

test('values of a name and its wildcard stand side by side, beside those of others, and go one by one', async (t) => {
  const { named, records } = await scene(t, {
    zones: { 'example.test': ['_acme-challenge.app TXT "of somebody else"'] },
  });
  const ours = records();
  const [one, two, again] = await Promise.all(
    ['one', 'two', 'one'].map((value) => ours.add('app.example.test', value, signal)),
  );
  const txt = () => named.txt('_acme-challenge.app.example.test');
  assert.deepEqual(await txt(), ['of somebody else', 'one', 'two']);
  await one?.remove();
  assert.deepEqual(await txt(), ['of somebody else', 'one', 'two']);
  await two?.remove();
  assert.deepEqual(await txt(), ['of somebody else', 'one']);
  await again?.remove();
  assert.deepEqual(await txt(), ['of somebody else']);
});

test('a value of more than 255 bytes is carried in several strings', async (t) => {
  const { named, records } = await scene(t);
  const value = 'v'.repeat(600);
  await records().add('app.example.test', value, signal);
  assert.deepEqual(await named.txt('_acme-challenge.app.example.test'), [value]);
});

test('the record goes into the zone that is nearest to the name', async (t) => {
  const { named, records } = await scene(t, {
    zones: { 'example.test': ['sub NS ns1.sub', 'ns1.sub A 127.0.0.1'], 'sub.example.test': [] },
  });
  await records().add('sub.example.test', 'below', signal);
  assert.deepEqual(await named.txt('_acme-challenge.sub.example.test'), ['below']);
});

test('a CNAME that leaves the challenge to another zone is followed', async (t) => {
  const { named, records } = await scene(t, {
    zones: { 'example.test': ['_acme-challenge.app CNAME app.challenges.test.'], 'challenges.test': [] },
  });
  const held = await records().add('app.example.test', 'elsewhere', signal);
  assert.deepEqual(await named.txt('app.challenges.test'), ['elsewhere']);
  await held.remove();
  assert.deepEqual(await named.txt('app.challenges.test'), []);
});

const otherSecret = Buffer.alloc(32, 7).toString('base64');

for (const [what, wish, key, words] of [
  [
    'may not change the zone',
    'idle',
    {},
    /refuses to change _acme-challenge\.app\.example\.test in the zone example\.test \(REFUSED\).*grant idle name/,
  ],
  ['is unknown', 'fairlead', { name: 'stranger' }, /does not know the key stranger.*BADKEY/],
  [
    'has another algorithm',
    'fairlead',
    { algorithm: 'hmac-sha512' },
    /does not know the key fairlead.*another algorithm/,
  ],
  ['has another secret', 'fairlead', { secret: otherSecret }, /another secret for the key fairlead \(BADSIG\)/],
] as const) {
  test(`a key that ${what} is a failure that says so, without the secret`, async (t) => {
    const { named, records } = await scene(t, { idleKeys: [{ name: 'idle', algorithm: 'hmac-sha256' }] });
    const found = named.keys.find(({ name }) => name === wish) as NamedKey;
    const failure = await failureOf(records({ key: { ...found, ...key } }).add('app.example.test', 'v', signal));
    assert.match(failure.message, words);
    assert.equal(failure.stage, 'challenge');
    for (const secret of [otherSecret, found.secret]) assert.ok(!failure.message.includes(secret));
  });
}

test('a clock that is an hour off is a failure that says by how much', async (t) => {
  const { records } = await scene(t);
  const clock = { ...systemClock, now: () => Date.now() - 3_600_000 };
  const failure = await failureOf(records({ surroundings: { clock } }).add('app.example.test', 'v', signal));
  assert.match(failure.message, /do not agree on the time: its clock is 3(599|600|601) s ahead of ours \(BADTIME\)/);
});

test('a zone that the server does not serve is refused in words', async (t) => {
  const { records } = await scene(t);
  const failure = await failureOf(records().add('app.other.test', 'v', signal));
  assert.match(failure.message, /refuses to say which zone _acme-challenge\.app\.other\.test is in \(REFUSED\)/);
});

test('a server that is reached over UDP alone, with datagrams lost and others among them, is asked over UDP', async (t) => {
  const { named, records } = await scene(t);
  const port = await udpOnly(t, named.port, { lose: 1 });
  await records({ port }).add('app.example.test', 'v', signal);
  assert.deepEqual(await named.txt('_acme-challenge.app.example.test'), ['v']);
});

for (const [how, change] of [
  ['changed on its way', (answer: Buffer) => answer.fill(answer.readUInt8(3) ^ 0x10, 3, 4)],
  ['stripped of its signature', (answer: Buffer) => withoutSignature(answer)],
] as const) {
  test(`an answer that was ${how} is not believed`, async (t) => {
    const { named, records } = await scene(t);
    const port = await changing(t, named.port, change);
    const failure = await failureOf(records({ port }).add('app.example.test', 'v', signal));
    assert.match(failure.message, /does not bear its signature with the key fairlead/);
  });
}

/** All our name servers put it last. */
function withoutSignature(answer: Buffer): Buffer {
  const decoded = decodeMessage(answer);
  assert.ok(decoded);
  return encodeMessage({ ...decoded.message, additionals: decoded.message.additionals.slice(0, -1) });
}

test('a server that is not there is a failure that names it', async (t) => {
  const { records } = await scene(t);
  const port = await freePort(0);
  const failure = await failureOf(records({ port }).add('app.example.test', 'v', signal));
  assert.match(
    failure.message,
    new RegExp(`the name server 127.0.0.1:${port} does not answer \\(over TCP: .*ECONNREFUSED`),
  );
});

test('a server that accepts and is silent is given up after 5 s over TCP and 5 s over UDP', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const silent = createSocket('udp4').bind((server.address() as AddressInfo).port, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { records } = await scene(t);
  const clock = new FakeClock();
  const port = silent.address().port;
  const adding = failureOf(records({ port, surroundings: { clock } }).add('app.example.test', 'v', signal));
  await eventually('TCP is being waited for', async () => clock.pending === 1);
  clock.advance(5_000);
  await eventually('UDP is being waited for', async () => clock.pending === 3);
  clock.advance(5_000);
  assert.match((await adding).message, /over TCP: no answer within 5 s; over UDP: no answer within 5 s/);
  assert.equal(clock.pending, 0);
});

test('an abort ends the exchange with its reason', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}));
  const connected = once(server.listen(0, '127.0.0.1'), 'connection');
  await once(server, 'listening');
  t.after(() => server.close());
  const { records } = await scene(t);
  const abort = new AbortController();
  const port = (server.address() as AddressInfo).port;
  const adding = records({ port }).add('app.example.test', 'v', abort.signal);
  await connected;
  abort.abort(new Error('shutting down'));
  await assert.rejects(adding, /^Error: shutting down$/);
});
