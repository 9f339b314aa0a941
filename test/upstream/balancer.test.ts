import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadBalancing } from '../../src/labels/options.ts';
import { type BalancedRequest, type Balancer, balancerOf } from '../../src/upstream/balancer.ts';
import type { Peer } from '../../src/upstream/peer.ts';
import { fc } from '../support/properties.ts';
import { aPeer, aRequest } from './builders.ts';

/** The same lots in every run (mulberry32). */
function lots(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const balancer = (lb: LoadBalancing, seed = 1): Balancer => balancerOf(lb, { monotonic: () => 0, random: lots(seed) });
const byUri = (): Balancer => balancer({ kind: 'hash', by: 'uri' });
const requests = (count: number): BalancedRequest[] =>
  Array.from({ length: count }, (_, i) =>
    aRequest({ target: `/page/${i}`, clientAddress: `10.1.${i >> 8}.${i & 255}` }),
  );

/** Container ids are 64 hexadecimal digits. */
const containers = (weights: readonly number[], seed = 7): Peer[] => {
  const random = lots(seed);
  const digit = () => Math.floor(random() * 16).toString(16);
  return weights.map((weight) => aPeer({ id: Array.from({ length: 64 }, digit).join(''), weight }));
};

/** Share of the requests by peer. */
function shares(chosen: readonly Peer[], peers: readonly Peer[]): number[] {
  return peers.map((peer) => chosen.filter((one) => one === peer).length / chosen.length);
}

const near = (actual: number, expected: number, tolerance: number, what = ''): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected} ${what}`);

const someWeights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 6 });

for (const kind of ['roundrobin', 'random2'] as const) {
  test(`${kind} gives idle peers their weight's share`, () => {
    fc.assert(
      fc.property(someWeights, fc.integer(), (weights, seed) => {
        // Of two that are always asked both, the second drawn is as good: a weight tells only from the third on.
        const peers = containers(weights, seed);
        const choose = balancer({ kind }, seed);
        const chosen = requests(4_000).map((request) => choose.choose(peers, request));
        const total = weights.reduce((sum, weight) => sum + weight);
        for (const [i, share] of shares(chosen, peers).entries()) near(share, (weights[i] as number) / total, 0.04);
      }),
      { numRuns: 30 },
    );
  });
}

test('least takes the peer with the fewest requests in flight for its weight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 5 })), { minLength: 2, maxLength: 6 }),
      (about) => {
        const peers = about.map(([inFlight, weight]) => {
          const peer = aPeer({ weight });
          for (let i = 0; i < inFlight; i++) peer.begin();
          return peer;
        });
        const load = (peer: Peer) => peer.inFlight / peer.weight;
        const chosen = balancer({ kind: 'least' }).choose(peers, aRequest());
        assert.equal(load(chosen), Math.min(...peers.map(load)));
      },
    ),
  );
});

test('least keeps the load even while requests last differently long', () => {
  const peers = containers([1, 2, 3]);
  const [choose, random] = [balancer({ kind: 'least' }), lots(3)];
  const under: Peer[] = [];
  for (let i = 0; i < 3_000; i++) {
    const peer = choose.choose(peers, aRequest());
    peer.begin();
    under.push(peer);
    if (under.length > 60) under.splice(Math.floor(random() * under.length), 1)[0]?.end();
  }
  for (const [i, share] of shares(under, peers).entries()) near(share, (i + 1) / 6, 0.05);
});

test('idle peers take turns under least, by weight', () => {
  const peers = containers([1, 1, 2]);
  const choose = balancer({ kind: 'least' });
  const chosen = Array.from({ length: 400 }, () => choose.choose(peers, aRequest()));
  assert.deepEqual(shares(chosen, peers), [0.25, 0.25, 0.5]);
});

test('random2 never takes the busiest of three', () => {
  const peers = containers([1, 1, 1]);
  for (let i = 0; i < 5; i++) peers[1]?.begin();
  const choose = balancer({ kind: 'random2' });
  const chosen = Array.from({ length: 300 }, () => choose.choose(peers, aRequest()));
  const [first = 0, busiest, third = 0] = shares(chosen, peers);
  assert.equal(busiest, 0);
  near(first, third, 0.15);
});

test('first takes the first that there is', () => {
  const [a, b, c] = containers([1, 9, 1]) as [Peer, Peer, Peer];
  const choose = balancer({ kind: 'first' });
  assert.equal(choose.choose([a, b, c], aRequest()), a);
  assert.equal(choose.choose([b, c], aRequest()), b);
});

test('a hash gives each peer its weight of the keys', () => {
  fc.assert(
    fc.property(someWeights, fc.integer(), (weights, seed) => {
      const peers = containers(weights, seed);
      const chosen = requests(5_000).map((request) => byUri().choose(peers, request));
      const total = weights.reduce((sum, weight) => sum + weight);
      for (const [i, share] of shares(chosen, peers).entries()) near(share, (weights[i] as number) / total, 0.04);
    }),
    { numRuns: 30 },
  );
});

test('a fourth container takes 25 ± 3 % of the keys, and no other key moves', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const four = containers([1, 1, 1, 1], seed);
      const three = four.slice(0, 3);
      let moved = 0;
      for (const request of requests(5_000)) {
        const [before, after] = [byUri().choose(three, request), byUri().choose(four, request)];
        if (before === after) continue;
        moved++;
        assert.equal(after, four[3]);
      }
      near(moved / 5_000, 0.25, 0.03);
    }),
    { numRuns: 30 },
  );
});

test('a container that goes, or cannot answer for a while, moves only its own keys', () => {
  fc.assert(
    fc.property(someWeights, fc.nat(5), fc.integer(), (weights, which, seed) => {
      const peers = containers(weights, seed);
      const gone = peers[which % peers.length] as Peer;
      const left = peers.filter((peer) => peer !== gone);
      for (const request of requests(200)) {
        const before = byUri().choose(peers, request);
        const after = byUri().choose(left, request);
        if (before !== gone) assert.equal(after, before);
      }
    }),
  );
});

test('the same key goes to the same container in every worker and after every restart', () => {
  const [a, b] = [containers([1, 2, 3], 5), containers([1, 2, 3], 5).reverse()];
  for (const request of requests(100)) {
    assert.equal(byUri().choose(a, request).containerId, byUri().choose(b, request).containerId);
  }
});

for (const [lb, one, other, without] of [
  [{ kind: 'iphash' }, { clientAddress: '192.0.2.7' }, { clientAddress: '2001:db8::1' }, null],
  [{ kind: 'hash', by: 'uri' }, { target: '/a?b' }, { target: '/b' }, null],
  [
    { kind: 'hash', by: 'header', name: 'X-Tenant' },
    { headers: { 'x-tenant': 'a' } },
    { headers: { 'x-tenant': 'b' } },
    {},
  ],
  [
    { kind: 'hash', by: 'cookie', name: 'sid' },
    { headers: { cookie: 'x=1; sid=a' } },
    { headers: { cookie: 'sid=b; y=2' } },
    { headers: { cookie: 'sid=; side=a' } },
  ],
] as const) {
  const name = 'by' in lb ? `hash:${lb.by}` : lb.kind;

  test(`${name} looks at nothing else of the request`, () => {
    const peers = containers(new Array(50).fill(1));
    const choose = balancer(lb);
    const base = { clientAddress: '192.0.2.1', target: '/' };
    const chosen = choose.choose(peers, aRequest({ ...base, ...one }));
    const noise = { clientAddress: '198.51.100.9', target: '/else' };
    assert.equal(choose.choose(peers, aRequest({ ...noise, ...one })), chosen);
    assert.notEqual(choose.choose(peers, aRequest({ ...base, ...other })), chosen);
  });

  if (without !== null) {
    test(`without what ${name} looks at, peers take turns`, () => {
      const peers = containers([1, 1, 2]);
      const choose = balancer(lb);
      const chosen = Array.from({ length: 40 }, () => choose.choose(peers, aRequest(without)));
      assert.deepEqual(shares(chosen, peers), [0.25, 0.25, 0.5]);
    });
  }
}

const everyKind: readonly LoadBalancing[] = [
  ...(['roundrobin', 'least', 'random2', 'iphash', 'first'] as const).map((kind) => ({ kind })),
  { kind: 'hash', by: 'uri' },
  { kind: 'hash', by: 'header', name: 'x-key' },
];

test('whom a balancer foresees it then chooses, and to foresee takes no turn', () => {
  const scene = fc.record({
    lb: fc.constantFrom(...everyKind),
    weights: someWeights,
    busy: fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
    seed: fc.integer(),
    key: fc.option(fc.string({ minLength: 1 })),
  });
  fc.assert(
    fc.property(scene, ({ lb, weights, busy, seed, key }) => {
      const peers = containers(weights, seed);
      for (const [at, peer] of peers.entries()) for (let i = 0; i < (busy[at] as number); i++) peer.begin();
      const [looked, untouched] = [balancer(lb, seed), balancer(lb, seed)];
      const request = aRequest({ target: `/${seed}`, headers: key === null ? {} : { 'x-key': key } });
      for (let turn = 0; turn < 10; turn++) {
        const foreseen = looked.foresee(peers, request);
        const chosen = looked.choose(peers, request);
        assert.equal(chosen, untouched.choose(peers, request));
        if (foreseen !== null) assert.equal(chosen, foreseen);
        if (lb.kind === 'first' || lb.kind === 'iphash' || (lb.kind === 'hash' && lb.by === 'uri'))
          assert.notEqual(foreseen, null);
      }
    }),
  );
});
