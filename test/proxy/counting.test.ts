import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ThreadCounters } from '../../src/base/shared-counters.ts';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { PlaneCounters } from '../../src/plane/plane-counters.ts';
import { TrafficLedger } from '../../src/plane/traffic-ledger.ts';
import { routeCounterShape } from '../../src/proxy/route-counters.ts';
import { latencyBucket } from '../../src/proxy/traffic.ts';
import { noGuards } from '../../src/routing/guards.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`what is counted of a route (engine ${name})`, () => countingSuite(makeEngine));
}

async function countedStage(t: TestContext, makeEngine: MakeEngine, about: { clock?: FakeClock } = {}) {
  const [plane, ledger] = [new PlaneCounters(1), new TrafficLedger()];
  const routeCounters = new ThreadCounters(routeCounterShape, plane.memory.routes);
  const stage = await proxyStage(t, makeEngine(), { routeCounters, ...about });
  const route = (...wish: Parameters<typeof routeTo>) => ({ ...routeTo(...wish), counter: ledger.route('app.test/') });
  const traffic = () => {
    ledger.hear(plane.report(ledger.places()));
    return ledger.traffic().routes['app.test/'] ?? assert.fail('nothing was counted');
  };
  return { stage, route, traffic };
}

function countingSuite(makeEngine: MakeEngine): void {
  it('is what went to the client, and how long it took', async (t) => {
    const clock = new FakeClock();
    const { stage, route, traffic } = await countedStage(t, makeEngine, { clock });
    const backend = await RawBackend.open(t);
    stage.serve(route([backend.port]));
    const line = stage.nextLine();
    (await stage.connect()).write(get());
    const upstream = await backend.next();
    await upstream.head();
    clock.advance(300);
    upstream.write(ok);
    await line;
    const { requests, s2xx, bytes, latencyMs, latency, retries, held } = traffic();
    assert.deepEqual([requests, s2xx, bytes, latencyMs, retries, held], [1, 1, 2, 300, 0, 0]);
    assert.equal(latency[latencyBucket(300)], 1);
  });

  it('is that a request waits for a backend, and that it has waited', async (t) => {
    const { stage, route, traffic } = await countedStage(t, makeEngine);
    const backend = (await RawBackend.open(t)).always(ok);
    const policy = { waitMs: 10_000 };
    stage.serve(route([backend.port], { policy, backends: { state: 'starting' } }));
    const line = stage.nextLine();
    (await stage.connect()).write(get());
    await eventually('it waits', async () => stage.waiting.size === 1);
    // Looked at again, it is still the one that waits.
    stage.waiting.look();
    assert.deepEqual([traffic().waiting, traffic().held], [1, 1]);
    stage.serve(route([backend.port], { policy }));
    await line;
    assert.deepEqual([traffic().waiting, traffic().held, traffic().s2xx], [0, 1, 1]);
  });

  it('is no more that it waits, when its client has left', async (t) => {
    const { stage, route, traffic } = await countedStage(t, makeEngine);
    stage.serve(route([1], { policy: { waitMs: 10_000 }, backends: { state: 'starting' } }));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get());
    await eventually('it waits', async () => stage.waiting.size === 1);
    client.reset();
    await line;
    const { waiting, held, s4xx } = traffic();
    assert.deepEqual([waiting, held, s4xx], [0, 1, 1]);
  });

  it('is each try after the first', async (t) => {
    const { stage, route, traffic } = await countedStage(t, makeEngine);
    const backend = (await RawBackend.open(t)).always(ok);
    stage.serve(route([await closedPort(), backend.port], { policy: { retries: 1, lb: { kind: 'first' } } }));
    const line = stage.nextLine();
    (await stage.connect()).write(get());
    await line;
    const { retries, requests, s2xx } = traffic();
    assert.deepEqual([retries, requests, s2xx], [1, 1, 1]);
  });

  it('is a request that the limit has refused, whatever status it was given', async (t) => {
    const { stage, route, traffic } = await countedStage(t, makeEngine);
    const backend = (await RawBackend.open(t)).always(ok);
    const rate = { count: 1, perMs: 3_600_000 };
    const limit = { rate, burst: 0, delay: false, key: { kind: 'ip' }, status: 503, scope: 'app' } as const;
    stage.serve(route([backend.port], { policy: { guards: { ...noGuards, limit } } }));
    for (let i = 0; i < 3; i++) {
      const line = stage.nextLine();
      (await stage.connect()).write(get());
      await line;
    }
    const { requests, s2xx, s5xx, limited } = traffic();
    assert.deepEqual([requests, s2xx, s5xx, limited], [3, 1, 2, 2]);
  });
}
