import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { coversHost } from '../../src/tls/covers-host.ts';
import { fc } from '../support/properties.ts';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/);
const host = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

test('a name covers itself and nothing longer or shorter', () => {
  fc.assert(
    fc.property(host, label, (name, more) => {
      assert.equal(coversHost([name], name), true);
      assert.equal(coversHost([name], `${more}.${name}`), false);
      assert.equal(coversHost([`${more}.${name}`], name), false);
    }),
  );
});

test('a wildcard covers one label in its place, neither none nor two', () => {
  fc.assert(
    fc.property(host, label, label, (parent, one, two) => {
      const names = ['other.test', `*.${parent}`];
      assert.equal(coversHost(names, `${one}.${parent}`), true);
      assert.equal(coversHost(names, `*.${parent}`), true);
      assert.equal(coversHost(names, `${two}.${one}.${parent}`), false);
      assert.equal(coversHost(names, parent), false);
      assert.equal(coversHost(names, `.${parent}`), false);
    }),
  );
});

test('an address is covered by itself only', () => {
  assert.equal(coversHost(['10.0.0.1', '2001:db8::1'], '10.0.0.1'), true);
  assert.equal(coversHost(['10.0.0.1', '2001:db8::1'], '2001:db8::1'), true);
  assert.equal(coversHost(['*.0.0.1'], '10.0.0.1'), false);
});

test('nothing is covered that Node as a client would refuse', () => {
  const wanted = fc.tuple(fc.boolean(), host).map(([wild, name]) => (wild ? `*.${name}` : name));
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 4 }), host, fc.nat(), label, (names, other, pick, one) => {
      const asked =
        names.length > 0 && pick % 2 === 0 ? (names[pick % names.length] as string).replace('*', one) : other;
      const peer = { subjectaltname: names.map((name) => `DNS:${name}`).join(', '), subject: {} };
      // Node refuses a wildcard above a single label, as most clients do; whether it is asked for is not decided here.
      if (names.some((name) => /^\*\.[^.]+$/.test(name))) return;
      assert.equal(coversHost(names, asked), checkServerIdentity(asked, peer as PeerCertificate) === undefined);
    }),
  );
});
