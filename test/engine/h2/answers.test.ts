import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyFailure } from '../../../src/http/failure.ts';
import { FlatHeaderList } from '../../../src/http/header-list.ts';
import type { BodySink, Exchange } from '../../../src/http/transport.ts';
import { answering, head, Later } from '../support/stage.ts';
import { h2Stage } from './support/h2-stage.ts';

const failure = new ProxyFailure('backend-reset', { source: 'backend' });
const internalError = 2;

describe('an answer over HTTP/2', () => {
  it('has its length, names in lower case, order and repeats, nothing of a connection, and no field of our invention', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      const headers = new FlatHeaderList(
        [
          ['Set-Cookie', 'a'],
          ['Connection', 'X'],
          ['X', 'y'],
          ['Keep-Alive', 'timeout=5'],
          ['Transfer-Encoding', 'gzip'],
          ['Proxy-Connection', 'close'],
          ['Upgrade', 'h2c'],
          ['TE', 'gzip'],
          ['Set-Cookie', 'b'],
          ['Content-Type', 'a/b'],
          ['Content-Type', 'c/d'],
          ['Content-Length', '99'],
          ['X-Latin', '\xe9'],
        ].flat(),
      );
      const sink = exchange.respond({ status: 299, reason: 'Fine', headers, bodyLength: 2 });
      sink.write(Buffer.from('hi'));
      sink.end();
    });
    const { status, fields, text } = await (await client()).get().answer();
    assert.deepEqual([status, text], [299, 'hi']);
    assert.deepEqual(fields, [
      ...['set-cookie', 'a', 'x', 'y', 'set-cookie', 'b', 'content-type', 'a/b', 'content-type', 'c/d'],
      ...['content-length', '2', 'x-latin', '\xe9'],
    ]);
  });

  it('has no body with HEAD, 204, 205 and 304, and may say there what GET would have had', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      const status = Number(exchange.request.target.slice(1));
      const sink = exchange.respond(head(status, { 'Content-Length': '5' }, status === 200 ? 5 : 0));
      sink.write(Buffer.from('never'));
      sink.end();
    });
    const one = await client();
    for (const [method, status, length] of [
      ['HEAD', 200, true],
      ['GET', 304, true],
      ['GET', 204, false],
      ['GET', 205, false],
      ['POST', 204, false],
    ] as const) {
      const got = await one.ask({ ':method': method, ':path': `/${status}` }, method === 'POST' ? 'x' : null).answer();
      assert.deepEqual([got.status, got.fields, got.text], [status, length ? ['content-length', '5'] : [], '']);
    }
  });

  it('of unknown length ends with END_STREAM, with its trailers or without', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      const sink = exchange.respond(head(200, { Trailer: 'X-Sum', 'Content-Length': '5' }, null));
      sink.write(Buffer.from('abc'));
      if (exchange.request.target === '/with') sink.end(new FlatHeaderList(['X-Sum', '1', 'x-sum', '2']));
      else sink.end();
    });
    const one = await client();
    const plain = one.get('/without');
    assert.deepEqual(await plain.answer(), { status: 200, fields: ['trailer', 'X-Sum'], text: 'abc' });
    assert.equal(plain.trailers, null);
    const trailed = one.get('/with');
    assert.equal((await trailed.answer()).text, 'abc');
    assert.deepEqual(trailed.trailers, ['x-sum', '1', 'x-sum', '2']);
  });

  it('sends its head before the first byte of a body that lets itself be waited for', async (t) => {
    const { client } = await h2Stage(t, (exchange) => void exchange.respond(head(200, {}, null)));
    assert.equal((await (await client()).get().head).status, 200);
  });

  it('comes after its interim answers, repeats and all; 100 only where it is asked for', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      const headers = new FlatHeaderList(['Link', '<a>', 'Connection', 'x', 'X', 'y', 'link', '<b>']);
      exchange.inform({ status: 103, reason: '', headers, bodyLength: 0 });
      exchange.inform(head(100));
      exchange.respond(head(204)).end();
      exchange.inform(head(103));
    });
    const asked = (await client()).get();
    assert.equal((await asked.answer()).status, 204);
    assert.deepEqual(asked.informs, [{ status: 103, fields: ['link', '<a>', 'link', '<b>', 'x', 'y'] }]);
  });

  it('that no HTTP/2 of node can carry is answered for, not thrown', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      const sink = exchange.respond(head(700, {}, 1));
      sink.write(Buffer.from('x'));
      sink.end();
    });
    const { status, text } = await (await client()).get().answer();
    assert.deepEqual([status, text], [400, 'backend-invalid']);
  });

  it('may be as large as a head of a backend', async (t) => {
    const { client } = await h2Stage(t, (exchange) =>
      exchange.respond(head(200, { 'X-A': 'a'.repeat(64 * 1024) }, 0)).end(),
    );
    const one = await client();
    assert.equal((await one.get().answer()).fields[1]?.length, 64 * 1024);
  });

  for (const [name, handler] of Object.entries<(exchange: Exchange) => void>({
    'is aborted': (exchange) => {
      const sink = exchange.respond(head(200, {}, null));
      sink.write(Buffer.from('abc'));
      setImmediate(() => sink.abort(failure));
    },
    'is aborted in the same breath': (exchange) => {
      const sink = exchange.respond(head(200, {}, null));
      sink.write(Buffer.from('abc'));
      sink.abort(failure);
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
    'is never given': (exchange) => exchange.destroy(),
  })) {
    it(`that ${name} is reset with INTERNAL_ERROR and never ended, and the connection lives on`, async (t) => {
      const closed = new Later<string>();
      const { frames } = await h2Stage(t, (exchange) => {
        if (exchange.request.target === '/next') return answering('x')(exchange);
        exchange.onClose = closed.tell;
        handler(exchange);
      });
      const one = await frames();
      one.begin();
      one.ask(1);
      assert.equal(await one.resetWith(1), internalError);
      assert.ok(one.frames.every(({ stream, flags, type }) => stream !== 1 || type === 'RST_STREAM' || !(flags & 1)));
      assert.equal(await closed.promise, 'aborted');
      one.ask(3, [
        [':method', 'GET'],
        [':scheme', 'http'],
        [':authority', 'a'],
        [':path', '/next'],
      ]);
      await one.until('DATA', 3);
      assert.equal(closed.count, 1);
    });
  }

  it('that comes before the end of its request is whole; what still comes is told off without an error', async (t) => {
    for (const bodyLength of [1, null, 0]) {
      const aborted = new Later<string>();
      const closed = new Later<string>();
      const { frames } = await h2Stage(t, (exchange) => {
        exchange.onClose = closed.tell;
        exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: (why) => aborted.tell(why.reason) });
        const sink = exchange.respond(head(200, {}, bodyLength));
        if (bodyLength !== 0) sink.write(Buffer.from('x'));
        sink.end();
      });
      const one = await frames();
      one.begin();
      one.ask(1, undefined, 0);
      assert.equal(await one.resetWith(1), 0);
      const sent = one.frames.filter(({ stream }) => stream === 1);
      assert.deepEqual(
        sent.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]),
        bodyLength === 0 ? ['HEADERS', 'RST_STREAM'] : ['HEADERS', 'DATA', 'RST_STREAM'],
      );
      assert.equal((sent.at(-2)?.flags ?? 0) & 1, 1, 'END_STREAM before the reset');
      assert.deepEqual([await aborted.promise, await closed.promise], ['client-aborted', 'complete']);
    }
  });

  it('waits for a client that does not read, and goes on with it', async (t) => {
    const chunk = Buffer.alloc(48 * 1024, 'x');
    const stopped = new Later<number>();
    const total = 400;
    const { client } = await h2Stage(t, (exchange) => {
      const sink = exchange.respond(head(200, {}, chunk.length * total));
      let sent = 0;
      const push = (): void => {
        while (sent < total) {
          sent++;
          // Every piece in the same buffer, as the upstream side reads it.
          chunk.fill(sent % 251);
          if (sink.write(chunk)) continue;
          stopped.tell(sent);
          return;
        }
        sink.end();
      };
      sink.onDrain = push;
      push();
    });
    const asked = (await client()).get();
    await asked.head;
    asked.stream.pause();
    assert.ok((await stopped.promise) < total / 2);
    asked.stream.resume();
    const { text } = await asked.answer();
    assert.equal(text.length, chunk.length * total);
    for (let i = 0; i < total; i++) assert.equal(text.charCodeAt(i * chunk.length + 7), (i + 1) % 251);
  });

  it('tells of a client that leaves once, and takes the rest without a word', async (t) => {
    const closed = new Later<string>();
    const later = new Later<BodySink>();
    const { client } = await h2Stage(t, (exchange) => {
      exchange.onClose = closed.tell;
      const sink = exchange.respond(head(200, {}, null));
      sink.write(Buffer.from('abc'));
      later.tell(sink);
    });
    const asked = (await client()).get();
    await asked.until('abc');
    asked.stream.close(8);
    assert.equal(await closed.promise, 'aborted');
    const sink = await later.promise;
    assert.equal(sink.write(Buffer.from('def')), true);
    sink.end();
    assert.equal(closed.count, 1);
  });
});
