import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendState } from '../../src/routing/table.ts';
import { Affinity } from '../../src/upstream/affinity.ts';
import { firstInOrder } from '../../src/upstream/balancer.ts';
import type { Peer } from '../../src/upstream/peer.ts';
import { type PeerPool, peerPool } from '../../src/upstream/peer-pool.ts';
import { pick } from '../../src/upstream/pick.ts';
import { aPeer, aRequest } from './builders.ts';

const none = new Set<never>();
const inStates = (...states: BackendState[]) => states.map((state) => aPeer({ state }));
const poolOf = (peers: readonly Peer[], backups: readonly Peer[] = []): PeerPool =>
  peerPool([...peers.map((peer) => ({ peer, backup: false })), ...backups.map((peer) => ({ peer, backup: true }))], {
    balancer: firstInOrder,
    affinity: null,
  });
const picked = (peers: readonly Peer[], tried: ReadonlySet<Peer> = none) => pick(poolOf(peers), tried, aRequest());
const eject = (...peers: Peer[]): void => {
  for (const peer of peers) for (let i = 0; i < 3; i++) peer.fail();
};

test('only healthy peers with a weight are picked', () => {
  const good = aPeer({});
  const peers = [
    ...inStates('starting', 'unhealthy', 'draining', 'stopped', 'paused', 'unreachable'),
    aPeer({ weight: 0 }),
    good,
  ];
  for (let i = 0; i < 5; i++) assert.equal(picked(peers), good);
  assert.equal(picked([aPeer({ weight: 0 })]), 'no-backend');
});

test('a peer that has failed the request is not asked again', () => {
  const [a, b] = [aPeer({}), aPeer({})];
  assert.equal(picked([a, b], new Set([a])), b);
  assert.equal(picked([a, b], new Set([a, b])), 'no-backend');
  assert.equal(picked([a], new Set([a])), 'no-backend');
});

test('without a peer the most hopeful state gives the reason', () => {
  assert.equal(picked([]), 'no-backend');
  assert.equal(picked(inStates('stopped', 'starting')), 'backend-starting');
  assert.equal(picked(inStates('unreachable')), 'unreachable-network');
  // Without a port no network would help.
  assert.equal(picked([aPeer({ state: 'unreachable', host: '', port: 0 })]), 'no-backend');
  assert.equal(picked(inStates('unreachable', 'stopped')), 'no-backend');
});

test('a backup is asked only where no primary can take the request', () => {
  const [primary, backup] = [aPeer({}), aPeer({})];
  const pool = poolOf([primary], [backup]);
  assert.equal(pick(pool, none, aRequest()), primary);
  assert.equal(pick(pool, new Set([primary]), aRequest()), backup);
  primary.state = 'stopped';
  assert.equal(pick(pool, none, aRequest()), backup);
  assert.equal(pick(poolOf([], [backup]), none, aRequest()), backup);
});

test('a peer that is left out for its failures is passed over as long as there is another', () => {
  const [a, b] = [aPeer({}), aPeer({})];
  eject(a);
  assert.equal(picked([a, b]), b);
  assert.equal(picked([a, b], new Set([b])), a);
});

test('failures never close a route: where all are left out, they are asked all the same', () => {
  const [a, b, backup] = [aPeer({}), aPeer({}), aPeer({})];
  eject(a);
  assert.equal(picked([a]), a);
  eject(b);
  assert.equal(pick(poolOf([a, b], [backup]), none, aRequest()), backup);
  eject(backup);
  assert.equal(pick(poolOf([a, b], [backup]), none, aRequest()), a);
  a.state = 'stopped';
  assert.equal(pick(poolOf([a, b], [backup]), none, aRequest()), b);
});

test('a session stays with its container without weight, and goes elsewhere when that cannot answer', () => {
  const [a, b, backup] = [aPeer({}), aPeer({}), aPeer({})];
  const affinity = new Affinity({ cookie: 's', ttlMs: 0 }, { host: 'h', key: 'k', peers: [a, b, backup] });
  const pool = { ...poolOf([a, b], [backup]), affinity };
  const sessionOf = (peer: Peer) => {
    const line = affinity.setCookie(aRequest(), peer, { secure: false }) ?? assert.fail();
    return aRequest({ headers: { cookie: line.split(';')[0] as string } });
  };
  assert.equal(pick(pool, none, sessionOf(b)), b);
  b.weight = 0;
  assert.equal(pick(pool, none, sessionOf(b)), b);
  assert.equal(pick(pool, none, aRequest()), a);
  assert.equal(pick(pool, new Set([b]), sessionOf(b)), a);
  // A backup keeps nobody from the primaries.
  assert.equal(pick(pool, none, sessionOf(backup)), a);
  b.state = 'draining';
  assert.equal(pick(pool, none, sessionOf(b)), a);
  b.state = 'healthy';
  eject(b);
  assert.equal(pick(pool, none, sessionOf(b)), a);
});
