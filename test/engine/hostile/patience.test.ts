import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BodySink } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { relay } from '../support/relay.ts';
import { answering, head, Later, noTimeouts, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** Long enough that a busy machine does not make somebody late who is not meant to be. */
const limitMs = 400;

/** Waits a little longer than `limitMs`: until a client that stalls in its body has been given up, twice. */
async function longerThanTheLimit(connect: () => Promise<RawSocket>): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const clock = await connect();
    clock.write('POST /clock HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
    assert.match(await clock.rest(), /^HTTP\/1.1 (408|502)/);
  }
}

/** The other side of the limits: who only takes its time must not run into one that is meant for somebody else. */
for (const [name, makeEngine] of engines) {
  describe(`${name} is patient with`, () => {
    it('a client that did not keep up once, and then waits for an answer that goes on', async (t) => {
      const later = new Later<BodySink>();
      const { connect } = await stage(t, makeEngine({ stallMs: limitMs }), (exchange) => {
        if (exchange.request.method === 'POST') {
          exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: () => {} });
          return;
        }
        const sink = exchange.respond(head(200, {}, null));
        sink.onDrain = () => later.tell(sink);
        assert.equal(sink.write(Buffer.alloc(8 * 1024 * 1024, 'x')), false);
      });
      const client = await connect();
      client.write(get);
      const sink = await later.promise;
      await longerThanTheLimit(connect);
      sink.end();
      assert.match(await client.until('0\r\n\r\n'), /x\r\n0\r\n\r\n$/);
    });

    it('an upload that takes longer than a backend may take to answer', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine({ stallMs: 60_000 });
      const timeouts = { ...noTimeouts, readMs: limitMs };
      const { connect } = await stage(t, engine, relay(engine.upstream, peerAt(backend.port), {}, timeouts));
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n');
      const upload = await backend.next();
      await upload.head();
      for (const byte of 'abc') {
        const clock = await connect();
        // Nobody answers it, so the backend's time runs out.
        clock.write(get);
        assert.match(await clock.head(), /^HTTP\/1.1 502/);
        client.write(byte);
        assert.equal(await upload.bytes(1), byte);
      }
      upload.write('HTTP/1.1 204 No Content\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 204/);
    });

    it('a head in as many pieces as it has bytes', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      for (const byte of `\r\n${get.replace('\r\n\r\n', '\r\nX: y\r\n\r\n')}`) await writeAlone(client, byte);
      assert.match(await client.head(), /^HTTP\/1.1 200/);
    });
  });

  describe(`${name} gives up`, () => {
    it('a client that has sent its whole request, but takes nothing of what it is given', async (t) => {
      const closed = new Later<string>();
      const { connect } = await stage(t, makeEngine({ stallMs: limitMs }), (exchange) => {
        exchange.onClose = closed.tell;
        // The body of the request ends after the client has stopped reading.
        exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: () => {} });
        const sink = exchange.respond(head(200, {}, null));
        sink.write(Buffer.alloc(16 * 1024 * 1024));
      });
      const client = await connect();
      client.socket.pause();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
      await new Promise(setImmediate);
      client.write('b');
      assert.equal(await closed.promise, 'aborted');
    });
  });
}

/** So that each byte is read by itself: the next is written only after loopback and the event loop had a turn. */
async function writeAlone(client: RawSocket, byte: string): Promise<void> {
  await new Promise<void>((resolve) => client.socket.write(byte, 'latin1', () => resolve()));
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
