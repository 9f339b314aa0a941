import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { head, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const answerOf = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

for (const [name, makeEngine] of engines) {
  describe(`${name}, with a client that reads slowly,`, () => {
    it('never shows it what the next request on the same backend connection is answered', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine();
      const handler = relay(engine.upstream, peerAt(backend.port));
      const { connect } = await stage(t, engine, (exchange) => {
        // More than the kernel takes while nobody reads, so that the answer behind it has to wait.
        if (exchange.request.target === '/slow')
          for (let i = 0; i < 200; i++) exchange.inform(head(103, { Link: 'x'.repeat(60_000) }));
        handler(exchange);
      });
      const slow = await connect();
      slow.socket.pause();
      slow.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
      const asked = await backend.next();
      await asked.head();
      asked.write(answerOf('a'.repeat(20_000)));
      // The next goes on the same connection, if that is free already, or on another.
      const other = await connect();
      other.write('GET /other HTTP/1.1\r\nHost: a\r\n\r\n');
      const next = await Promise.race([asked.head().then(() => asked), backend.next()]);
      if (next !== asked) await next.head();
      next.write(answerOf('b'.repeat(20_000)));
      await other.head();
      assert.equal(await other.bytes(20_000), 'b'.repeat(20_000));
      slow.socket.resume();
      await slow.until('HTTP/1.1 200 OK');
      await slow.head();
      assert.equal(await slow.bytes(20_000), 'a'.repeat(20_000));
    });
  });
}
