import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { Route, RoutePolicy } from '../../src/routing/table.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { get, ok, type ProxyStage, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a session (engine ${name})`, () => sessions(makeEngine));
  describe(`a backend that fails (engine ${name})`, () => ejection(makeEngine));
}

const answer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Backends that answer with their number. */
async function numbered(t: TestContext, count: number): Promise<readonly RawBackend[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => (await RawBackend.open(t)).always(answer(String(i)))),
  );
}

async function ask(stage: ProxyStage, fields = '') {
  const client = await stage.connect();
  client.write(get('/', fields));
  const head = await client.head();
  const body = await client.bytes(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0));
  client.end();
  const cookie = /\r\nSet-Cookie: ([^;\r]*)/i.exec(head)?.[1] ?? null;
  return { status: Number(head.split(' ')[1]), head, body, cookie };
}

const sticky: Partial<RoutePolicy> = { sticky: { cookie: 'sid', ttlMs: 0 } };

function withStates(route: Route, ...states: readonly ('healthy' | 'stopped')[]): Route {
  if (route.serving.kind !== 'pool') throw new Error('no pool');
  const backends = route.serving.backends.map((backend, i) => ({ ...backend, state: states[i] ?? backend.state }));
  return { ...route, serving: { kind: 'pool', backends } };
}

function sessions(makeEngine: MakeEngine): void {
  it('stays with the container that answered first, also after the proxy was started anew', async (t) => {
    const backends = await numbered(t, 3);
    const route = routeTo(
      backends.map(({ port }) => port),
      { policy: sticky },
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(route);
    const [first, second] = [await ask(stage), await ask(stage)];
    assert.notEqual(first.body, second.body);
    assert.match(first.head, /\r\nSet-Cookie: sid=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax\r\n/);
    const later = await proxyStage(t, makeEngine());
    later.serve(route);
    for (const { body, cookie } of [first, second]) {
      for (const where of [stage, later]) {
        const again = await ask(where, `Cookie: a=b; ${cookie}\r\n`);
        assert.deepEqual([again.body, again.cookie], [body, null]);
      }
    }
  });

  it('goes on elsewhere, and stays there, when its container has gone', async (t) => {
    const backends = await numbered(t, 2);
    const route = routeTo(
      backends.map(({ port }) => port),
      { policy: sticky },
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(route);
    const first = await ask(stage);
    stage.serve(first.body === '0' ? withStates(route, 'stopped') : withStates(route, 'healthy', 'stopped'));
    const moved = await ask(stage, `Cookie: ${first.cookie}\r\n`);
    assert.equal(moved.status, 200);
    assert.notEqual(moved.body, first.body);
    stage.serve(route);
    for (let i = 0; i < 3; i++) assert.equal((await ask(stage, `Cookie: ${moved.cookie}\r\n`)).body, moved.body);
  });

  it('belongs to the container that answered in the end, not to one that refused', async (t) => {
    const [backend] = (await numbered(t, 1)) as [RawBackend];
    const stage = await proxyStage(t, makeEngine());
    const route = routeTo([await closedPort(), backend.port], { policy: { ...sticky, lb: { kind: 'first' } } });
    stage.serve(route);
    const { cookie } = await ask(stage);
    const line = stage.nextLine();
    await ask(stage, `Cookie: ${cookie}\r\n`);
    assert.equal((await line).tries, 1);
  });

  it('is begun by the 101 of a WebSocket too', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: sticky }));
    const client = await stage.connect();
    client.write(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n'));
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    assert.match(await client.head(), /^HTTP\/1.1 101 [\s\S]*\r\nSet-Cookie: sid=[\w-]{22}; Path/i);
  });

  it('is kept by a Secure cookie where the client came over HTTPS to a proxy in front', async (t) => {
    const [backend] = (await numbered(t, 1)) as [RawBackend];
    const stage = await proxyStage(t, makeEngine(), { trusted: ['127.0.0.1'] });
    stage.serve(routeTo([backend.port], { policy: { ...sticky, http: 'serve' } }));
    const { head } = await ask(stage, 'X-Forwarded-Proto: https\r\n');
    assert.match(head, /; Path=\/; Secure; HttpOnly; SameSite=Lax\r\n/);
  });
}

function ejection(makeEngine: MakeEngine): void {
  it('is left out after three failures, tried again after the pause, and comes back when it answers', async (t) => {
    const clock = new FakeClock();
    const [good] = (await numbered(t, 1)) as [RawBackend];
    const failing = await RawBackend.open(t);
    let broken = true;
    const serve = async (): Promise<void> => {
      const connection = await failing.next();
      serve().catch(() => {});
      for (;;) {
        await connection.head();
        if (broken) connection.reset();
        else connection.write(answer('back'));
      }
    };
    // Each ends with its connection.
    serve().catch(() => {});
    const stage = await proxyStage(t, makeEngine(), { clock });
    const ports = [failing.port, good.port];
    stage.serve(routeTo(ports, { policy: { retries: 0, lb: { kind: 'first' } } }));
    const statuses = async (count: number): Promise<number[]> => {
      const seen: number[] = [];
      for (let i = 0; i < count; i++) seen.push((await ask(stage)).status);
      return seen;
    };
    assert.deepEqual(await statuses(6), [502, 502, 502, 200, 200, 200]);
    clock.advance(30_000);
    assert.deepEqual(await statuses(4), [502, 200, 200, 200]);
    broken = false;
    clock.advance(29_999);
    assert.equal((await ask(stage)).body, '0');
    clock.advance(1);
    for (let i = 0; i < 3; i++) assert.equal((await ask(stage)).body, 'back');
  });

  it('is never left out for what it answers', async (t) => {
    const [good] = (await numbered(t, 1)) as [RawBackend];
    const failing = (await RawBackend.open(t)).always('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n');
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([failing.port, good.port], { policy: { lb: { kind: 'first' } } }));
    for (let i = 0; i < 10; i++) assert.equal((await ask(stage)).status, 500);
  });

  it('is asked all the same where it is the only one, and answers as soon as it can', async (t) => {
    const backend = await RawBackend.open(t);
    const serve = async (): Promise<void> => {
      for (let i = 0; i < 9; i++) (await backend.next()).reset();
      backend.always(ok);
    };
    void serve();
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: { retries: 0 } }));
    for (let i = 0; i < 9; i++) assert.equal((await ask(stage)).status, 502);
    assert.equal((await ask(stage)).status, 200);
  });
}
