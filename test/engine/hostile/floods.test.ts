import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { CensusLimits } from '../../../src/engine/census.ts';
import type { Engine, Exchange, ListenerLimits } from '../../../src/http/transport.ts';
import { eventually } from '../../support/engine.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import { answering, head, type Stage, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const get = (target = '/') => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

interface Flood extends Pick<Stage, 'counts' | 'refused'> {
  /** Requests for /hold, in the order of their arrival. */
  readonly held: Exchange[];
  /** From this address of loopback, without waiting for more than the kernel's word. */
  connect(from?: string): Promise<RawSocket>;
  /** Connected, and known to hold a place: it has been served or waits for its answer. */
  busy(): Promise<RawSocket>;
}

async function flood(
  t: TestContext,
  engine: Engine,
  limits: Partial<CensusLimits>,
  times: Partial<ListenerLimits> = {},
): Promise<Flood> {
  const held: Exchange[] = [];
  const { listener, counts, refused } = await stage(
    t,
    engine,
    (exchange) => {
      if (exchange.request.target === '/hold') held.push(exchange);
      else answering('x')(exchange);
    },
    times,
    limits,
  );
  const connect = async (from = '127.0.0.1'): Promise<RawSocket> => {
    const socket = connectTo({ port: listener.port, host: '127.0.0.1', localAddress: from, noDelay: true });
    t.after(() => socket.destroy());
    const client = new RawSocket(socket);
    await once(socket, 'connect');
    return client;
  };
  const busy = async (): Promise<RawSocket> => {
    const client = await connect();
    const before = held.length;
    client.write(get('/hold'));
    await eventually('the request is there', async () => held.length > before);
    return client;
  };
  return { counts, refused, held, connect, busy };
}

for (const [name, makeEngine] of engines) {
  describe(`${name}, with as many connections as there may be,`, () => {
    it('closes the newest, serves those it has, and takes the next where one has left', async (t) => {
      const { busy, connect, held, refused, counts } = await flood(t, makeEngine(), { connectionsMax: 3 });
      const clients = [await busy(), await busy(), await busy()];
      for (let i = 0; i < 50; i++) assert.equal(await (await connect()).rest(), '');
      assert.deepEqual(refused, Array(50).fill('full'));
      const { active, accepted, handled } = counts();
      assert.deepEqual([active, accepted, handled], [3, 53, 3]);
      for (const exchange of held.splice(0)) exchange.respond(head(204)).end();
      for (const client of clients) assert.match(await client.head(), /^HTTP\/1.1 204 /);
      clients[0]?.reset();
      await eventually('the place is free', async () => counts().active === 2);
      const next = await connect();
      next.write(get());
      assert.match(await next.until('x'), /^HTTP\/1.1 200 /);
    });

    it('keeps places for other addresses than the one that floods it', async (t) => {
      const { busy, connect, refused } = await flood(t, makeEngine(), { connectionsMax: 10, perAddressMax: 5 });
      for (let i = 0; i < 5; i++) await busy();
      for (let i = 0; i < 15; i++) await connect();
      await eventually('the rest is turned away', async () => refused.length === 15);
      const other = await connect('127.0.0.2');
      other.write(get());
      assert.match(await other.until('x'), /^HTTP\/1.1 200 /);
      assert.deepEqual(new Set(refused), new Set(['address-full']));
    });

    it('counts no connection twice, and none for ever, however it ends', async (t) => {
      const { connect, busy, held, counts } = await flood(t, makeEngine({ lingerMs: 200 }), { connectionsMax: 8 });
      for (let round = 0; round < 5; round++) {
        const [reset, ended, bad, cut, served] = [
          await connect(),
          await connect(),
          await connect(),
          await busy(),
          await connect(),
        ];
        served.write(get());
        await served.until('x');
        served.end();
        reset.reset();
        ended.end();
        bad.write('nonsense\r\n\r\n');
        await bad.rest();
        held.pop()?.destroy();
        await cut.rest();
        await eventually('all have left', async () => counts().active === 0);
      }
      const eight = await Promise.all(Array.from({ length: 8 }, () => connect()));
      for (const client of eight) client.write(get());
      for (const client of eight) assert.match(await client.until('x'), /^HTTP\/1.1 200 /);
    });
  });

  describe(`${name}, with a thousand connections that say nothing,`, () => {
    it('serves whoever asks, in little memory, and lets the silent go when their time is up', async (t) => {
      const times = { headTimeoutMs: 4_000, idleTimeoutMs: 4_000 };
      const { connect, counts } = await flood(t, makeEngine(), {}, times);
      const silent: RawSocket[] = [];
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 1_000; i++) silent.push(await connect());
      const fair = await connect();
      fair.write(get());
      assert.match(await fair.until('x'), /^HTTP\/1.1 200 /);
      const { active, reading, writing } = counts();
      assert.deepEqual([active, reading, writing], [1_001, 0, 0]);
      // Both ends are in this process.
      const each = (process.memoryUsage().rss - before) / silent.length;
      assert.ok(each < 100 * 1024, `${Math.round(each)} bytes for each connection and its client`);
      await Promise.all(silent.map((client) => client.closed));
      await eventually('all have left', async () => counts().active === 0);
    });
  });
}

describe('our own codec, with as many connections as there may be,', () => {
  const makeEngine = engines[0]?.[1] as (typeof engines)[0][1];

  it('lets one that waits go for a new one, the oldest first, and never one that is served', async (t) => {
    const { busy, connect, refused } = await flood(t, makeEngine(), { connectionsMax: 3 });
    const served = await busy();
    const idle = await connect();
    idle.write(get());
    await idle.until('x');
    const silent = await connect();
    for (const waiting of [idle, silent]) {
      const next = await connect();
      next.write(get('/hold'));
      assert.equal(await waiting.rest(), '');
    }
    assert.deepEqual(refused, []);
    assert.equal(await (await connect()).rest(), '');
    assert.deepEqual(refused, ['full']);
    assert.equal(served.unread, '');
  });

  it('lets one that waits go for a new one of the same address, where that has too many', async (t) => {
    const { busy, connect, refused } = await flood(t, makeEngine(), { connectionsMax: 10, perAddressMax: 3 });
    const other = await connect('127.0.0.2');
    await busy();
    await busy();
    const silent = await connect();
    await busy();
    assert.equal(await silent.rest(), '');
    assert.equal(await (await connect()).rest(), '');
    assert.deepEqual(refused, ['address-full']);
    other.write(get());
    assert.match(await other.until('x'), /^HTTP\/1.1 200 /);
  });

  it('serves who asks at once, although others only take places', async (t) => {
    const { connect } = await flood(t, makeEngine(), { connectionsMax: 20 });
    for (let i = 0; i < 300; i++) await connect();
    for (let i = 0; i < 10; i++) {
      const fair = await connect();
      fair.write(get());
      assert.match(await fair.until('x'), /^HTTP\/1.1 200 /);
      for (let j = 0; j < 15; j++) await connect();
    }
  });
});
