import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamTransport } from '../../src/http/transport.ts';
import type { LoadBalancing } from '../../src/labels/options.ts';
import { choosePeer, nobody } from '../../src/proxy/choose-peer.ts';
import { type Foresight, type ForesightQuestion, foresee } from '../../src/proxy/foresight.ts';
import { type LiveRoute, TableCell } from '../../src/proxy/table-cell.ts';
import type { Backend, RoutePolicy } from '../../src/routing/table.ts';
import { Peers } from '../../src/upstream/peers.ts';
import { Refusal } from '../../src/upstream/refusal.ts';
import { aDesk } from '../cache/a-desk.ts';
import { stepWorld } from '../steps/step-world.ts';
import { fc } from '../support/properties.ts';
import { aBackend, aPickingWorld, aRequest, aRoute } from '../upstream/builders.ts';

const nowMs = 1_800_000_000_000;
const monotonicMs = 100_000;
const world = { now: () => nowMs, monotonic: () => monotonicMs };
const id = 'app.test/';
const cache = aDesk();

/** How one backend stands, besides what the table says. */
interface Stand extends Partial<Backend> {
  readonly busy?: number;
  readonly failed?: boolean;
  readonly refuses?: boolean;
}

/** A worker's table with one route, whose backends stand as they are told. */
function stage(stands: readonly Stand[], policy: Partial<RoutePolicy> = {}) {
  const upstream: UpstreamTransport = { send: () => assert.fail('nobody is asked'), forget() {}, close() {} };
  const peers = new Peers(upstream);
  const cell = new TableCell(peers, aPickingWorld({ monotonic: world.monotonic, random: () => 0 }), stepWorld());
  const backends = stands.map((about, at) =>
    aBackend({ id: `id-${at}`, container: `c${at}`, port: 1_000 + at, ...about }),
  );
  const route = aRoute({ id, serving: { kind: 'pool', backends } });
  cell.swap({ version: 1, routes: [{ ...route, policy: { ...route.policy, ...policy } }] });
  const live = cell.named(id) as LiveRoute;
  for (const [at, { busy = 0, failed = false, refuses = false }] of stands.entries()) {
    const peer = live.peers[at] as LiveRoute['peers'][number];
    for (let i = 0; i < busy; i++) peer.begin();
    for (let i = 0; failed && i < 3; i++) peer.fail();
    if (refuses) peer.refusal = new Refusal(monotonicMs - 1);
  }
  return {
    live,
    foresee: async (about: Partial<ForesightQuestion> = {}): Promise<Foresight> => {
      const question: ForesightQuestion = {
        ...{ route: id, method: 'GET', target: '/', host: 'app.test', path: '/', query: '', port: null },
        ...{ scheme: 'http', clientAddress: '192.0.2.1', headers: [], bodyLength: 0, tunnel: false },
        ...about,
      };
      return (await foresee({ cell, cache, ...world }, question)) ?? assert.fail('the route is there');
    },
    choose: (target = '/') => choosePeer(world, { ...aRequest({ target }), live }, nobody),
  };
}

const stands: fc.Arbitrary<Stand> = fc.record({
  state: fc.constantFrom('healthy', 'healthy', 'healthy', 'starting', 'draining', 'stopped', 'unhealthy'),
  weight: fc.constantFrom(0, 1, 1, 5),
  backup: fc.constantFrom(false, false, true),
  busy: fc.nat(3),
  failed: fc.constantFrom(false, false, true),
  refuses: fc.constantFrom(false, false, true),
  changedMs: fc.constantFrom(0, nowMs),
});
const balancing: fc.Arbitrary<LoadBalancing> = fc.constantFrom<LoadBalancing>(
  { kind: 'roundrobin' },
  { kind: 'least' },
  { kind: 'random2' },
  { kind: 'iphash' },
  { kind: 'hash', by: 'uri' },
  { kind: 'first' },
);

test('what is foreseen is what the next request gets, in whatever state its backends are', async () => {
  const scene = fc.record({
    backends: fc.array(stands, { maxLength: 4 }),
    lb: balancing,
    waitMs: fc.constantFrom(0, 10_000),
    requestsMax: fc.constantFrom(null, 2),
    target: fc.webPath(),
  });
  await fc.assert(
    fc.asyncProperty(scene, async ({ backends, target, ...policy }) => {
      const { foresee: look, choose } = stage(backends, policy);
      for (let turn = 0; turn < 3; turn++) {
        const { pick } = await look({ target });
        assert.deepEqual((await look({ target })).pick, pick);
        const chosen = choose(target);
        if (typeof chosen === 'string')
          assert.deepEqual([pick.kind, 'reason' in pick && pick.reason], ['nobody', chosen]);
        else if (pick.kind === 'peer') assert.equal(pick.id, chosen.address.id);
        else assert.ok(pick.kind === 'among' && pick.ids.includes(chosen.address.id));
      }
    }),
    { numRuns: 200 },
  );
});

test('why a backend is not asked is said of each', async () => {
  const { foresee: look } = stage(
    [{}, { failed: true }, { busy: 2 }, { refuses: true }, { weight: 0 }, { state: 'stopped' }],
    { requestsMax: 2 },
  );
  const { peers, pick } = await look();
  assert.deepEqual(
    peers.map(({ unfit, inFlight }) => [unfit, inFlight]),
    [
      [null, 0],
      ['ejected', 0],
      ['backend-busy', 2],
      ['backend-refused', 0],
      ['drained', 0],
      [null, 0],
    ],
  );
  assert.deepEqual([pick.kind, peers[0]?.id], ['peer', 'id' in pick ? pick.id : '']);
});

test('a client whose cookie names a container stays with it, and a cookie that nobody signed names none', async () => {
  const { live, foresee: look } = stage([{}, {}, {}], { sticky: { cookie: 'fairlead', ttlMs: 0 } });
  const [, second] = live.peers;
  assert.ok(second !== undefined && live.affinity !== null);
  const [cookie = ''] = (live.affinity.setCookie(aRequest(), second, { secure: false }) ?? '').split(';');
  assert.deepEqual((await look({ headers: ['Cookie', cookie] })).pick, {
    kind: 'peer',
    id: second.address.id,
    session: true,
  });
  const forged = (await look({ headers: ['Cookie', `fairlead=${'A'.repeat(22)}`] })).pick;
  assert.equal(forged.kind, 'among');
});

test('where nobody can take it, it is said how long it would be held and what it gets then', async () => {
  const pick = async (stand: Stand, policy: Partial<RoutePolicy> = {}) =>
    (await stage([stand], { waitMs: 10_000, ...policy }).foresee()).pick;
  assert.deepEqual(await pick({ state: 'starting' }), { kind: 'nobody', reason: 'backend-starting', heldMs: 10_000 });
  assert.deepEqual(await pick({ state: 'paused' }), { kind: 'nobody', reason: 'no-backend', heldMs: 0 });
  const full = { requestsMax: 1, queueMs: 2_000 };
  assert.deepEqual(await pick({ busy: 1 }, full), { kind: 'nobody', reason: 'backend-busy', heldMs: 2_000 });
});
