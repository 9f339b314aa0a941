import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancerOf } from '../../src/upstream/balancer.ts';
import type { Peer } from '../../src/upstream/peer.ts';
import { earliestOf, shareOf } from '../../src/upstream/slow-start.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../support/properties.ts';
import { aPeer, aRequest } from './builders.ts';

test('a newcomer begins with a tenth of its weight and has all of it after 10 s', () => {
  const share = (ageMs: number) => shareOf({ weight: 20, sinceMs: 60_000 }, 0, 60_000 + ageMs);
  assert.deepEqual([0, 5_000, 10_000, 50_000].map(share), [2, 11, 20, 20]);
});

test('a share only ever grows, and is never more than the weight', () => {
  const ms = fc.nat(100_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), ms, ms, ms, (weight, sinceMs, aMs, bMs) => {
      const [early, late] = [Math.min(aMs, bMs), Math.max(aMs, bMs)].map((ms) => shareOf({ weight, sinceMs }, 0, ms));
      assert.ok(
        (early as number) <= (late as number) && (late as number) <= weight && (early as number) >= weight / 10,
      );
    }),
  );
});

test('those that come together share alike from the first request on', () => {
  const peers = [0, 3_000, 9_999].map((sinceMs) => ({ weight: 1, sinceMs }));
  for (const peer of peers) assert.equal(shareOf(peer, earliestOf(peers), 10_000), 1);
});

for (const kind of ['roundrobin', 'least', 'random2', 'iphash', 'first'] as const) {
  const spares = kind === 'roundrobin' || kind === 'least' || kind === 'random2';

  test(`${kind} ${spares ? 'spares' : 'does not spare'} a newcomer`, () => {
    const clock = new FakeClock();
    const monotonic = () => clock.monotonic();
    let lot = 0;
    const choose = balancerOf({ kind }, { monotonic, random: () => (lot = (lot + 0.377) % 1) });
    const [old, other] = [aPeer({}, monotonic), aPeer({}, monotonic)] as const;
    clock.advance(60_000);
    // The order is that of backends, and `first` takes the first.
    const fresh = aPeer({}, monotonic);
    const peers: Peer[] = [fresh, old, other];
    const taken = () => {
      let count = 0;
      for (let i = 0; i < 1_050; i++) {
        const request = aRequest({ clientAddress: `10.0.${i >> 8}.${i & 255}` });
        if (choose.choose(peers, request) === fresh) count++;
      }
      return count;
    };
    const early = taken();
    clock.advance(10_000);
    const late = taken();
    if (spares) assert.ok(early <= 120 && early >= 20, String(early));
    else assert.equal(early, late);
    assert.ok(late >= 300, String(late));
  });
}

test('a backend that comes back after it was left out is spared like a new one', () => {
  const clock = new FakeClock();
  const monotonic = () => clock.monotonic();
  const peer = aPeer({}, monotonic);
  clock.advance(60_000);
  assert.equal(peer.sinceMs, 0);
  for (let i = 0; i < 3; i++) peer.fail();
  clock.advance(30_000);
  peer.begin();
  peer.succeed();
  assert.equal(peer.sinceMs, 90_000);
});
