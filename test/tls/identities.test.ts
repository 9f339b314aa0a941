import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TlsIdentity, TlsVerdict } from '../../src/http/transport.ts';
import type { CertificateSet, ShownCertificate, ShownHost } from '../../src/tls/certificate-set.ts';
import { Identities } from '../../src/tls/identities.ts';

const certificate = (id: string, ...names: string[]): ShownCertificate => ({
  ...{ id, names, trusted: false },
  ...{ chainPem: `chain of ${id}`, keyPem: `key of ${id}` },
});
const shown = (host: string, id: string, about: Partial<ShownHost> = {}): ShownHost => ({
  ...{ host, certificate: id, minVersion: '1.2', clientCaPem: null, placeholder: false },
  ...about,
});
const setOf = (about: Partial<CertificateSet>): CertificateSet => ({
  ...{ certificates: [], hosts: [], patterns: [], fallback: null },
  ...about,
});

function identitiesOf(about: Partial<CertificateSet>): { identities: Identities; wanted: string[] } {
  const wanted: string[] = [];
  const identities = new Identities((name) => wanted.push(name));
  identities.take(setOf(about));
  return { identities, wanted };
}

const hello = (serverName: string | null, ...protocols: string[]) => ({ serverName, protocols });

function served(verdict: TlsVerdict | Promise<TlsVerdict>): TlsIdentity {
  assert.ok(!(verdict instanceof Promise) && verdict.kind === 'serve');
  return verdict.identity;
}

const two = {
  certificates: [certificate('a', 'a.test', 'www.a.test'), certificate('w', '*.b.test')],
  hosts: [shown('a.test', 'a'), shown('www.a.test', 'a'), shown('*.b.test', 'w')],
};

test('a name is shown its own certificate, and a name one label below a wildcard that of the wildcard', () => {
  const { identities } = identitiesOf(two);
  assert.equal(served(identities.decide(hello('a.test', 'h2'))).chainPem, 'chain of a');
  assert.equal(served(identities.decide(hello('x.b.test'))).chainPem, 'chain of w');
});

test('names that nobody claims, deeper ones and clients without a name are refused', () => {
  const { identities } = identitiesOf(two);
  for (const name of ['b.test', 'x.y.b.test', 'other.test', null])
    assert.deepEqual(identities.decide(hello(name)), { kind: 'refuse' });
});

test('a client that connects to an address, and so sends no name, is shown the certificate of that address', () => {
  const { identities } = identitiesOf({
    certificates: [certificate('ip', '192.0.2.1')],
    hosts: [shown('192.0.2.1', 'ip')],
  });
  assert.equal(served(identities.decide(hello(null))).chainPem, 'chain of ip');
});

test('where unknown hosts are to be answered, an unknown name is shown the fallback, which hides no host', () => {
  const { identities } = identitiesOf({
    certificates: [certificate('f', 'fairlead.internal'), certificate('a', 'a.test')],
    hosts: [shown('a.test', 'a')],
    fallback: 'f',
  });
  const identity = served(identities.decide(hello('other.test')));
  assert.equal(identity.chainPem, 'chain of f');
  assert.ok(identity.covers('other.test'));
  assert.ok(!identity.covers('a.test'));
});

test('a connection may carry requests for every host that its certificate is for, and for no other', () => {
  const { identities } = identitiesOf(two);
  const identity = served(identities.decide(hello('a.test')));
  assert.ok(identity.covers('a.test') && identity.covers('www.a.test'));
  assert.ok(!identity.covers('x.b.test') && !identity.covers('other.test'));
});

test('a host that asks for a client certificate is not to be had over a connection that showed none', () => {
  const { identities } = identitiesOf({
    certificates: [certificate('w', '*.b.test')],
    hosts: [shown('*.b.test', 'w'), shown('private.b.test', 'w', { clientCaPem: 'ca' })],
  });
  const open = served(identities.decide(hello('open.b.test')));
  const closed = served(identities.decide(hello('private.b.test')));
  assert.equal(closed.clientCaPem, 'ca');
  assert.ok(!open.covers('private.b.test') && open.covers('open.b.test'));
  assert.ok(closed.covers('private.b.test') && !closed.covers('open.b.test'));
});

test('a certificate that stays is the same object in the next set, and one that was replaced goes on covering its hosts', () => {
  const { identities } = identitiesOf(two);
  const [a, w] = [served(identities.decide(hello('a.test'))), served(identities.decide(hello('x.b.test')))];
  identities.take(
    setOf({
      certificates: [certificate('a2', 'a.test', 'www.a.test'), certificate('w', '*.b.test')],
      hosts: [shown('a.test', 'a2'), shown('www.a.test', 'a2'), shown('*.b.test', 'w')],
    }),
  );
  assert.equal(served(identities.decide(hello('x.b.test'))), w);
  assert.equal(served(identities.decide(hello('a.test'))).chainPem, 'chain of a2');
  assert.ok(a.covers('a.test') && a.covers('www.a.test') && !a.covers('x.b.test'));
});

test('nobody is sent to a placeholder, which is shown all the same', () => {
  const { identities } = identitiesOf({
    certificates: [certificate('p', 'a.test')],
    hosts: [shown('a.test', 'p', { placeholder: true })],
  });
  assert.equal(served(identities.decide(hello('a.test'))).chainPem, 'chain of p');
  assert.equal(identities.isReady('a.test'), false);
  identities.take(setOf(two));
  assert.ok(identities.isReady('a.test') && identities.isReady('x.b.test') && !identities.isReady('other.test'));
});

const below = { kind: 'wildcard', text: '*.d.test', suffix: '.d.test' } as const;
const patterns = [{ host: below, onDemand: true }];

test('handshakes for a name on demand ask once for its certificate, and all go on when it comes', async () => {
  const { identities, wanted } = identitiesOf({ patterns });
  const verdicts = [1, 2, 3].map(() => identities.decide(hello('x.d.test')));
  assert.deepEqual(identities.decide(hello('other.test')), { kind: 'refuse' });
  assert.deepEqual(wanted, ['x.d.test']);
  identities.take(setOf({ certificates: [certificate('x', 'x.d.test')], hosts: [shown('x.d.test', 'x')], patterns }));
  for (const verdict of await Promise.all(verdicts)) assert.equal(served(verdict).chainPem, 'chain of x');
});

test('the first pattern that takes a name decides, and one without certificates on demand refuses it', () => {
  const { identities, wanted } = identitiesOf({
    patterns: [{ host: below, onDemand: false }, ...patterns],
    certificates: [certificate('f', 'fairlead.internal')],
    fallback: 'f',
  });
  assert.deepEqual(identities.decide(hello('x.d.test')), { kind: 'refuse' });
  assert.deepEqual(wanted, []);
});

test('a host without a certificate is refused though a wildcard would take it, and is not to be had over its connection', () => {
  const { identities } = identitiesOf({
    certificates: [certificate('w', '*.b.test')],
    hosts: [shown('*.b.test', 'w'), { ...shown('plain.b.test', ''), certificate: null }],
  });
  assert.deepEqual(identities.decide(hello('plain.b.test')), { kind: 'refuse' });
  assert.equal(identities.isReady('plain.b.test'), false);
  assert.ok(!served(identities.decide(hello('x.b.test'))).covers('plain.b.test'));
});

test('more names on demand than may be waited for are refused, and a worker that leaves lets go of all', async () => {
  const { identities, wanted } = identitiesOf({ patterns });
  const verdicts = Array.from({ length: 300 }, (_, i) => identities.decide(hello(`x${i}.d.test`)));
  assert.equal(wanted.length, 256);
  identities.close();
  for (const verdict of await Promise.all(verdicts)) assert.deepEqual(verdict, { kind: 'refuse' });
});

test('an issuer that asks by TLS is shown the certificate of its challenge, which nobody else is', () => {
  const { identities } = identitiesOf(two);
  identities.takeChallenges([{ kind: 'alpn', name: 'a.test', chainPem: 'proof', keyPem: 'key' }]);
  const verdict = identities.decide(hello('a.test', 'acme-tls/1'));
  assert.ok(!(verdict instanceof Promise) && verdict.kind === 'challenge');
  assert.equal(verdict.identity.chainPem, 'proof');
  assert.deepEqual(identities.decide(hello('www.a.test', 'acme-tls/1')), { kind: 'refuse' });
  assert.equal(served(identities.decide(hello('a.test', 'h2'))).chainPem, 'chain of a');
  identities.takeChallenges([]);
  assert.deepEqual(identities.decide(hello('a.test', 'acme-tls/1')), { kind: 'refuse' });
});

test('an issuer that asks by HTTP reads the proof of exactly this name and token', () => {
  const { identities } = identitiesOf({});
  identities.takeChallenges([{ kind: 'http', name: 'a.test', token: 't1', keyAuthorization: 't1.thumb' }]);
  assert.equal(identities.keyAuthorization('a.test', 't1'), 't1.thumb');
  assert.equal(identities.keyAuthorization('a.test', 't2'), null);
  assert.equal(identities.keyAuthorization('b.test', 't1'), null);
});
