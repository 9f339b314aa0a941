import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestHead } from '../../../src/http/head.ts';
import { FlatHeaderList } from '../../../src/http/header-list.ts';
import type { BodySink, Exchange } from '../../../src/http/transport.ts';
import { answering, head, Later, type MakeEngine, stage } from '../support/stage.ts';

const get = 'GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** What a listener does with requests that are in order, and with their answers. */
export function listenerContract(makeEngine: MakeEngine): void {
  describe('a listener', () => {
    it('reads a head that is split at any byte', async (t) => {
      const text = 'POST /x?y HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nhi';
      const heads: RequestHead[] = [];
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        heads.push(exchange.request);
        echo(exchange);
      });
      const client = await connect();
      for (let cut = 1; cut < text.length; cut++) {
        client.write(text.slice(0, cut));
        await new Promise(setImmediate);
        client.write(text.slice(cut));
        await client.head();
        const chunks = await client.until('0\r\n\r\n');
        assert.equal(chunks.replaceAll(/[012]\r\n|\r\n/g, ''), 'hi', `cut at ${cut}`);
      }
      const [first] = heads;
      assert.deepEqual(first?.headers.flat(), ['Host', 'a.test', 'Content-Length', '2', 'X-A', 'b']);
      for (const one of heads) {
        assert.deepEqual([one.method, one.target, one.version, one.authority], ['POST', '/x?y', '1.1', 'a.test']);
        assert.deepEqual(one.headers.flat(), first?.headers.flat());
      }
    });

    it('answers pipelined requests in their order, one after the other', async (t) => {
      const waiting: Exchange[] = [];
      const two = new Later<void>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        waiting.push(exchange);
        if (exchange.request.target === '/2') two.tell();
      });
      const client = await connect();
      client.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
      while (waiting.length === 0) await new Promise(setImmediate);
      assert.equal(waiting.length, 1);
      waiting[0]?.respond(head(201)).end();
      assert.match(await client.head(), /^HTTP\/1.1 201 /);
      await two.promise;
      waiting[1]?.respond(head(202)).end();
      assert.match(await client.head(), /^HTTP\/1.1 202 /);
      while (waiting.length < 3) await new Promise(setImmediate);
      waiting[2]?.respond(head(203)).end();
      assert.match(await client.head(), /^HTTP\/1.1 203 /);
    });

    it('takes hundreds of pipelined requests and says where it stops', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write(get.repeat(500));
      const answers: string[] = [];
      while (answers.length < 500 && !answers.at(-1)?.includes('Connection: close')) {
        answers.push(await client.head());
        assert.equal(await client.bytes(1), 'x');
      }
      assert.ok(answers.length >= 100);
    });

    it('hands over absolute-form as origin-form, and OPTIONS *', async (t) => {
      const targets: string[] = [];
      const { connect, scheme } = await stage(t, makeEngine(), (exchange) => {
        targets.push(exchange.request.target);
        exchange.respond(head(204)).end();
      });
      const client = await connect();
      for (const line of [
        `GET ${scheme}://A.test/x?y`,
        `GET ${scheme.toUpperCase()}://a.test`,
        `GET ${scheme}://a.test?q`,
        'OPTIONS *',
        'GET //x/../y',
      ]) {
        client.write(`${line} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
        await client.head();
      }
      assert.deepEqual(targets, ['/x?y', '/', '/?q', '*', '//x/../y']);
    });

    it('keeps names, order and repeats of header lines, and takes Transfer-Encoding out', async (t) => {
      const flat = new Later<string[]>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        flat.tell(exchange.request.headers.flat());
        assert.equal(exchange.request.bodyLength, null);
        exchange.respond(head(204)).end();
      });
      const client = await connect();
      client.write(
        'PUT / HTTP/1.1\r\nhOST: a\r\nCookie: a\r\nTransfer-Encoding:\tChunked\r\nX: \xe9\r\ncookie: b\r\n\r\n0\r\n\r\n',
      );
      assert.deepEqual(await flat.promise, ['hOST', 'a', 'Cookie', 'a', 'X', '\xe9', 'cookie', 'b']);
    });

    it('says who the client is, IPv4 as IPv4', async (t) => {
      const { connect, listener, scheme } = await stage(t, makeEngine(), (exchange) => {
        const { address, localPort, secure } = exchange.client;
        const text = JSON.stringify([address, localPort, secure]);
        exchange.respond(head(200, {}, text.length)).write(Buffer.from(text));
      });
      const client = await connect();
      client.write(get);
      await client.head();
      assert.equal(await client.until(']'), JSON.stringify(['127.0.0.1', listener.port, scheme === 'https']));
    });

    it('frames an answer by its length, and invents no field', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const sink = exchange.respond(
          head(200, { 'X-A': 'b', 'transfer-encoding': 'gzip', 'Content-Length': '99' }, 2),
        );
        sink.write(Buffer.from('hi'));
        sink.end();
      });
      const client = await connect();
      client.write(get);
      assert.equal(await client.head(), 'HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\n');
      assert.equal(await client.bytes(2), 'hi');
      client.write(get);
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
    });

    it('sends a body of unknown length in chunks, with its trailers', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const sink = exchange.respond(head(200, { Trailer: 'X-Sum', 'Content-Length': '5' }, null));
        sink.write(Buffer.from('abc'));
        sink.end(new FlatHeaderList(['X-Sum', '1', 'x-sum', '2']));
      });
      const client = await connect();
      client.write(get);
      assert.equal(await client.head(), 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n');
      assert.equal(await client.until('2\r\n\r\n'), '3\r\nabc\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n');
    });

    it('sends the head of an answer whose body lets itself be waited for', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => void exchange.respond(head(200, {}, null)));
      const client = await connect();
      client.write(get);
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
    });

    it('sends no body with HEAD, 204 and 304, and keeps the connection', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const status = Number(exchange.request.target.slice(1));
        exchange.respond(head(status, { 'Content-Length': '5' }, 0)).end();
      });
      const client = await connect();
      client.write('HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
      client.write('GET /304 HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n');
      client.write('GET /204 HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 204 No Content\r\n\r\n');
      client.write('GET /200 HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });

    it('never sends chunks to HTTP/1.0: the end of the connection ends the body', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        const sink = exchange.respond(head(200, { Trailer: 'X' }, null));
        sink.write(Buffer.from('abc'));
        sink.end(new FlatHeaderList(['X', '1']));
      });
      const client = await connect();
      client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\n');
      assert.equal(await client.rest(), 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc');
    });

    it('keeps the connection of an HTTP/1.0 client that asks for it', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n');
      assert.match(await client.head(), /\r\nConnection: keep-alive\r\n/);
      assert.equal(await client.bytes(1), 'x');
      client.write('GET / HTTP/1.0\r\n\r\n');
      assert.match(await client.rest(), /\r\nConnection: close\r\n\r\nx$/);
    });

    it('closes after an answer to a client that asked for it', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n');
      assert.match(await client.rest(), /\r\nConnection: close\r\n\r\nx$/);
      client.end();
      assert.equal(await client.closed, 'ended');
    });

    it('relays interim responses, but none to HTTP/1.0', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        exchange.inform(head(103, { Link: '</a>' }));
        exchange.inform(head(100));
        exchange.respond(head(204)).end();
      });
      const client = await connect();
      client.write(get);
      assert.equal(await client.head(), 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 204 /);
      client.write('GET / HTTP/1.0\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 204 /);
    });

    it('says 100 Continue once: when the body is asked for, if nobody has said it before', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        if (exchange.request.target === '/relayed') exchange.inform(head(100));
        exchange.receive(
          collecting((text) => {
            const sink = exchange.respond(head(200, {}, text.length));
            sink.write(Buffer.from(text));
            sink.end();
          }),
        );
      });
      const client = await connect();
      for (const path of ['/own', '/relayed']) {
        client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
        assert.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
        client.write('hi');
        assert.match(await client.head(), /^HTTP\/1.1 200 /);
        assert.equal(await client.bytes(2), 'hi');
      }
    });

    it('closes after a final answer instead of 100 Continue: the body may come or not', async (t) => {
      const { connect } = await stage(t, makeEngine(), (exchange) => exchange.respond(head(413)).end());
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
      assert.equal(
        await client.rest(),
        'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    });

    it('hands over the trailers of a request, without those that could be taken for more', async (t) => {
      const trailers = new Later<string[] | undefined>();
      const { connect } = await stage(t, makeEngine(), (exchange) => {
        exchange.receive(collecting((_, given) => trailers.tell(given)));
      });
      const client = await connect();
      client.write(
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n0\r\nX-Sum: 1\r\nHost: b\r\n\r\n',
      );
      assert.deepEqual(await trailers.promise, ['X-Sum', '1']);
    });
  });
}

/** Sends the body back as it comes, in chunks. */
function echo(exchange: Exchange): void {
  const answer = exchange.respond(head(200, {}, null));
  exchange.receive({
    onDrain: null,
    write: (chunk) => answer.write(chunk),
    end: () => answer.end(),
    abort: (failure) => answer.abort(failure),
  });
}

/** Takes a body whole. */
export function collecting(then: (text: string, trailers: string[] | undefined) => void): BodySink {
  let text = '';
  return {
    onDrain: null,
    write(chunk) {
      text += Buffer.from(chunk).toString('latin1');
      return true;
    },
    end: (trailers) => then(text, trailers?.flat()),
    abort: () => {},
  };
}
