import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { defaultOrderLimits } from '../../../src/tls/acme/order-limits.ts';
import { FakeAcme } from '../fake-acme/fake-acme.ts';
import { OrderWorld } from './order-world.ts';

/** Lets pauses pass at once, and remembers them; what bounds requests stays what it is. */
class HastyClock implements Clock {
  readonly pauses: number[] = [];
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#aheadMs;
  }

  setTimeout(callback: () => void, ms: number) {
    if (ms >= defaultOrderLimits.requestMsMax) return systemClock.setTimeout(callback, ms);
    this.pauses.push(ms);
    this.#aheadMs += ms;
    return systemClock.setTimeout(callback, 0);
  }
}

test('an order takes as few requests as it can, each with a nonce', async (t) => {
  const acme = await FakeAcme.start(t);
  const world = new OrderWorld(acme.at());
  await world.order(['a.example.com']);
  assert.deepEqual(Object.fromEntries(acme.counts), {
    // By us, and by the library for the account and for the order.
    directory: 3,
    nonce: 8,
    'new-account': 1,
    'new-order': 1,
    authorization: 2,
    challenge: 1,
    order: 1,
    finalize: 1,
    certificate: 1,
  });
});

test('a slow issuer is asked at its own pace', async (t) => {
  const acme = await FakeAcme.start(t, { pendingPolls: 3, retryAfter: '7' });
  const clock = new HastyClock();
  await new OrderWorld(acme.at()).order(['a.example.com'], { clock, limits: defaultOrderLimits });
  // One is by our own pace: the answer to the challenge says nothing.
  assert.equal(clock.pauses.filter((ms) => ms < 6_900).length, 1);
  assert.equal(acme.count('authorization'), 1 + 4);
  assert.ok(acme.count('order') <= 1 + 4);
});
