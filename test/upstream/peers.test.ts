import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamTransport } from '../../src/http/transport.ts';
import type { Backend, RouteTable } from '../../src/routing/table.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { Peers } from '../../src/upstream/peers.ts';
import { aBackend, aRoute, tcpCheck } from './builders.ts';

function peersWith(...backends: Backend[]) {
  const forgotten: string[] = [];
  const upstream: UpstreamTransport = {
    send: () => assert.fail('not asked'),
    forget: (id) => forgotten.push(id),
    close() {},
  };
  const peers = new Peers(upstream);
  peers.reconcile(tableOf(...backends));
  return { peers, forgotten };
}

function tableOf(...backends: Backend[]): RouteTable {
  return { version: 1, routes: [aRoute({ serving: { kind: 'pool', backends } })] };
}

test('a peer keeps its live numbers through a swap', () => {
  const backend = aBackend({ id: 'a' });
  const { peers } = peersWith(backend);
  const before = peers.of(backend);
  for (let i = 0; i < 3; i++) before?.begin();
  peers.reconcile(tableOf({ ...backend, weight: 7 }));
  assert.equal(peers.of(backend), before);
  assert.equal(before?.inFlight, 3);
  assert.equal(before?.weight, 7);
});

test('the kept connections of a container that left are closed', () => {
  const backend = aBackend({ id: 'a' });
  const { peers, forgotten } = peersWith(backend);
  peers.reconcile(tableOf());
  assert.deepEqual(forgotten, [peerId(backend)]);
  assert.equal(peers.of(backend), undefined);
});

test('a container that comes back at another address is another peer', () => {
  const backend = aBackend({ id: 'a', host: '172.17.0.2' });
  const moved = { ...backend, host: '172.17.0.3' };
  const { peers, forgotten } = peersWith(backend);
  peers.reconcile(tableOf(moved));
  assert.deepEqual(forgotten, [peerId(backend)]);
  assert.equal(peers.of(moved)?.address.host, '172.17.0.3');
});

test('two containers that swap addresses do not swap connections', () => {
  const [a, b] = [aBackend({ id: 'a', host: '172.17.0.2' }), aBackend({ id: 'b', host: '172.17.0.3' })];
  const { peers, forgotten } = peersWith(a, b);
  peers.reconcile(tableOf({ ...a, host: b.host }, { ...b, host: a.host }));
  assert.deepEqual(forgotten.sort(), [peerId(a), peerId(b)].sort());
});

test('a container that was left out for its failures is asked again at once when it has been restarted', () => {
  const backend = aBackend({ id: 'a' });
  const { peers } = peersWith(backend);
  for (let i = 0; i < 3; i++) peers.of(backend)?.fail();
  assert.equal(peers.of(backend)?.available, false);
  peers.reconcile(tableOf({ ...backend, state: 'stopped' }));
  peers.reconcile(tableOf(backend));
  assert.equal(peers.of(backend)?.available, true);
});

test('new terms of ejection reach a peer that serves already', () => {
  const backend = aBackend({ id: 'a' });
  const { peers } = peersWith(backend);
  peers.reconcile(tableOf({ ...backend, maxFails: 1 }));
  peers.of(backend)?.fail();
  assert.equal(peers.of(backend)?.available, false);
});

test('a withdrawn container takes nothing new at once', () => {
  const backend = aBackend({ id: 'a' });
  const { peers } = peersWith(backend);
  peers.withdraw('a');
  assert.equal(peers.of(backend)?.available, false);
  peers.reconcile(tableOf(backend));
  assert.equal(peers.of(backend)?.available, true);
});

test('a container that is checked takes nothing before its check has passed, nor after it failed', () => {
  const backend = aBackend({ id: 'a', check: tcpCheck() });
  const { peers } = peersWith(backend);
  const available = () => peers.of(backend)?.available;
  assert.deepEqual([available(), peers.of(backend)?.state], [false, 'starting']);
  peers.admit([{ peer: peerId(backend), state: 'healthy' }]);
  assert.equal(available(), true);
  peers.admit([{ peer: peerId(backend), state: 'unhealthy' }]);
  assert.deepEqual([available(), peers.of(backend)?.state], [false, 'unhealthy']);
});

test('a check that has passed before the table came counts with it, and the table has the last word', () => {
  const backend = aBackend({ id: 'a', check: tcpCheck() });
  const { peers } = peersWith();
  peers.admit([{ peer: peerId(backend), state: 'healthy' }]);
  peers.reconcile(tableOf(backend));
  assert.equal(peers.of(backend)?.available, true);
  peers.reconcile(tableOf({ ...backend, state: 'stopped' }));
  assert.equal(peers.of(backend)?.available, false);
  peers.admit([{ peer: peerId(backend), state: 'starting' }]);
  peers.reconcile(tableOf(backend));
  assert.equal(peers.of(backend)?.available, false);
});

test('routes that want different checks of a container do not speak for each other', () => {
  const [checked, trusted] = [aBackend({ id: 'a', check: tcpCheck() }), aBackend({ id: 'a' })];
  const { peers } = peersWith(checked, trusted);
  assert.deepEqual([peers.of(checked)?.available, peers.of(trusted)?.available], [false, true]);
});

test('whoever waits is told once per turn that a peer may have become available', async () => {
  const backends = [aBackend({ check: tcpCheck() }), aBackend({ check: tcpCheck() })];
  const { peers } = peersWith();
  let told = 0;
  peers.onAvailable = () => told++;
  peers.reconcile(tableOf(...backends));
  peers.admit(backends.map((backend) => ({ peer: peerId(backend), state: 'healthy' })));
  assert.equal(told, 0);
  await null;
  assert.equal(told, 1);
  peers.admit([{ peer: peerId(backends[0] as Backend), state: 'unhealthy' }]);
  await null;
  assert.equal(told, 1);
  peers.admit([{ peer: peerId(backends[0] as Backend), state: 'healthy' }]);
  await null;
  assert.equal(told, 2);
});
