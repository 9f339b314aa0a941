import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { ProxyFailure } from '../../../src/http/failure.ts';
import type { Exchange } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { engines } from '../hostile/engines.ts';
import { lastRequest, sClient } from '../support/openssl.ts';
import { tlsClient, tlsStage } from '../support/over-tls.ts';
import { tunnelRelay } from '../support/relay.ts';
import { answering, head, Later, peerAt } from '../support/stage.ts';
import { neverEnding, tcpRelay } from '../support/tcp-relay.ts';

const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const named = ['-servername', 'a.test'];
/** What OpenSSL says of an end that nobody has announced (close_notify), or of an RST. */
const truncated = /unexpected eof while reading|errno=104/;

for (const [name, makeEngine] of engines) {
  describe(`${name} over TLS ends`, () => {
    it('a connection after its last answer so that nobody takes it for cut', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      const said = await sClient(listener.port, named, lastRequest);
      assert.match(said, /HTTP\/1\.1 200 OK/);
      assert.doesNotMatch(said, truncated);
    });

    it('an answer of HTTP/1.0, whose end is the end of its connection, in the same way', async (t) => {
      const { listener } = await tlsStage(t, makeEngine(), undefined, {
        handler: (exchange) => {
          const sink = exchange.respond(head(200, {}, null));
          sink.write(Buffer.from('whole'));
          sink.end();
        },
      });
      const said = await sClient(listener.port, named, 'GET / HTTP/1.0\r\nHost: a.test\r\n\r\n');
      assert.match(said, /whole/);
      assert.doesNotMatch(said, truncated);
    });

    it('an answer that broke so that everybody takes it for cut', async (t) => {
      const { listener } = await tlsStage(t, makeEngine(), undefined, {
        handler: (exchange) => {
          const sink = exchange.respond(head(200, {}, null));
          sink.write(Buffer.from('half'));
          setImmediate(() => sink.abort(new ProxyFailure('backend-reset', { source: 'backend' })));
        },
      });
      const said = await sClient(listener.port, named, 'GET / HTTP/1.0\r\nHost: a.test\r\n\r\n');
      assert.match(said, truncated);
    });

    it('the connection of a client that says goodbye, which lets its backend go', async (t) => {
      const waiting = new Later<Exchange>();
      const closed = new Later<string>();
      const { shake } = await tlsStage(t, makeEngine(), undefined, {
        handler: (exchange) => {
          exchange.onClose = closed.tell;
          waiting.tell(exchange);
        },
      });
      const client = await shake();
      client.write(get);
      await waiting.promise;
      client.end();
      assert.equal(await closed.promise, 'aborted');
      assert.equal(await client.rest(), '');
    });
  });

  describe(`${name} over TLS passes a tunnel's half close on`, () => {
    it('that a client says by close_notify alone, and carries on in the other direction', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine();
      const handler = tunnelRelay(engine.tunnel, peerAt(backend.port));
      const { listener } = await tlsStage(t, engine, undefined, { handler });
      const client = await tlsClient(t, await tcpRelay(t, listener.port, neverEnding));
      client.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      await client.head();
      client.write('last words');
      client.end();
      assert.equal(await upstream.rest(), 'last words');
      upstream.write('still here');
      assert.equal(await client.bytes(10), 'still here');
      upstream.end();
      assert.equal(await client.rest(), '');
      assert.equal(await client.closed, 'ended');
    });
  });

  describe(`${name} over TLS writes`, () => {
    it('more than a record holds, at once and to a client that is slow, in its order', async (t) => {
      const body = Buffer.from(Array.from({ length: 5_000_000 }, (_, i) => (i * 7) % 251));
      const { shake } = await tlsStage(t, makeEngine(), undefined, {
        handler: (exchange) => {
          const sink = exchange.respond(head(200, {}, body.length));
          if (sink.write(body)) sink.end();
          else sink.onDrain = () => sink.end();
        },
      });
      const client = await shake();
      for (let round = 0; round < 2; round++) {
        client.socket.pause();
        client.write(get);
        for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
        client.socket.resume();
        await client.head();
        assert.ok((await client.bytes(body.length)) === body.toString('latin1'));
      }
    });
  });
}

describe('our own codec over TLS says goodbye', () => {
  it('where a connection has idled for too long, and where the listener drains', async (t) => {
    const idle = await tlsStage(t, createH1Engine(), undefined, { limits: { idleTimeoutMs: 50 } });
    assert.doesNotMatch(await sClient(idle.listener.port, named, get), truncated);

    const answered = new Later<string>();
    const { listener } = await tlsStage(t, createH1Engine(), undefined, {
      handler: (exchange) => {
        exchange.onClose = answered.tell;
        answering('x')(exchange);
      },
    });
    const said = sClient(listener.port, named, get);
    await answered.promise;
    await listener.drain();
    assert.doesNotMatch(await said, truncated);
  });
});
