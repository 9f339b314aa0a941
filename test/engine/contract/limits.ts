import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../../src/http/failure.ts';
import type { BodySink, Exchange } from '../../../src/http/transport.ts';
import { answering, head, Later, type MakeEngine, stage } from '../support/stage.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const failure = new ProxyFailure('backend-reset', { source: 'backend' });

/** Where a listener stops: sizes, times, clients that leave, answers that break, the end of its life. */
export function limitsContract(makeEngine: MakeEngine): void {
  describe('a listener bounds', () => {
    it('the target (414) and the head (431)', async (t) => {
      const limits = { headBytesMax: 4096 };
      for (const [bytes, status] of [
        [`GET /${'a'.repeat(5000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
        [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(5000)}\r\n\r\n`, 431],
        [`GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(1000)}\r\n`, 431],
        [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(4000)}\r\n\r\n`, 200],
      ] as const) {
        const { connect } = await stage(t, makeEngine(), answering('x'), limits);
        const client = await connect();
        client.write(bytes);
        assert.match(await client.head(), new RegExp(`^HTTP/1.1 ${status} `));
      }
    });

    it('the time a head may take (408), also of a client that says nothing', async (t) => {
      // Long enough that a busy machine has the first bytes there before it is over.
      const { connect } = await stage(t, makeEngine(), answering('x'), { headTimeoutMs: 500 });
      const slow = await connect();
      slow.write('GET / HTTP/1.1\r\nHost:');
      const silent = await connect();
      assert.match(await slow.rest(), /^HTTP\/1.1 408 /);
      assert.match(await silent.rest(), /^(HTTP\/1.1 408 [\s\S]*)?$/);
    });

    it('the time between two requests', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'), { idleTimeoutMs: 60 });
      const client = await connect();
      client.write(get);
      assert.match(await client.rest(), /^HTTP\/1.1 200 [\s\S]*x$/);
    });

    it('but not the time an answer takes', async (t) => {
      const later = new Later<Exchange>();
      const limits = { headTimeoutMs: 40, idleTimeoutMs: 40 };
      const { connect } = await stage(t, makeEngine(), later.tell, limits);
      const [client, other] = [await connect(), await connect()];
      client.write(get);
      const exchange = await later.promise;
      // Another connection running into the limit is the clock.
      await other.rest();
      exchange.respond(head(204)).end();
      assert.match(await client.head(), /^HTTP\/1.1 204 /);
    });
  });

  describe('a client that leaves', () => {
    for (const how of ['ends', 'resets'] as const) {
      it(`and ${how} while it waits is told of once, and its body is aborted`, async (t) => {
        const began = new Later<Exchange>();
        const closed = new Later<string>();
        const aborted = new Later<string>();
        const { connect } = await stage(t, makeEngine(), (exchange) => {
          exchange.onClose = closed.tell;
          exchange.receive({
            onDrain: null,
            write: () => true,
            end: () => {},
            abort: (why) => aborted.tell(why.reason),
          });
          began.tell(exchange);
        });
        const client = await connect();
        client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
        const exchange = await began.promise;
        if (how === 'ends') client.end();
        else client.reset();
        assert.deepEqual(await Promise.all([closed.promise, aborted.promise]), ['aborted', 'client-aborted']);
        const sink = exchange.respond(head(200, {}, 3));
        assert.equal(sink.write(Buffer.from('abc')), true);
        sink.end();
        await client.closed;
        assert.deepEqual([closed.count, aborted.count], [1, 1]);
      });
    }

    it('in the middle of an answer is told of once', async (t) => {
      const closed = new Later<string>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        exchange.onClose = closed.tell;
        exchange.respond(head(200, {}, null)).write(Buffer.from('abc'));
      });
      const client = await connect();
      client.write(get);
      await client.until('abc');
      client.reset();
      assert.equal(await closed.promise, 'aborted');
      assert.equal(closed.count, 1);
    });

    it('after its answer changes nothing any more', async (t) => {
      const closed = new Later<string>();
      const { connect, listener } = await stage(t, makeEngine(), (exchange) => {
        exchange.onClose = closed.tell;
        answering('x')(exchange);
      });
      const client = await connect();
      client.write(get);
      assert.equal(await closed.promise, 'complete');
      await client.until('x');
      client.reset();
      await client.closed;
      await listener.drain();
      assert.equal(closed.count, 1);
    });
  });

  describe('an answer that breaks', () => {
    const cases: Record<string, (exchange: Exchange) => void> = {
      'is aborted': (exchange) => {
        const sink = exchange.respond(head(200, {}, null));
        sink.write(Buffer.from('abc'));
        setImmediate(() => sink.abort(failure));
      },
      'is shorter than it said': (exchange) => {
        const sink = exchange.respond(head(200, {}, 9));
        sink.write(Buffer.from('abc'));
        setImmediate(() => sink.end());
      },
      'is longer than it said': (exchange) => {
        const sink = exchange.respond(head(200, {}, 3));
        sink.write(Buffer.from('ab'));
        setImmediate(() => sink.write(Buffer.from('cd')));
      },
      'is destroyed': (exchange) => {
        exchange.respond(head(200, {}, null)).write(Buffer.from('abc'));
        setImmediate(() => exchange.destroy());
      },
    };
    for (const [name, handler] of Object.entries(cases)) {
      for (const version of ['1.0', '1.1']) {
        it(`because it ${name} ends with an RST, never like a whole one (HTTP/${version})`, async (t) => {
          const closed = new Later<string>();
          const { connect } = await stage(t, makeEngine(), (exchange) => {
            exchange.onClose = closed.tell;
            handler(exchange);
          });
          const client = await connect();
          client.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
          assert.equal(await client.closed, 'reset');
          assert.equal(await closed.promise, 'aborted');
          assert.equal(closed.count, 1);
        });
      }
    }

    it('or that nobody gives is a plain close', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => exchange.destroy());
      const client = await connect();
      client.write(get);
      assert.equal(await client.rest(), '');
      client.end();
      assert.equal(await client.closed, 'ended');
    });
  });

  describe('an answer that comes before the end of its request', () => {
    it('leaves the connection open where little is to come, and drops that', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
      assert.equal(await client.until('x'), 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
      client.write(`defghi${get}`);
      assert.equal(await client.until('x'), 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
    });

    it('closes where much is to come, and arrives all the same', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n${'y'.repeat(600_000)}`);
      assert.equal(await client.rest(), 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx');
    });

    it('ends the hopes of whoever received the body', async (t) => {
      const aborted = new Later<string>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: (why) => aborted.tell(why.reason) });
        answering('x')(exchange);
      });
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      await aborted.promise;
      assert.match(await client.head(), /Connection: close/);
    });
  });

  describe('back-pressure', () => {
    it('stops a pusher that a client does not read from, and starts it again', async (t) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const stopped = new Later<number>();
      const total = 400;
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const sink = exchange.respond(head(200, {}, chunk.length * total));
        let sent = 0;
        const push = (): void => {
          while (sent < total) {
            sent++;
            if (sink.write(chunk)) continue;
            stopped.tell(sent);
            return;
          }
          sink.onDrain = null;
          sink.end();
        };
        sink.onDrain = push;
        push();
      });
      const client = await connect();
      client.socket.pause();
      client.write(get);
      assert.ok((await stopped.promise) < total / 2);
      client.socket.resume();
      await client.head();
      assert.equal((await client.bytes(chunk.length * total)).length, chunk.length * total);
    });

    it('stops a client that nobody reads from, and lets it go on', async (t) => {
      const sink = new Later<BodySink>();
      let bytes = 0;
      let full = true;
      const ended = new Later<number>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const body: BodySink = {
          onDrain: null,
          write(chunk) {
            bytes += chunk.length;
            sink.tell(body);
            return !full;
          },
          end: () => ended.tell(bytes),
          abort: (why) => assert.fail(why.message),
        };
        exchange.receive(body);
      });
      const client = await connect();
      const length = 32 * 1024 * 1024;
      client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
      client.socket.write(Buffer.alloc(length));
      const body = await sink.promise;
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      const held = bytes;
      assert.ok(held < 1024 * 1024, `${held} bytes were pushed into a full sink`);
      full = false;
      body.onDrain?.();
      assert.equal(await ended.promise, length);
    });
  });

  describe('a listener that drains', () => {
    it('closes idle connections at once, the others with their answer, and takes no more', async (t) => {
      const later = new Later<Exchange>();
      const { connect, listener, counts } = await stage(t, makeEngine(), (exchange) => {
        if (exchange.request.target === '/slow') later.tell(exchange);
        else answering('x')(exchange);
      });
      const [fresh, idle, busy] = [await connect(), await connect(), await connect()];
      idle.write(get);
      await idle.until('x');
      busy.write(get.replace('/', '/slow'));
      const exchange = await later.promise;
      assert.deepEqual(counts(), { active: 3, accepted: 3, handled: 3, reading: 0, writing: 1, waiting: 2 });
      const drained = listener.drain();
      for (const client of [fresh, idle]) {
        assert.equal(await client.rest(), '');
        client.end();
      }
      await assert.rejects(connect(), { code: 'ECONNREFUSED' });
      exchange.respond(head(204)).end();
      assert.match(await busy.rest(), /^HTTP\/1.1 204 [\s\S]*Connection: close/);
      busy.end();
      await drained;
      assert.deepEqual(counts(), { active: 0, accepted: 3, handled: 3, reading: 0, writing: 0, waiting: 0 });
    });

    it('lets an answer end that began before', async (t) => {
      const later = new Later<BodySink>();
      const { connect, listener } = await stage(t, makeEngine(), (exchange) => {
        const sink = exchange.respond(head(200, {}, null));
        sink.write(Buffer.from('abc'));
        later.tell(sink);
      });
      const client = await connect();
      client.write(get);
      const sink = await later.promise;
      await client.until('abc\r\n');
      const drained = listener.drain();
      sink.write(Buffer.from('def'));
      sink.end();
      assert.equal(await client.rest(), '3\r\ndef\r\n0\r\n\r\n');
      client.end();
      await drained;
    });

    it('cuts what is left when it is closed', async (t) => {
      const later = new Later<Exchange>();
      const { connect, listener } = await stage(t, makeEngine(), later.tell);
      const client = await connect();
      client.write(get);
      await later.promise;
      const drained = listener.drain();
      listener.close();
      assert.equal(await client.closed, 'reset');
      await drained;
    });
  });
}
