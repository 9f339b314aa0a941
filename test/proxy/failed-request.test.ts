import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { get, nowMs, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`requests that failed (engine ${name})`, () => failedSuite(makeEngine));
}

function failedSuite(makeEngine: MakeEngine): void {
  it('are noted where the backend answers 5xx, with its container and without the query', async (t) => {
    const backend = (await RawBackend.open(t)).always('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: { accessLog: 'off' } }));
    const client = await stage.connect();
    client.write('GET /a;jsessionid=abc/b?token=secret HTTP/1.1\r\nHost: app.test\r\nCookie: sid=secret\r\n\r\n');
    await client.head();
    client.write(get());
    await client.head();
    const [failed] = stage.failed;
    const { requestId, totalMs, upstreamMs, ...rest } = failed ?? assert.fail();
    assert.deepEqual(rest, {
      ...{ at: new Date(nowMs).toISOString(), method: 'GET', path: '/a;jsessionid=***', status: 503, reason: null },
      ...{ client: '127.0.0.1', container: `c${backend.port}`, upstream: `127.0.0.1:${backend.port}`, tries: 1 },
    });
    assert.match(requestId, /^[0-9a-f]{32}$/);
    assert.ok(totalMs >= (upstreamMs ?? Number.NaN));
    assert.doesNotMatch(JSON.stringify(stage.failed), /secret|abc/);
  });

  it('are noted where the proxy fails or refuses them, with the reason', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    const fail = async (route: Parameters<typeof stage.serve>[0], head = get()): Promise<unknown[]> => {
      stage.serve(route);
      const client = await stage.connect();
      const line = stage.nextLine();
      client.write(head);
      await client.head();
      await line;
      const { status, reason, container } = stage.failed.at(-1) ?? assert.fail();
      return [status, reason, container];
    };
    const port = await closedPort();
    assert.deepEqual(await fail(routeTo([port])), [502, 'backend-refused', `c${port}`]);
    const closed = { ...routeTo([]), serving: { kind: 'refuse', reason: 'label-invalid' } as const };
    assert.deepEqual(await fail(closed), [503, 'label-invalid', null]);
    const upgrade = 'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.deepEqual(await fail(routeTo([port], { policy: { ws: false } }), upgrade), [403, 'ws-disabled', null]);
    assert.equal(stage.failed.length, 3);
  });

  it('are noted where the backend breaks off in the middle of its answer', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    await client.head();
    const line = stage.nextLine();
    upstream.reset();
    await line;
    const { status, reason } = stage.failed[0] ?? assert.fail();
    assert.deepEqual([status, reason], [200, 'backend-reset']);
  });

  it('are not those that went well, that no route is for, or whose client has left', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(ok);
    await client.head();
    const stranger = await stage.connect();
    stranger.write('GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
    await stranger.head();
    const leaving = await stage.connect();
    leaving.write(get());
    await stage.begun(3);
    leaving.reset();
    await eventually('all have ended', async () => stage.lines.length === 3);
    assert.deepEqual(
      stage.lines.map(({ status }) => status),
      [200, 404, 499],
    );
    assert.deepEqual(stage.failed, []);
  });
}
