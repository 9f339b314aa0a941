import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { CensusLimits } from '../../../src/engine/census.ts';
import type { BodySink, Exchange, ExchangeHandler, TlsTerms } from '../../../src/http/transport.ts';
import { eventually } from '../../support/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { engines, type MakeEngineWith } from '../hostile/engines.ts';
import { tlsClient } from '../support/over-tls.ts';
import { relay } from '../support/relay.ts';
import { answering, head, Later, peerAt, type Stage, stage } from '../support/stage.ts';
import { TestAuthority } from '../support/test-authority.ts';
import { H2Client } from './support/h2-client.ts';

const authority = await TestAuthority.create();
const identity = await authority.identity(['a.test']);
const tls: TlsTerms = { decide: () => ({ kind: 'serve', identity }), ticketKeys: randomBytes(48) };

interface Port extends Stage {
  h2(): Promise<H2Client>;
}

async function port(
  t: TestContext,
  makeEngine: MakeEngineWith,
  handler: (engine: Stage['engine']) => ExchangeHandler,
  door: Partial<CensusLimits> = {},
): Promise<Port> {
  const plain = makeEngine();
  const engine = {
    ...plain,
    listen: (options: Parameters<typeof plain.listen>[0]) => plain.listen({ ...options, tls }),
  };
  const all = await stage(t, engine, handler(engine), {}, door);
  const options = { ca: authority.pem, rejectUnauthorized: true, servername: 'a.test' };
  return { ...all, h2: () => H2Client.connect(t, `https://127.0.0.1:${all.listener.port}`, options) };
}

for (const [name, makeEngine] of engines) {
  describe(`${name} on one port`, () => {
    it('speaks HTTP/2 and HTTP/1.1, as each client asks', async (t) => {
      const seen: unknown[] = [];
      const { h2, listener } = await port(t, makeEngine, () => (exchange) => {
        const { request, client } = exchange;
        seen.push([request.version, client.secure, client.tls?.serverName, client.tls?.identity === identity]);
        answering('x')(exchange);
      });
      assert.equal((await (await h2()).get().answer()).text, 'x');
      for (const ALPNProtocols of [['http/1.1'], undefined]) {
        const options = { ca: authority.pem, servername: 'a.test', ...(ALPNProtocols && { ALPNProtocols }) };
        const client = await tlsClient(t, listener.port, options);
        client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
        assert.match(await client.until('x'), /^HTTP\/1.1 200 /);
      }
      assert.deepEqual(
        seen,
        ['2', '1.1', '1.1'].map((version) => [version, true, 'a.test', true]),
      );
    });

    it('relays HTTP/2 to its backends', async (t) => {
      const backend = await RawBackend.open(t);
      const { h2 } = await port(t, makeEngine, ({ upstream }) => relay(upstream, peerAt(backend.port)));
      const asked = (await h2()).ask({ ':method': 'POST' }, 'hi');
      const upstream = await backend.next();
      await upstream.until('2\r\nhi\r\n0\r\n\r\n');
      upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      assert.equal((await asked.answer()).text, 'ok');
    });

    it('drains HTTP/2: idle connections at once, the others with their answer', async (t) => {
      const later = new Later<Exchange>();
      const { h2, listener, counts } = await port(t, makeEngine, () => later.tell);
      const [idle, busy] = [await h2(), await h2()];
      const asked = busy.get();
      const exchange = await later.promise;
      assert.deepEqual([counts().active, counts().writing, counts().waiting], [2, 1, 1]);
      const drained = listener.drain();
      await idle.closed;
      const sink = exchange.respond(head(200, {}, 2));
      sink.write(Buffer.from('ok'));
      sink.end();
      assert.equal((await asked.answer()).text, 'ok');
      await drained;
      assert.equal(counts().active, 0);
    });

    it('cuts HTTP/2 when it is closed', async (t) => {
      const later = new Later<BodySink>();
      const { h2, listener, counts } = await port(t, makeEngine, () => (exchange) => {
        const sink = exchange.respond(head(200, {}, null));
        sink.write(Buffer.from('abc'));
        later.tell(sink);
      });
      const asked = (await h2()).get();
      await asked.until('abc');
      await later.promise;
      listener.close();
      assert.notEqual(await asked.closed, 'whole');
      await eventually('nobody is counted', async () => counts().active === 0);
    });
  });
}

describe('our own codec on one port, with as many connections as there may be,', () => {
  const makeEngine = engines[0]?.[1] as MakeEngineWith;

  it('lets one that waits over HTTP/2 go for a new one, and never one that is served', async (t) => {
    const later = new Later<Exchange>();
    const { h2, refused } = await port(
      t,
      makeEngine,
      () => (exchange) => (exchange.request.target === '/hold' ? later.tell(exchange) : answering('x')(exchange)),
      { connectionsMax: 2 },
    );
    const busy = await h2();
    const held = busy.get('/hold');
    const exchange = await later.promise;
    const idle = await h2();
    assert.equal((await idle.get().answer()).text, 'x');
    const next = await h2();
    assert.equal((await next.get().answer()).text, 'x');
    await idle.closed;
    exchange.respond(head(204)).end();
    assert.equal((await held.answer()).status, 204);
    assert.deepEqual(refused, []);
  });
});
