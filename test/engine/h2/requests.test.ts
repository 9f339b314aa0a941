import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { RequestHead } from '../../../src/http/head.ts';
import type { Exchange } from '../../../src/http/transport.ts';
import { collecting } from '../contract/listener.ts';
import { answering, head, Later } from '../support/stage.ts';
import {
  block,
  endHeaders,
  endStream,
  type FrameClient,
  frame,
  getHead,
  number32,
  type Pairs,
} from './support/frame-client.ts';
import { type H2StageOptions, h2Stage } from './support/h2-stage.ts';

const protocolError = 1;

interface Asked {
  readonly one: FrameClient;
  readonly seen: Promise<RequestHead>;
  readonly exchange: Promise<Exchange>;
}

/** A client that has asked with this head, and what the handler saw of it. */
async function asked(t: TestContext, pairs: Pairs, flags = endStream, options: H2StageOptions = {}): Promise<Asked> {
  const exchange = new Later<Exchange>();
  const { frames } = await h2Stage(t, exchange.tell, options);
  const one = await frames();
  one.begin();
  one.ask(1, pairs, flags);
  return { one, exchange: exchange.promise, seen: exchange.promise.then(({ request }) => request) };
}

const post: Pairs = getHead.map(([name, value]) => [name, value === 'GET' ? 'POST' : value]);

describe('a request over HTTP/2', () => {
  it('becomes a head as HTTP/1.1 would have it: Host first, in one cookie what came in crumbs', async (t) => {
    const { seen } = await asked(t, [
      [':authority', 'A.test:81'],
      [':path', '//a%2Fb/../c?x=/..//%zz'],
      [':scheme', 'http'],
      [':method', 'PROPFIND'],
      ['x', '\xe9'],
      ['cookie', 'a=1'],
      ['te', 'trailers'],
      ['cookie', 'b=2'],
      ['x', ''],
      ['cookie', ''],
      ['cookie', 'c=3'],
    ]);
    const { headers, ...rest } = await seen;
    assert.deepEqual(headers.flat(), [
      ...['host', 'A.test:81', 'x', '\xe9', 'cookie', 'a=1; b=2; c=3', 'te', 'trailers', 'x', ''],
    ]);
    assert.deepEqual(rest, {
      method: 'PROPFIND',
      target: '//a%2Fb/../c?x=/..//%zz',
      version: '2',
      authority: 'A.test:81',
      bodyLength: 0,
      upgrade: null,
      expectsContinue: false,
    });
  });

  it('may name its host by Host alone, or twice the same', async (t) => {
    const withoutAuthority = getHead.filter(([name]) => name !== ':authority');
    for (const pairs of [
      [...withoutAuthority, ['host', 'A.test']],
      [...getHead, ['host', 'A.TEST']],
    ] as const) {
      const { headers, authority } = await (await asked(t, pairs as Pairs)).seen;
      assert.deepEqual(headers.all('host'), [authority]);
      assert.equal(authority.toLowerCase(), 'a.test');
    }
  });

  it('has the length that it states, none without a body, and else is open to the end', async (t) => {
    for (const [pairs, flags, bodyLength] of [
      [[...post, ['content-length', '5']], 0, 5],
      [[...post, ['content-length', '0']], 0, 0],
      [[...post, ['content-length', '0']], endStream, 0],
      [post, 0, null],
      [post, endStream, 0],
    ] as const) {
      assert.equal((await (await asked(t, pairs as Pairs, flags)).seen).bodyLength, bodyLength);
    }
  });

  it('brings its body in whatever frames, padded and empty ones among them, and its trailers', async (t) => {
    const { one, exchange } = await asked(t, post, 0);
    const whole = new Later<[string, string[] | undefined]>();
    (await exchange).receive(collecting((text, trailers) => whole.tell([text, trailers])));
    one.send(
      frame('DATA', 0, 1, 'ab'),
      frame('DATA', 0, 1),
      frame('DATA', 8, 1, '\x03c\0\0\0'),
      frame(
        'HEADERS',
        endHeaders | endStream,
        1,
        block([
          ['x-sum', '1'],
          ['host', 'b'],
          ['x-sum', '2'],
        ]),
      ),
    );
    assert.deepEqual(await whole.promise, ['abc', ['x-sum', '1', 'x-sum', '2']]);
  });

  it('brings trailers that have come long before somebody wants the body', async (t) => {
    const { one, exchange } = await asked(t, post, 0);
    const arrived = await exchange;
    one.send(frame('DATA', 0, 1, 'abc'), frame('HEADERS', endHeaders | endStream, 1, block([['x-sum', '1']])));
    // Its answer says that all before it has been read.
    one.send(frame('PING', 0, 0, '12345678'));
    await one.until('PING');
    const whole = new Later<[string, string[] | undefined]>();
    arrived.receive(collecting((text, trailers) => whole.tell([text, trailers])));
    assert.deepEqual(await whole.promise, ['abc', ['x-sum', '1']]);
  });

  for (const [name, trailers] of Object.entries<Pairs>({
    'a length as a CGI reads it': [['content_length', '1']],
    'a value with a space before it': [['x', ' y']],
    'more lines than a head may have': Array.from({ length: 129 }, () => ['x', 'y'] as const),
    'more bytes than trailers may have': [['x', 'y'.repeat(9_000)]],
  })) {
    it(`is refused (400) for trailers with ${name}, and its body is not whole`, async (t) => {
      const { one, exchange } = await asked(t, post, 0);
      const aborted = new Later<string>();
      (await exchange).receive({
        onDrain: null,
        write: () => true,
        end: () => assert.fail('the body is not whole'),
        abort: ({ reason }) => aborted.tell(reason),
      });
      one.send(frame('DATA', 0, 1, 'abc'), frame('HEADERS', endHeaders | endStream, 1, block(trailers)));
      assert.equal(await aborted.promise, 'bad-request');
      assert.equal((await one.until('DATA', 1)).payload.toString(), 'bad-request');
    });
  }

  for (const [name, frames] of Object.entries<Buffer[]>({
    'ends before it': [frame('DATA', endStream, 1, 'abc')],
    'goes beyond it': [frame('DATA', 0, 1, 'abcdef')],
    'ends with trailers before it': [frame('HEADERS', endHeaders | endStream, 1, block([['x', 'y']]))],
  })) {
    it(`with a length whose body ${name} is a protocol error, and its body is not whole`, async (t) => {
      const { one, exchange } = await asked(t, [...post, ['content-length', '5']], 0);
      const aborted = new Later<string>();
      const closed = new Later<string>();
      const asking = await exchange;
      asking.onClose = closed.tell;
      asking.receive({
        onDrain: null,
        write: () => true,
        end: () => assert.fail('the body is not whole'),
        abort: ({ reason }) => aborted.tell(reason),
      });
      one.send(...frames);
      await aborted.promise;
      assert.equal(await closed.promise, 'aborted');
      assert.ok(one.frames.every(({ type }) => type !== 'HEADERS'));
    });
  }

  for (const code of [0, 8]) {
    it(`whose body is reset with ${code} is not whole, and told of once`, async (t) => {
      const { one, exchange } = await asked(t, post, 0);
      const aborted = new Later<string>();
      const closed = new Later<string>();
      const asking = await exchange;
      asking.onClose = closed.tell;
      asking.receive({
        onDrain: null,
        write: () => true,
        end: () => assert.fail('the body is not whole'),
        abort: ({ reason }) => aborted.tell(reason),
      });
      one.send(frame('DATA', 0, 1, 'abc'), frame('RST_STREAM', 0, 1, number32(code)));
      assert.deepEqual(await Promise.all([aborted.promise, closed.promise]), ['client-aborted', 'aborted']);
      assert.deepEqual([aborted.count, closed.count], [1, 1]);
      assert.equal(asking.respond(head(200, {}, 3)).write(Buffer.from('abc')), true);
    });
  }

  it('of HEAD whose body is reset is not whole either', async (t) => {
    const pairs: Pairs = getHead.map(([name, value]) => [name, value === 'GET' ? 'HEAD' : value]);
    const { one, exchange } = await asked(t, pairs, 0);
    const aborted = new Later<string>();
    (await exchange).receive({
      onDrain: null,
      write: () => true,
      end: () => assert.fail('the body is not whole'),
      abort: ({ reason }) => aborted.tell(reason),
    });
    one.send(frame('DATA', 0, 1, 'abc'), frame('RST_STREAM', 0, 1, number32(0)));
    assert.equal(await aborted.promise, 'client-aborted');
  });

  it('that expects 100 Continue is told so once: by the backend, or when its body is asked for', async (t) => {
    const { client } = await h2Stage(t, (exchange) => {
      if (exchange.request.target === '/relayed') exchange.inform(head(100));
      exchange.receive(collecting((text) => answering(text)(exchange)));
    });
    const one = await client();
    for (const path of ['/own', '/relayed']) {
      const request = one.ask({ ':method': 'POST', ':path': path, expect: '100-continue' });
      request.stream.once('continue', () => request.stream.end('hi'));
      assert.equal((await request.answer()).text, 'hi');
      assert.deepEqual(request.informs, [{ status: 100, fields: [] }]);
    }
  });

  it('is held back while nobody takes its body, and goes on', async (t) => {
    let bytes = 0;
    let full = true;
    const first = new Later<() => void>();
    const ended = new Later<number>();
    const { client, sockets } = await h2Stage(t, (exchange) => {
      const sink = {
        onDrain: null as (() => void) | null,
        write(chunk: Uint8Array) {
          bytes += chunk.length;
          first.tell(() => sink.onDrain?.());
          return !full;
        },
        end: () => ended.tell(bytes),
        abort: (why: Error) => assert.fail(why.message),
      };
      exchange.receive(sink);
    });
    const length = 8 * 1024 * 1024;
    const request = (await client()).ask({ ':method': 'POST' });
    request.stream.end(Buffer.alloc(length));
    const drain = await first.promise;
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    assert.ok(bytes <= 64 * 1024, `${bytes} bytes were pushed into a full sink`);
    assert.ok((sockets[0]?.bytesRead ?? 0) < 4 * 64 * 1024, 'not much more than a window was read');
    full = false;
    drain();
    assert.equal(await ended.promise, length);
  });

  it('for another protocol has that as its upgrade, and no body', async (t) => {
    const pairs: Pairs = [
      [':method', 'CONNECT'],
      [':protocol', 'WebSocket'],
      ...getHead.slice(1),
      ['sec-websocket-version', '13'],
    ];
    const { method, upgrade, bodyLength, target } = await (await asked(t, pairs, 0)).seen;
    assert.deepEqual([method, upgrade, bodyLength, target], ['GET', 'websocket', 0, '/']);
  });

  it('is refused on its stream alone', async (t) => {
    const { frames } = await h2Stage(t, answering('x'));
    const one = await frames();
    one.begin();
    one.ask(1, [...getHead, ['connection', 'close']]);
    assert.equal(await one.resetWith(1), protocolError);
    one.ask(3);
    assert.equal((await one.until('DATA', 3)).payload.toString(), 'x');
  });
});
