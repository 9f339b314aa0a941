import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { answering, head, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('our own codec, with a client that asks much at once,', () => {
  it('answers a few requests and then lets the others have their turn', async (t) => {
    const answer = answering('x');
    let inThisTurn = 0;
    let most = 0;
    const { connect } = await stage(t, createH1Engine(), (exchange) => {
      if (inThisTurn++ === 0)
        setImmediate(() => {
          most = Math.max(most, inThisTurn);
          inThisTurn = 0;
        });
      answer(exchange);
    });
    const client = await connect();
    const total = 2_000;
    client.write(get.repeat(total));
    for (let i = 0; i < total; i++) await client.until('\r\n\r\nx');
    assert.ok(most <= 64, `${most} requests of one client were served in one turn`);
  });
});

for (const [name, makeEngine] of engines) {
  describe(`${name}, with a client that sends requests and never reads the answers,`, () => {
    it('holds a bounded part of them, gives the client up, and serves others meanwhile', async (t) => {
      const body = 'x'.repeat(20_000);
      const served = { hostile: 0 };
      const { connect, listener } = await stage(t, makeEngine({ stallMs: 2_000 }), (exchange) => {
        if (exchange.request.target === '/fair') return answering('fair')(exchange);
        served.hostile++;
        const sink = exchange.respond(head(200, {}, body.length));
        sink.write(Buffer.from(body));
        sink.end();
      });
      const client = await connect();
      client.socket.pause();
      let taken = 0;
      const batch = get.repeat(1_000);
      client.socket.on('error', () => {});
      // For as long as the proxy, and the kernel on its behalf, take any; `drain` comes when they did.
      const pour = async (): Promise<void> => {
        while (!client.socket.destroyed) {
          taken += batch.length;
          if (!client.socket.write(batch)) await once(client.socket, 'drain');
        }
      };
      const poured = pour().catch(() => {});
      const fair = await connect();
      fair.write(get.replace('/', '/fair'));
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      await client.closed;
      await poured;
      // What the kernel holds of answers and requests is a few MiB each way at most; the rest was never read, nor answered.
      assert.ok(served.hostile * body.length < 32 * 1024 * 1024, `${served.hostile} answers were made`);
      assert.ok(taken < 64 * 1024 * 1024, `${taken} bytes of requests were taken`);
      fair.write(get.replace('/', '/fair'));
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      assert.ok(listener.counts().active >= 1);
    });
  });
}
