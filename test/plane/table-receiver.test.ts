import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamTransport } from '../../src/http/transport.ts';
import { type PackedTable, withoutKnown } from '../../src/plane/packed-table.ts';
import { TablePacker } from '../../src/plane/table-packer.ts';
import { TableReceiver } from '../../src/plane/table-receiver.ts';
import { TrafficLedger } from '../../src/plane/traffic-ledger.ts';
import { type LiveRoute, TableCell } from '../../src/proxy/table-cell.ts';
import type { Backend, Route } from '../../src/routing/table.ts';
import { Peers } from '../../src/upstream/peers.ts';
import { request } from '../routing/builders.ts';
import { stepWorld } from '../steps/step-world.ts';
import { aBackend, aPickingWorld, aRoute } from '../upstream/builders.ts';

const routeTo = (backend: Backend): Route => aRoute({ serving: { kind: 'pool', backends: [backend] } });
const routesOf = (count: number): Route[] => Array.from({ length: count }, () => routeTo(aBackend()));
const hostOf = ({ host }: Route): string => (host.kind === 'exact' ? host.name : '');

/** A worker's way of taking tables; a clock that leaps makes every part a turn of its own. */
function worker({ leapMs = 0 } = {}) {
  const upstream: UpstreamTransport = { send: () => assert.fail('not asked'), forget() {}, close() {} };
  const peers = new Peers(upstream);
  const cell = new TableCell(peers, aPickingWorld(), stepWorld());
  const packer = new TablePacker(new TrafficLedger());
  const applied: number[] = [];
  let nowMs = 0;
  let sent: PackedTable | null = null;
  let reached = { version: 0, resolve: () => {} };
  const receiver = new TableReceiver({
    begin: (version) => cell.begin(version),
    withdraw: (containerId) => peers.withdraw(containerId),
    onApplied(version) {
      applied.push(version);
      if (version === reached.version) reached.resolve();
    },
    monotonic: () => (nowMs += leapMs),
  });
  return {
    cell,
    peers,
    receiver,
    applied,
    send(version: number, routes: readonly Route[]): void {
      const packed = packer.pack({ version, routes });
      receiver.receive(structuredClone(withoutKnown(packed, sent)));
      sent = packed;
    },
    until: (version: number) => new Promise<void>((resolve) => (reached = { version, resolve })),
    find(route: Route): LiveRoute {
      const found = cell.match(request({ host: hostOf(route) }));
      assert.ok(typeof found !== 'string', `${route.id}: ${String(found)}`);
      return found;
    },
  };
}

test('a small table serves at once', () => {
  const { send, cell, find } = worker();
  send(1, []);
  assert.equal(cell.version, 1);
  const [route] = routesOf(1) as [Route];
  send(2, [route]);
  assert.equal(find(route).route.id, route.id);
});

test('a large table takes several turns, and the one before serves until it is whole', async () => {
  const { send, cell, find, until } = worker({ leapMs: 1 });
  const old = routesOf(1) as [Route];
  const routes = routesOf(1_000);
  send(1, old);
  const whole = until(2);
  send(2, routes);
  assert.equal(cell.version, 1);
  find(old[0]);
  await whole;
  for (const route of routes) assert.equal(find(route).route.id, route.id);
  assert.equal(cell.match(request({ host: hostOf(old[0]) })), 'host-unknown');
});

test('a route that did not change stays the same object with all it has, through tables that others change', async () => {
  const { send, find, until } = worker({ leapMs: 1 });
  const routes = routesOf(1_000);
  const [first, last] = [routes[0] as Route, routes[999] as Route];
  let whole = until(1);
  send(1, routes);
  await whole;
  const before = find(last);
  whole = until(2);
  send(2, [{ ...first, priority: 1 }, ...routes.slice(1)]);
  await whole;
  assert.equal(find(last), before);
  assert.equal(find(first).route.priority, 1);
});

test('of the tables that come while one is read only the newest follows, and it is whole', async () => {
  const { send, find, until, applied } = worker({ leapMs: 1 });
  const routes = routesOf(1_000);
  const whole = until(3);
  send(1, routes);
  // Brings a part that the third table does not bring again.
  send(2, [...routes, ...routesOf(300)]);
  const third = [...routes, ...routesOf(500)];
  send(3, third);
  await whole;
  assert.deepEqual(applied, [1, 3]);
  for (const route of third) find(route);
});

test('a container that was withdrawn while an older table is read gets nothing from it', async () => {
  const { send, peers, receiver, until } = worker({ leapMs: 1 });
  const backend = aBackend();
  const routes = [routeTo(backend), ...routesOf(1_000)];
  let whole = until(1);
  send(1, routes);
  await whole;
  whole = until(2);
  send(2, [...routes, ...routesOf(1)]);
  receiver.withdraw(backend.id);
  assert.equal(peers.of(backend)?.state, 'draining');
  await whole;
  assert.equal(peers.of(backend)?.state, 'draining');
  // The next table knows of it, and its word counts.
  whole = until(3);
  send(3, routes);
  await whole;
  assert.equal(peers.of(backend)?.state, 'healthy');
});

test('states of a table take effect together with it, not while it is read', async () => {
  const { send, peers, until } = worker({ leapMs: 1 });
  const [leaves, comes] = [aBackend(), aBackend({ state: 'starting' })];
  const rest = routesOf(1_000);
  let whole = until(1);
  send(1, [routeTo(leaves), ...rest, routeTo(comes)]);
  await whole;
  whole = until(2);
  send(2, [routeTo({ ...leaves, state: 'draining' }), ...rest, routeTo({ ...comes, state: 'healthy' })]);
  assert.deepEqual([peers.of(leaves)?.state, peers.of(comes)?.state], ['healthy', 'starting']);
  await whole;
  assert.deepEqual([peers.of(leaves)?.state, peers.of(comes)?.state], ['draining', 'healthy']);
});

test('a part that was never sent is an error, not a hole in the table', () => {
  const { receiver } = worker();
  assert.throws(() => receiver.receive({ version: 1, parts: [{ id: 7, bytes: null }] }), /part 7 of table 1/);
});
