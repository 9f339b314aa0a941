import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { type Guards, type LimitPolicy, noGuards } from '../../src/routing/guards.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request to a route that is protected (engine ${name})`, () => guardSuite(makeEngine));
}

const guarded = (guards: Partial<Guards>) => ({ policy: { guards: { ...noGuards, ...guards } } });

function guardSuite(makeEngine: MakeEngine): void {
  it('from an address that is denied is 403, by the address that a trusted proxy names', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine(), { trusted: ['127.0.0.1'] });
    stage.serve(routeTo([backend.port], guarded({ deny: ['203.0.113.0/24'] })));
    const client = await stage.connect();
    const line = stage.nextLine();
    client.write(get('/', 'X-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n'));
    assert.match(await client.rest(), /^HTTP\/1.1 403 [\s\S]*details=address-denied/);
    assert.equal((await line).reason, 'address-denied');
    assert.equal(backend.connections.length, 0);
    const other = await stage.connect();
    other.write(get('/', 'X-Forwarded-For: 203.0.113.9, 198.51.100.1\r\n'));
    assert.match(await other.head(), /^HTTP\/1.1 200 /);
  });

  it('cannot talk its way in, where nobody is trusted', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ allow: ['10.0.0.0/8'] })));
    const client = await stage.connect();
    client.write(get('/', 'X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n'));
    assert.match(await client.head(), /^HTTP\/1.1 403 /);
  });

  it('is refused before it is redirected', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    const route = routeTo([], guarded({ allow: [] }));
    stage.serve({ ...route, serving: { kind: 'redirect', status: 302, location: 'https://secret.test/' } });
    const client = await stage.connect();
    client.write(get());
    const head = await client.head();
    assert.match(head, /^HTTP\/1.1 403 /);
    assert.doesNotMatch(head, /secret/);
  });

  it('to upgrade is refused like any other', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ allow: [] })));
    const client = await stage.connect();
    const fields = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n';
    client.write(get('/', fields));
    assert.match(await client.head(), /^HTTP\/1.1 403 /);
    assert.equal(backend.connections.length, 0);
  });

  it('whose head states too large a body is 413 before the body is sent', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ bodyBytesMax: 10 })));
    const client = await stage.connect();
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n');
    assert.match(await client.head(), /^HTTP\/1.1 413 [\s\S]*details=body-too-large/);
    assert.equal(backend.connections.length, 0);
  });

  it('with a small body too many keeps its connection', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ bodyBytesMax: 10 })));
    const client = await stage.connect();
    client.write(`POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 11\r\n\r\nhello world${get()}`);
    const head = await client.head();
    assert.match(head, /^HTTP\/1.1 413 /);
    await client.bytes(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('with as large a body as is allowed passes, chunked or not', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ bodyBytesMax: 10 })));
    for (const [framing, body] of [
      ['Content-Length: 10', '0123456789'],
      ['Transfer-Encoding: chunked', '5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n'],
    ] as const) {
      const client = await stage.connect();
      client.write(`POST / HTTP/1.1\r\nHost: app.test\r\n${framing}\r\nConnection: close\r\n\r\n${body}`);
      const upstream = await backend.next();
      await upstream.until('56789');
      upstream.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
    }
  });

  it('whose chunks become too many is 413 while it streams, and the backend sees it cut', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ bodyBytesMax: 10 })));
    const client = await stage.connect();
    const line = stage.nextLine();
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n');
    const upstream = await backend.next();
    assert.match(await upstream.until('01234567'), /^POST /);
    client.write('8\r\n89abcdef\r\n');
    assert.match(await client.head(), /^HTTP\/1.1 413 [\s\S]*details=body-too-large/);
    assert.equal((await line).status, 413);
    assert.doesNotMatch(await upstream.rest(), /89ab|\r\n0\r\n/);
    // A backend is not at fault for what its clients send.
    assert.equal([...stage.peers.all()][0]?.fails, 0);
  });

  it('that was answered while it streamed is cut where it becomes too large', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], guarded({ bodyBytesMax: 10 })));
    const client = await stage.connect();
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n');
    const upstream = await backend.next();
    await upstream.until('01234567');
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhe');
    await client.until('he');
    client.write('8\r\n89abcdef\r\n');
    assert.equal(await client.closed, 'reset');
  });

  it('is let in as often as the burst and one, then told when to come back', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([backend.port], guarded({ limit: limit({ burst: 2 }) })));
    const client = await stage.connect();
    const ask = async () => {
      client.write(get());
      const head = await client.head();
      await client.bytes(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
      return head;
    };
    for (const left of [2, 1, 0])
      assert.match(await ask(), new RegExp(`^HTTP/1.1 200 [\\s\\S]*RateLimit: "limit";r=${left};t=1\r\n`));
    const line = stage.nextLine();
    const refused = await ask();
    assert.match(refused, /^HTTP\/1.1 429 [\s\S]*details=rate-limited\r\nRetry-After: 1\r\n/);
    assert.match(refused, /RateLimit-Policy: "limit";q=10;w=1\r\nRateLimit: "limit";r=0;t=1\r\n/);
    const { reason, limit: decided } = await line;
    assert.deepEqual([reason, decided], ['rate-limited', 'refused']);
    assert.equal(stage.lines[0]?.limit, 'passed');
    clock.advance(100);
    assert.match(await ask(), /^HTTP\/1.1 200 /);
    // A new table is no way around it.
    stage.serve(routeTo([backend.port], guarded({ limit: limit({ burst: 2, status: 503 }) })));
    assert.match(await ask(), /^HTTP\/1.1 503 [\s\S]*details=rate-limited/);
  });

  it('waits for its turn where the route says so', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([backend.port], guarded({ limit: limit({ burst: 2, delay: true }) })));
    const clients = [await stage.connect(), await stage.connect(), await stage.connect(), await stage.connect()];
    const [first, second, third, fourth] = clients as [RawSocket, RawSocket, RawSocket, RawSocket];
    for (const client of clients) {
      client.write(get());
      if (client === first) assert.match(await client.head(), /^HTTP\/1.1 200 /);
      if (client === fourth) assert.match(await client.head(), /^HTTP\/1.1 429 /);
      // A connection of its own for each, so that they come in this order.
      await eventually('it waits', async () => stage.steps.line.waiting === Math.min(2, clients.indexOf(client)));
    }
    assert.equal(backend.connections.length, 1);
    const line = stage.nextLine();
    second.reset();
    const { status, limit: decided } = await line;
    assert.deepEqual([status, decided], [499, 'delayed']);
    assert.equal(stage.steps.line.waiting, 1);
    clock.advance(200);
    assert.match(await third.head(), /^HTTP\/1.1 200 /);
    assert.equal(clock.pending, 0);
  });
}

const limit = (about: Partial<LimitPolicy>): LimitPolicy => ({
  scope: 'app.test/',
  rate: { count: 10, perMs: 1_000 },
  burst: 0,
  delay: false,
  key: { kind: 'ip' },
  status: 429,
  ...about,
});
