import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { get, nowMs, ok, type ProxyStage, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request that nobody can take yet (engine ${name})`, () => waitingSuite(makeEngine));
}

const policy = { waitMs: 10_000 };
const starting = { state: 'starting' } as const;
const stopped = { state: 'stopped' } as const;

const held = (stage: ProxyStage, count = 1): Promise<true> =>
  eventually(`${count} wait`, async () => stage.waiting.size === count && true);

function waitingSuite(makeEngine: MakeEngine): void {
  it('is held while its container starts, and goes as soon as it is there', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy, backends: starting }));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    assert.equal(backend.connections.length, 0);
    stage.serve(routeTo([backend.port], { policy }));
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    const { tries, waitMs, totalMs, reason } = await line;
    assert.deepEqual([tries, reason], [1, null]);
    assert.ok(Number(waitMs) > 0 && Number(waitMs) <= Number(totalMs));
  });

  it('is held when the last one has just left, and goes to the successor', async (t) => {
    const successor = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([1], { policy, backends: stopped, changedMs: nowMs - 1_000 }));
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    stage.serve(routeTo([successor.port], { policy }));
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('goes in the order in which it came', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy, backends: starting }));
    for (const [i, path] of ['/a', '/b', '/c'].entries()) {
      (await stage.connect()).write(get(path));
      await held(stage, i + 1);
    }
    stage.serve(routeTo([backend.port], { policy: { ...policy, requestsMax: 1, queueMs: 10_000 } }));
    for (const path of ['/a', '/b', '/c']) {
      const upstream = backend.connections.length === 0 ? await backend.next() : (backend.connections[0] ?? null);
      assert.ok(upstream !== null);
      assert.equal((await upstream.head()).split(' ')[1], path);
      upstream.write(ok);
    }
  });

  it('leaves with its client at once', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([1], { policy, backends: starting }));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    client.reset();
    const { status, waitMs, tries } = await line;
    assert.deepEqual([status, tries], [499, 0]);
    assert.ok(Number(waitMs) > 0);
    assert.equal(stage.waiting.size, 0);
  });

  it('is answered with 503, the reason and Retry-After when its time is over', async (t) => {
    for (const [backends, changedMs, reason] of [
      [starting, 0, 'backend-starting'],
      [stopped, nowMs, 'no-backend'],
    ] as const) {
      const clock = new FakeClock();
      const stage = await proxyStage(t, makeEngine(), { clock });
      stage.serve(routeTo([1], { policy, backends, changedMs }));
      const client = await stage.connect();
      client.write(get());
      await held(stage);
      clock.advance(9_999);
      assert.equal(stage.waiting.size, 1);
      clock.advance(26);
      const head = await client.head();
      assert.match(head, /^HTTP\/1.1 503 [\s\S]*Retry-After: \d/);
      assert.equal(/details=([a-z-]+)/.exec(head)?.[1], reason);
    }
  });

  it('is answered at once where nothing can come', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    for (const [about, reason] of [
      [{ policy, backends: stopped, changedMs: nowMs - 10_001 }, 'no-backend'],
      [{ policy, backends: { state: 'unreachable' } }, 'unreachable-network'],
      [{ policy: { waitMs: 0 }, backends: starting }, 'backend-starting'],
    ] as const) {
      stage.serve(routeTo([1], about));
      const client = await stage.connect();
      client.write(get());
      assert.match(await client.head(), new RegExp(`^HTTP/1.1 503 [\\s\\S]*details=${reason}`));
    }
  });

  it('is answered at once where too many wait already', async (t) => {
    const stage = await proxyStage(t, makeEngine(), { waiting: { routeMax: 1 } });
    stage.serve(routeTo([1], { policy, backends: starting }));
    (await stage.connect()).write(get());
    await held(stage);
    const client = await stage.connect();
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 503 [\s\S]*details=backend-starting/);
    assert.equal(stage.waiting.size, 1);
  });

  it('gives up when its container does', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([1], { policy, backends: starting }));
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    stage.serve(routeTo([1], { policy, backends: { state: 'unreachable' } }));
    assert.match(await client.head(), /^HTTP\/1.1 503 [\s\S]*details=unreachable-network/);
  });

  it('leaves its body with the client meanwhile', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy, backends: starting }));
    const client = await stage.connect();
    const bodyBytes = 24 * 1024 ** 2;
    client.write(`POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    client.socket.write(Buffer.alloc(bodyBytes, 'x'));
    await held(stage);
    stage.serve(routeTo([backend.port], { policy }));
    assert.ok(client.socket.writableLength > 0, 'the client has sent all of it');
    const upstream = await backend.next();
    await upstream.head();
    assert.equal((await upstream.bytes(bodyBytes)).length, bodyBytes);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('that is an upgrade waits as well, and becomes a tunnel', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy, backends: starting }));
    const client = await stage.connect();
    client.write(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n'));
    await held(stage);
    stage.serve(routeTo([backend.port], { policy }));
    const upstream = await backend.next();
    assert.match(await upstream.head(), /\r\nUpgrade: websocket\r\n/i);
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    assert.match(await client.head(), /^HTTP\/1.1 101 /);
  });

  it('is served by the rules of the container that comes, not by those of the one before', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    const waiting = async () => {
      stage.serve(routeTo([backend.port], { policy, backends: starting }));
      const client = await stage.connect();
      client.write(get());
      await held(stage);
      return client;
    };
    const closed = await waiting();
    stage.serve({ ...routeTo([backend.port], { policy }), serving: { kind: 'refuse', reason: 'label-invalid' } });
    assert.match(await closed.head(), /^HTTP\/1.1 503 [\s\S]*details=label-invalid/);
    await waiting();
    const requestHeaders = [{ name: 'X-New', value: 'yes', how: 'set' }] as const;
    stage.serve(routeTo([backend.port], { policy: { ...policy, requestHeaders } }));
    const head = await (await backend.next()).head();
    assert.match(head, /\r\nX-New: yes\r\n/);
    assert.equal(head.match(/X-Request-Id/g)?.length, 1);
  });

  it('goes on, whatever its method, when a young container that refused it listens', async (t) => {
    const port = await closedPort();
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([port], { policy, backends: { changedMs: nowMs - 1_000 } }));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody');
    await held(stage);
    const other = await stage.connect();
    other.write(get('/other'));
    await held(stage, 2);
    const backend = await RawBackend.open(t, port);
    // Their connections may overtake each other.
    for (const upstream of [await backend.next(), await backend.next()]) {
      if ((await upstream.head()).startsWith('POST')) assert.equal(await upstream.bytes(4), 'body');
      upstream.write(ok);
    }
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    assert.match(await other.head(), /^HTTP\/1.1 200 /);
    assert.ok(Number((await line).tries) > 1);
    await eventually('the other one goes, too', async () => stage.waiting.size === 0);
  });

  it('is 502 where a container that is not young goes on refusing it, and so are those that come then, at once', async (t) => {
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    const port = await closedPort();
    stage.serve(routeTo([port], { policy }));
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    const answered = client.head();
    while (stage.waiting.size > 0) {
      clock.advance(25);
      await new Promise((resolve) => setImmediate(resolve));
      if (stage.lines.length > 0) break;
    }
    assert.match(await answered, /^HTTP\/1.1 502 [\s\S]*details=backend-refused/);
    const next = await stage.connect();
    next.write(get());
    assert.match(await next.head(), /^HTTP\/1.1 502 [\s\S]*details=backend-refused/);
    assert.equal(stage.lines.at(-1)?.waitMs, 0);
  });

  it('survives a crash: refused before anybody knows of it, held while nobody is there, served by the next', async (t) => {
    const successor = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    const port = await closedPort();
    stage.serve(routeTo([port], { policy }));
    const client = await stage.connect();
    client.write(get('/', 'X-Api: 1\r\n'));
    await held(stage);
    stage.serve(routeTo([port], { policy, backends: { ...stopped, changedMs: nowMs }, changedMs: nowMs }));
    await held(stage);
    stage.serve(routeTo([successor.port], { policy }));
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('is not sent by old rules to a container that has new ones', async (t) => {
    const port = await closedPort();
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([port], { policy, backends: { changedMs: nowMs } }));
    const client = await stage.connect();
    client.write(get());
    await held(stage);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port], { policy: { ...policy, ws: false } }));
    assert.match(await client.head(), /^HTTP\/1.1 502 [\s\S]*details=backend-refused/);
    assert.equal(backend.connections.length, 0);
  });

  it('whose only backend broke off without an answer asks it once more, if it can be repeated', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    client.write(get());
    const first = await backend.next();
    await first.head();
    first.reset();
    const second = await backend.next();
    await second.head();
    second.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    const poster = await stage.connect();
    poster.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n\r\n');
    await second.head();
    second.reset();
    assert.match(await poster.head(), /^HTTP\/1.1 502 [\s\S]*details=backend-reset/);
  });
}
