import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Affinity } from '../../src/upstream/affinity.ts';
import type { Peer } from '../../src/upstream/peer.ts';
import { fc } from '../support/properties.ts';
import { aPeer, aRequest } from './builders.ts';

const any = () => true;
const plain = { secure: false };

function affinityOf(peers: readonly Peer[], about: { host?: string; key?: string; ttlMs?: number } = {}): Affinity {
  const { host = 'app.test', key = 'secret', ttlMs = 0 } = about;
  return new Affinity({ cookie: 'fairlead', ttlMs }, { host, key, peers });
}

/** What a browser sends next, given what it was told. */
const backWith = (line: string | null, ...others: string[]) =>
  aRequest({ headers: { cookie: [...others, (line ?? '').split(';')[0]].join('; ') } });
const sessionWith = (affinity: Affinity, peer: Peer, ...others: string[]) =>
  backWith(affinity.setCookie(aRequest(), peer, plain), ...others);

test('a client is told once where it belongs, and is found again by it', () => {
  const peers = [aPeer(), aPeer(), aPeer()] as [Peer, Peer, Peer];
  const affinity = affinityOf(peers);
  for (const peer of peers) {
    const session = sessionWith(affinity, peer, 'theme=dark', 'fairlead2=x');
    assert.equal(affinity.peerOf(session, any), peer);
    assert.equal(affinity.setCookie(session, peer, plain), null);
  }
  assert.equal(affinity.peerOf(aRequest(), any), null);
});

test('the cookie is HttpOnly and Lax, Secure only over TLS, and lives as long as was asked', () => {
  const peer = aPeer();
  const line = (about: { ttlMs?: number }, how: { secure: boolean }) =>
    affinityOf([peer], about)
      .setCookie(aRequest(), peer, how)
      ?.replace(/=[\w-]{22};/, '=…;');
  assert.equal(line({}, plain), 'fairlead=…; Path=/; HttpOnly; SameSite=Lax');
  assert.equal(line({}, { secure: true }), 'fairlead=…; Path=/; Secure; HttpOnly; SameSite=Lax');
  assert.equal(line({ ttlMs: 1_500 }, plain), 'fairlead=…; Path=/; Max-Age=2; HttpOnly; SameSite=Lax');
});

test('another worker, or the proxy after a restart, knows the session by the same key alone', () => {
  const peers = [aPeer({ id: 'c1' }), aPeer({ id: 'c2' })] as [Peer, Peer];
  const session = sessionWith(affinityOf(peers), peers[1]);
  const elsewhere = [aPeer({ id: 'c2' }), aPeer({ id: 'c1' })] as [Peer, Peer];
  assert.equal(affinityOf(elsewhere).peerOf(session, any), elsewhere[0]);
  assert.equal(affinityOf(elsewhere, { key: 'other' }).peerOf(session, any), null);
  assert.equal(affinityOf(elsewhere, { host: 'other.test' }).peerOf(session, any), null);
});

test('the cookie says nothing of the container, the host or the address', () => {
  const peer = aPeer({ id: 'c0ffee'.repeat(10), container: 'shop', host: '172.18.0.5' });
  const value = affinityOf([peer]).setCookie(aRequest(), peer, plain)?.split(';')[0] ?? '';
  const [, token = ''] = value.split('=');
  const decoded = Buffer.from(token, 'base64url');
  assert.equal(decoded.length, 16);
  for (const text of [token, decoded.toString('latin1'), decoded.toString('hex')])
    for (const secret of ['c0ffee', 'shop', '172.18', 'app.test']) assert.ok(!text.includes(secret));
});

test('forged and foreign cookies are as good as none', () => {
  const peer = aPeer();
  const affinity = affinityOf([peer]);
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (value) => {
      const forged = aRequest({ headers: { cookie: `fairlead=${value}` } });
      assert.equal(affinity.peerOf(forged, any), null);
      assert.match(affinity.setCookie(forged, peer, plain) ?? '', /^fairlead=[\w.-]{22,91}; Path/);
    }),
  );
});

test('a session whose container cannot take it begins anew with another, and stays there', () => {
  const [a, b] = [aPeer(), aPeer()] as [Peer, Peer];
  const affinity = affinityOf([a, b]);
  const old = sessionWith(affinity, a);
  assert.equal(
    affinity.peerOf(old, (peer) => peer !== a),
    null,
  );
  const fresh = backWith(affinity.setCookie(old, b, plain));
  assert.equal(affinity.peerOf(fresh, any), b);
});

test('routes of one host share the cookie: with the same containers they agree, with others each keeps its own', () => {
  const [a, b, c, d] = [aPeer(), aPeer(), aPeer(), aPeer()] as [Peer, Peer, Peer, Peer];
  const [shop, cart, blog] = [affinityOf([a, b]), affinityOf([b, a]), affinityOf([c, d])];
  const first = sessionWith(shop, b);
  assert.equal(cart.peerOf(first, any), b);
  const both = backWith(blog.setCookie(first, d, plain));
  assert.deepEqual([shop.peerOf(both, any), cart.peerOf(both, any), blog.peerOf(both, any)], [b, b, d]);
  assert.equal(shop.setCookie(both, b, plain), null);
  const moved = backWith(shop.setCookie(both, a, plain));
  assert.deepEqual([cart.peerOf(moved, any), blog.peerOf(moved, any)], [a, d]);
});

test('a client that wanders through many pools carries no more than four sessions', () => {
  let line: string | null = null;
  const pools = Array.from({ length: 9 }, () => {
    const peer = aPeer();
    return { peer, affinity: affinityOf([peer]) };
  });
  for (const { peer, affinity } of pools)
    line = affinity.setCookie(line === null ? aRequest() : backWith(line), peer, plain);
  const known = pools.filter(({ peer, affinity }) => affinity.peerOf(backWith(line), any) === peer);
  assert.deepEqual(known, pools.slice(-4));
});
