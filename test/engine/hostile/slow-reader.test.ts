import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '../../support/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { answering, head, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const answerOf = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const endlessAnswers = {
  'a length': [20, 'HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n', 'x'.repeat(65_536)],
  chunks: [20, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', `4000\r\n${'x'.repeat(0x4000)}\r\n`],
  // Each read of these is work, so a few clients do.
  'very many chunks': [2, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'.repeat(10_000)],
} as const;

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
      asked.write(answerOf('{'.repeat(20_000)));
      // The next goes on the same connection, if that is free already, or on another.
      const other = await connect();
      other.write('GET /other HTTP/1.1\r\nHost: a\r\n\r\n');
      const next = await Promise.race([asked.head().then(() => asked), backend.next()]);
      if (next !== asked) await next.head();
      next.write(answerOf('}'.repeat(20_000)));
      await other.head();
      assert.equal(await other.bytes(20_000), '}'.repeat(20_000));
      const got = { own: 0, others: 0 };
      slow.socket.on('data', (chunk: Buffer) => {
        // Neither bracket is in a head.
        for (const byte of chunk) {
          if (byte === 0x7b) got.own++;
          else if (byte === 0x7d) got.others++;
        }
      });
      slow.socket.resume();
      await eventually('its answer is there', async () => got.own + got.others >= 20_000);
      assert.deepEqual(got, { own: 20_000, others: 0 });
    });

    for (const [what, [clients, start, piece]] of Object.entries(endlessAnswers)) {
      // node takes 10 µs for each chunk: right, but too slow to test.
      if (name !== 'our own codec' && what === 'very many chunks') continue;
      it(`or ${clients}, of an answer without end (${what}), takes a bounded part from the backend, and serves others`, async (t) => {
        const backend = await RawBackend.open(t);
        const engine = makeEngine({ stallMs: 1_500 });
        const toBackend = relay(engine.upstream, peerAt(backend.port));
        const { connect, counts } = await stage(t, engine, (exchange) =>
          exchange.request.target === '/fair' ? answering('fair')(exchange) : toBackend(exchange),
        );
        const slow = await Promise.all(Array.from({ length: clients }, connect));
        for (const client of slow) {
          client.socket.pause();
          client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        }
        const poured = slow.map(async () => {
          const asked = await backend.next();
          await asked.head();
          asked.write(start);
          return pour(asked, piece);
        });
        const fair = await connect();
        fair.write('GET /fair HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
        // It ends when the client is given up: then the backend is let off as well.
        for (const taken of await Promise.all(poured))
          assert.ok(taken < 2 * kernelBytesMax, `${taken} bytes were taken`);
        assert.equal(counts().active, 1);
        fair.write('GET /fair HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      });
    }
  });
}
