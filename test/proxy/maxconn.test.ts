import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { Peer } from '../../src/upstream/peer.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a backend that may have so many requests at a time (engine ${name})`, () => maxconnSuite(makeEngine));
}

const policy = { requestsMax: 1, queueMs: 10_000 };

function maxconnSuite(makeEngine: MakeEngine): void {
  it('has no more, others get what is beyond, and what is beyond all waits its turn', async (t) => {
    const backends = [await RawBackend.open(t), await RawBackend.open(t)] as const;
    const stage = await proxyStage(t, makeEngine());
    stage.serve(
      routeTo(
        backends.map(({ port }) => port),
        { policy },
      ),
    );
    const clients = [await stage.connect(), await stage.connect(), await stage.connect()] as const;
    for (const client of clients.slice(0, 2)) client.write(get());
    const upstreams = await Promise.all(backends.map((backend) => backend.next()));
    for (const upstream of upstreams) await upstream.head();
    clients[2].write(get('/third'));
    await eventually('the third waits', async () => stage.waiting.size === 1);
    upstreams[1]?.write(ok);
    assert.match((await upstreams[1]?.head()) ?? '', /^GET \/third /);
    upstreams[1]?.write(ok);
    assert.match(await clients[2].head(), /^HTTP\/1.1 200 /);
    assert.ok(Number(stage.lines.find(({ target }) => target === '/third')?.waitMs ?? 1) >= 0);
    assert.deepEqual(
      backends.map(({ connections }) => connections.length),
      [1, 1],
    );
  });

  it('is asked again when the request of another worker has left it', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy }));
    const [peer] = [...stage.peers.all()] as [Peer];
    peer.begin();
    const client = await stage.connect();
    client.write(get());
    await eventually('it waits', async () => stage.waiting.size === 1);
    // Nobody here is told of it.
    peer.end();
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('is a 503 with a reason of its own when the time in the queue is over, or there is no queue', async (t) => {
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    for (const queueMs of [10_000, 0]) {
      stage.serve(routeTo([1], { policy: { ...policy, queueMs } }));
      const [peer] = [...stage.peers.all()] as [Peer];
      if (peer.inFlight === 0) peer.begin();
      const client = await stage.connect();
      client.write(get());
      if (queueMs > 0) await eventually('it waits', async () => stage.waiting.size === 1);
      clock.advance(queueMs + 25);
      assert.match(
        await client.head(),
        /^HTTP\/1.1 503 [\s\S]*error=connection_limit_reached; details=backend-busy\r\n[\s\S]*Retry-After: \d/,
      );
    }
  });
}
