import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { Backend } from '../../src/routing/table.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a container that gets out of reach (engine ${name})`, () => outOfReachSuite(makeEngine));
}

const post = 'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nhi';
const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
/** FIN, opcode 8, 1001. */
const goingAway = '\x88\x02\x03\xe9';
const unreachable: Partial<Backend> = { host: '', state: 'unreachable' };

function outOfReachSuite(makeEngine: MakeEngine): void {
  /** A proxy with one container, whose backend answers when the test does. */
  const scene = async (t: TestContext) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const ask = async (request: string) => {
      const client = await stage.connect();
      client.write(request);
      const upstream = await backend.next();
      await upstream.head();
      return { client, upstream };
    };
    /** The container as a later table has it, and others beside it. */
    const later = (about: Partial<Backend>, others: readonly number[] = []) => {
      const { serving, ...route } = routeTo([backend.port, ...others]);
      if (serving.kind !== 'pool') throw new Error('a pool');
      const backends = serving.backends.map((one, i) => (i === 0 ? { ...one, ...about } : one));
      stage.serve({ ...route, serving: { kind: 'pool', backends } });
    };
    return { backend, stage, ask, later };
  };

  it('has a request that may be repeated answered by another, at once', async (t) => {
    const { ask, later } = await scene(t);
    const other = (await RawBackend.open(t)).always(ok);
    const { client, upstream } = await ask(get());
    later(unreachable, [other.port]);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    assert.equal(await upstream.rest(), '');
  });

  it('does not ask it again on a fresh connection where a kept one was in use', async (t) => {
    const { backend, ask, later } = await scene(t);
    const { client, upstream } = await ask(get());
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    await client.bytes(2);
    client.write(get());
    await upstream.head();
    later(unreachable);
    assert.match(await client.head(), /^HTTP\/1.1 503 [\s\S]*details=unreachable-network\r\n/);
    assert.equal(backend.connections.length, 1);
  });

  it('is a 502 for what may not be repeated, and no failure of its own', async (t) => {
    const { ask, later, stage } = await scene(t);
    const { client } = await ask(post);
    const [peer] = [...stage.peers.all()];
    later(unreachable);
    assert.match(await client.head(), /^HTTP\/1.1 502 [\s\S]*details=backend-reset\r\n/);
    assert.deepEqual([peer?.inFlight, peer?.fails], [0, 0]);
  });

  it('cuts an answer that has begun, for all to see', async (t) => {
    const { ask, later } = await scene(t);
    const { client, upstream } = await ask(get());
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    assert.equal(await client.bytes(4), 'half');
    later(unreachable);
    assert.equal(await client.closed, 'reset');
  });

  it('closes its WebSockets with 1001, and gives up those that it has not agreed to', async (t) => {
    const { ask, later } = await scene(t);
    const other = (await RawBackend.open(t)).always(upgraded);
    const wish = get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
    const open = await ask(wish);
    open.upstream.write(upgraded);
    await open.client.head();
    const asking = await ask(wish);
    later(unreachable, [other.port]);
    assert.equal(await open.client.bytes(4), goingAway);
    assert.match(await asking.client.head(), /^HTTP\/1.1 101 /);
  });

  it('is severed as well where it is dialled in another network from now on, or is about to stop', async (t) => {
    for (const about of [{ host: '127.0.0.9' }, { host: '', state: 'draining' }] as const) {
      const { ask, later } = await scene(t);
      const { client } = await ask(post);
      later(about);
      assert.match(await client.head(), /^HTTP\/1.1 502 /);
    }
  });

  it('is not where its address is still its own, in a network that is not preferred any more, until it loses that', async (t) => {
    const { ask, later } = await scene(t);
    const [one, two] = [await ask(post), await ask(post)];
    later({ host: '127.0.0.9', otherHosts: ['127.0.0.1'] });
    one.upstream.write(ok);
    assert.match(await one.client.head(), /^HTTP\/1.1 200 /);
    later({ host: '127.0.0.9' });
    assert.match(await two.client.head(), /^HTTP\/1.1 502 /);
  });

  it('is not where its container has ended or was started anew: what it has said last may still be on its way', async (t) => {
    for (const about of [
      { host: '', state: 'stopped', changedMs: 1 },
      { host: '127.0.0.9', changedMs: 1 },
    ] as const) {
      const { ask, later } = await scene(t);
      const { client, upstream } = await ask(post);
      later(about);
      upstream.write(ok);
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
    }
  });

  it('paused finishes later what it has, and gets nothing new', async (t) => {
    const { backend, ask, later, stage } = await scene(t);
    const other = (await RawBackend.open(t)).always(ok);
    const { client, upstream } = await ask(post);
    later({ state: 'paused' }, [other.port]);
    const next = await stage.connect();
    for (let i = 0; i < 4; i++) {
      next.write(get());
      assert.match(await next.head(), /^HTTP\/1.1 200 /);
      await next.bytes(2);
    }
    assert.equal(backend.connections.length, 1);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });
}
