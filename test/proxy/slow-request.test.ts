import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`requests that were slow (engine ${name})`, () => slowSuite(makeEngine));
}

function slowSuite(makeEngine: MakeEngine): void {
  const answered = async (t: Parameters<typeof proxyStage>[0], ms: number, answer = ok) => {
    const clock = new FakeClock();
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get('/report?token=secret'));
    const upstream = await backend.next();
    await upstream.head();
    const line = stage.nextLine();
    clock.advance(ms);
    upstream.write(answer);
    await client.head();
    return { stage, clock, upstream, client, line, port: backend.port };
  };

  it('are noted from a second on, with the container, the time there and what was sent', async (t) => {
    const { stage, line, port } = await answered(t, 1_000);
    await line;
    const [slow] = stage.slow;
    const { at, requestId, client, ...rest } = slow ?? assert.fail();
    assert.deepEqual(rest, {
      ...{ method: 'GET', path: '/report', status: 200, container: `c${port}`, upstream: `127.0.0.1:${port}` },
      ...{ totalMs: 1_000, upstreamMs: 1_000, waitMs: 0, tries: 1, bytes: 2 },
    });
    assert.deepEqual(stage.failed, []);
  });

  it('are noted with the time that they were held', async (t) => {
    const clock = new FakeClock();
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine(), { clock });
    const policy = { waitMs: 10_000 };
    stage.serve(routeTo([backend.port], { policy, backends: { state: 'starting' } }));
    const client = await stage.connect();
    const line = stage.nextLine();
    client.write(get());
    await eventually('it waits', async () => stage.waiting.size === 1);
    clock.advance(1_500);
    stage.serve(routeTo([backend.port], { policy }));
    // A place in the waiting room is left at its next look.
    clock.advance(25);
    await line;
    const { waitMs, upstreamMs, totalMs } = stage.slow[0] ?? assert.fail();
    assert.deepEqual([waitMs === totalMs, waitMs >= 1_500, upstreamMs], [true, true, 0]);
  });

  it('are not those that took less, nor those that failed', async (t) => {
    const quick = await answered(t, 999);
    await quick.line;
    const broken = await answered(t, 5_000, 'HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n');
    await broken.line;
    assert.deepEqual([quick.stage.slow, broken.stage.slow, broken.stage.failed.length], [[], [], 1]);
  });

  it('are not those whose client has left', async (t) => {
    const { stage, clock, client, line } = await answered(t, 0, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    clock.advance(60_000);
    client.reset();
    await line;
    assert.deepEqual([stage.slow, stage.failed], [[], []]);
  });

  it('are not tunnels, however long they stand', async (t) => {
    const clock = new FakeClock();
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write('GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.head();
    const line = stage.nextLine();
    clock.advance(60_000);
    client.end();
    upstream.end();
    await line;
    assert.deepEqual(stage.slow, []);
  });
}
