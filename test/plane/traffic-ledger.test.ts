import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThreadCounters } from '../../src/base/shared-counters.ts';
import { PlaneCounters } from '../../src/plane/plane-counters.ts';
import { TrafficLedger } from '../../src/plane/traffic-ledger.ts';
import { ConnectionCounters, connectionCounterShape } from '../../src/proxy/connection-counters.ts';
import { RouteCounters, routeCells, routeCounterShape } from '../../src/proxy/route-counters.ts';
import { latencyBucket } from '../../src/proxy/traffic.ts';
import { Ejections } from '../../src/upstream/ejections.ts';
import { Peer, peerId } from '../../src/upstream/peer.ts';
import { peerCounterShape } from '../../src/upstream/peer-counters.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';

/** A data plane as far as counting goes, with threads that are not threads. */
function dataPlane(ledger: TrafficLedger, threads = 2) {
  const counters = new PlaneCounters(threads);
  const { connections, routes, peers, ejections } = counters.memory;
  return {
    connections: (thread: number) =>
      new ConnectionCounters(new ThreadCounters(connectionCounterShape, connections, thread)),
    route: (thread: number, id: string) =>
      new RouteCounters(new ThreadCounters(routeCounterShape, routes, thread).block(ledger.route(id))),
    peer: (thread: number, id: string) => {
      const backend = aBackend({ id });
      return new Peer(backend, {
        counters: new ThreadCounters(peerCounterShape, peers, thread).block(ledger.peer(id)),
        ejection: new Ejections(ejections).of(ledger.ejection(peerId(backend))),
        monotonic: () => 0,
      });
    },
    report: () => ledger.hear(structuredClone(counters.report(ledger.places()))),
    die: (thread: number) => counters.retire(thread),
  };
}

test('what all workers served is told by the names of routes and containers', () => {
  const ledger = new TrafficLedger();
  const plane = dataPlane(ledger);
  for (const thread of [0, 1]) {
    const counters = plane.route(thread, 'a.example/');
    for (const status of [200, 304, 404, 502]) counters.request(status, 3);
    for (const word of ['HIT', 'HIT', 'BYPASS'] as const) counters.cached(word);
    counters.heldBack({ first: true });
    counters.heldBack({ first: false });
    counters.letGo();
    counters.retried();
    counters.limited();
    counters.sent(1_000);
    plane.connections(thread).opened();
    plane.connections(thread).refused();
    plane.connections(thread).requestBegun();
    plane.peer(thread, 'c1').begin();
  }
  const tunnels = plane.route(1, 'ws.example/');
  tunnels.tunnelOpened();
  tunnels.request(101, null);
  plane.connections(1).looked([{ reading: 0, writing: 1, waiting: 0 }]);
  plane.peer(0, 'c1').fail();
  plane.report();
  const { connections, routes, peers } = ledger.traffic();
  const { latency, cache, ...counts } = routes['a.example/'] ?? assert.fail();
  assert.deepEqual(counts, {
    ...{ requests: 8, s2xx: 2, s3xx: 2, s4xx: 2, s5xx: 2, tunnels: 0 },
    ...{ waiting: 2, held: 2, retries: 2, limited: 2, bytes: 2_000, latencyMs: 24 },
  });
  assert.equal(latency[latencyBucket(3)], 8);
  assert.deepEqual([cache.HIT, cache.BYPASS, cache.MISS], [4, 2, 0]);
  assert.equal(routes['ws.example/']?.tunnels, 1);
  assert.ok(routes['ws.example/']?.latency.every((count) => count === 0));
  assert.deepEqual(peers, { c1: { inFlight: 2, requests: 2, fails: 1 } });
  const expected = { active: 2, accepted: 4, handled: 2, requests: 2, reading: 0, writing: 1, waiting: 1 };
  assert.deepEqual(connections, expected);
  assert.deepEqual(
    [...ledger.routeTotals()].map(([id, sums]) => [id, sums[routeCells.requests]]),
    [
      ['a.example/', 8],
      ['ws.example/', 1],
    ],
  );
});

test('every worker knows what all have in flight at a container', () => {
  const plane = dataPlane(new TrafficLedger());
  const [here, there] = [plane.peer(0, 'c'), plane.peer(1, 'c')];
  here.begin();
  there.begin();
  there.begin();
  assert.equal(here.inFlight, 3);
  there.end();
  assert.equal(here.inFlight, 2);
  plane.die(1);
  assert.equal(here.inFlight, 1);
});

test('a data plane that is killed leaves what was heard of it, but nothing under way', () => {
  const ledger = new TrafficLedger();
  const first = dataPlane(ledger);
  first.route(0, 'a').request(200, 1);
  first.route(0, 'a').tunnelOpened();
  first.route(0, 'a').heldBack({ first: true });
  first.peer(0, 'c').begin();
  first.connections(0).opened();
  first.connections(0).requestBegun();
  first.report();
  ledger.restart();
  const lost = ledger.traffic();
  assert.deepEqual([lost.routes.a?.requests, lost.routes.a?.tunnels, lost.routes.a?.waiting], [1, 0, 0]);
  assert.deepEqual(lost.peers.c, { inFlight: 0, requests: 1, fails: 0 });
  assert.deepEqual([lost.connections.active, lost.connections.accepted, lost.connections.requests], [0, 1, 1]);

  const second = dataPlane(ledger);
  second.route(1, 'a').request(200, 1);
  second.peer(1, 'c').begin();
  second.report();
  const { routes, peers } = ledger.traffic();
  assert.equal(routes.a?.requests, 2);
  assert.equal(routes.a?.latency[latencyBucket(1)], 2);
  assert.deepEqual(peers.c, { inFlight: 1, requests: 2, fails: 0 });
  ledger.restart();
  assert.equal(ledger.traffic().routes.a?.requests, 2);
});

test('what is long gone is forgotten, and its place counts for another from zero', () => {
  const ledger = new TrafficLedger();
  const plane = dataPlane(ledger);
  const gone = Array.from({ length: 1_100 }, (_, i) => `gone-${i}`);
  for (const id of gone) plane.route(0, id).request(200, 1);
  plane.report();
  ledger.tidy({ version: 1, routes: [aRoute()] });
  assert.deepEqual(ledger.traffic().routes, {});
  const late = plane.route(0, 'gone-0');
  for (const id of gone) plane.route(1, `new-${id}`).request(200, 1);
  late.request(200, 1);
  plane.report();
  const { routes } = ledger.traffic();
  assert.equal(Object.keys(routes).length, 1_101);
  assert.ok(Object.values(routes).every(({ requests }) => requests === 1));
});

test('who is left out is told by the name of the peer, until it answers or the data plane ends', () => {
  const ledger = new TrafficLedger();
  const plane = dataPlane(ledger);
  const [one, other] = [plane.peer(0, 'c1'), plane.peer(1, 'c1')];
  plane.peer(0, 'c2').fail();
  const ejected = () => {
    plane.report();
    return [...ledger.traffic().ejected];
  };
  one.fail();
  other.fail();
  assert.deepEqual(ejected(), []);
  one.fail();
  assert.deepEqual(ejected(), [one.address.id]);
  other.begin();
  other.succeed();
  assert.deepEqual(ejected(), []);
  for (let i = 0; i < 3; i++) other.fail();
  assert.deepEqual(ejected(), [one.address.id]);
  ledger.restart();
  assert.deepEqual([...ledger.traffic().ejected], []);
});
