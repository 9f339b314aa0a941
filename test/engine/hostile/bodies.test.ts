import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BodySink } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { answering, head, Later, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const post = (fields: string) => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;
const chunkedPost = post('Transfer-Encoding: chunked');
const takeAll = (): BodySink => ({ onDrain: null, write: () => true, end: () => {}, abort: () => {} });

for (const [name, makeEngine] of engines) {
  describe(`${name} ends a request body`, () => {
    it('that comes a byte at a time for ever (408), lets its backend off, and serves others meanwhile', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine({ stallMs: 500 });
      const toBackend = relay(engine.upstream, peerAt(backend.port));
      const { connect } = await stage(t, engine, (exchange) =>
        exchange.request.method === 'POST' ? toBackend(exchange) : answering('fair')(exchange),
      );
      const slow = await Promise.all(Array.from({ length: 20 }, connect));
      for (const client of slow) client.write(post('Content-Length: 1000000'));
      const drip = setInterval(() => {
        for (const client of slow) if (client.socket.writable) client.write('x');
      }, 20);
      t.after(() => clearInterval(drip));
      const asked = await Promise.all(slow.map(() => backend.next()));
      const fair = await connect();
      fair.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      // The reference engine leaves the answer to whoever received the body: here to the relay.
      for (const client of slow) assert.match(await client.rest(), /^HTTP\/1.1 (408 |502 [\s\S]*request-timeout$)/);
      for (const connection of asked) await connection.rest();
    });

    it('but not one that keeps the pace, however long it takes', async (t) => {
      const stallMs = 400;
      const ended = new Later<string>();
      const { connect } = await stage(t, makeEngine({ stallMs, paceBytes: 64 }), (exchange) => {
        if (exchange.request.target !== '/paced') return exchange.receive(takeAll());
        exchange.receive({ ...takeAll(), end: () => ended.tell('whole'), abort: (why) => ended.tell(why.reason) });
      });
      const client = await connect();
      client.write(post('Content-Length: 6400').replace('/', '/paced'));
      let sent = 0;
      const drip = setInterval(() => {
        client.write('x'.repeat(64));
        sent += 64;
        if (sent === 6_400) clearInterval(drip);
      }, 10);
      t.after(() => clearInterval(drip));
      // A client that stalls is the clock: the other has been at it for longer than the limit.
      const clock = await connect();
      clock.write(`${post('Content-Length: 9')}abc`);
      assert.match(await clock.rest(), /^HTTP\/1.1 408 /);
      assert.equal(await ended.promise, 'whole');
    });

    it('whose client takes nothing of an answer that came early, although the body goes on', async (t) => {
      const closed = new Later<string>();
      const { connect } = await stage(t, makeEngine({ stallMs: 500, paceBytes: 1 }), (exchange) => {
        exchange.onClose = closed.tell;
        exchange.receive(takeAll());
        exchange.respond(head(200, {}, null)).write(Buffer.alloc(kernelBytesMax));
      });
      const client = await connect();
      client.socket.pause();
      client.write(post('Content-Length: 1000000'));
      const drip = setInterval(() => client.socket.writable && client.write('x'), 20);
      t.after(() => clearInterval(drip));
      assert.equal(await closed.promise, 'aborted');
    });
  });

  describe(`${name}, with a body that was answered before it came,`, () => {
    for (const [what, fields, piece] of [
      ['a length', 'Content-Length: 100000000000', 'x'.repeat(65_536)],
      ['chunks', 'Transfer-Encoding: chunked', `10000\r\n${'x'.repeat(65_536)}\r\n`],
    ] as const) {
      it(`takes a bounded part of what goes on to be sent (${what})`, async (t) => {
        const { connect } = await stage(t, makeEngine({ lingerMs: 500 }), answering('no'));
        const client = await connect();
        client.write(post(fields));
        const taken = await pour(client, piece);
        assert.ok(taken < kernelBytesMax, `${taken} bytes were taken`);
      });
    }
  });

  // Their parser reads the others on and on without keeping them; who sends no body meanwhile stalls.
  const ownOnly = new Set(['extensions of tiny chunks', 'zeros before a chunk size']);
  const endless: Readonly<Record<string, readonly [start: string, piece: string]>> = {
    'a chunk extension': ['1;', 'a'.repeat(65_536)],
    'extensions of tiny chunks': ['', `1;a=${'b'.repeat(100)}\r\nx\r\n`.repeat(600)],
    'zeros before a chunk size': ['', '0'.repeat(65_536)],
    'a trailer line': ['0\r\nX: ', 'a'.repeat(65_536)],
    'trailer lines': ['0\r\n', 'X: y\r\n'.repeat(10_000)],
  };
  describe(`${name}, with a chunked body that has without end`, () => {
    for (const [what, [start, piece]] of Object.entries(endless)) {
      if (name !== 'our own codec' && ownOnly.has(what)) continue;
      it(`${what}, gives it up after a bounded part, and tells whoever received it`, async (t) => {
        const aborted = new Later<string>();
        const { connect } = await stage(t, makeEngine({ lingerMs: 500 }), (exchange) =>
          exchange.receive({ ...takeAll(), end: () => aborted.tell('end'), abort: (why) => aborted.tell(why.reason) }),
        );
        const client = await connect();
        client.write(chunkedPost + start);
        const answer = client.head().catch(() => 'RST came before it was read');
        const taken = await pour(client, piece);
        assert.ok(taken < kernelBytesMax, `${taken} bytes were taken`);
        assert.match(await aborted.promise, /^(bad-request|headers-too-large|client-aborted)$/);
        assert.match(await answer, /^(HTTP\/1.1 4[03][01] |RST)/);
      });
    }
  });

  describe(`${name} reads`, () => {
    it('a body of very many chunks of one byte to its end, and serves others meanwhile', async (t) => {
      const count = 100_000;
      const ended = new Later<number>();
      let bytes = 0;
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        if (exchange.request.method === 'GET') return answering('fair')(exchange);
        const write = (chunk: Uint8Array): boolean => {
          bytes += chunk.length;
          return true;
        };
        exchange.receive({ ...takeAll(), write, end: () => ended.tell(bytes) });
      });
      const client = await connect();
      client.write(chunkedPost);
      client.write('1\r\nx\r\n'.repeat(count));
      const fair = await connect();
      fair.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      client.write('0\r\n\r\n');
      assert.equal(await ended.promise, count);
    });
  });
}
