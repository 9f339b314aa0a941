import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { CompressPolicy, RoutePolicy } from '../../src/routing/table.ts';
import { aDesk } from '../cache/a-desk.ts';
import { aPolicy } from '../cache/builders.ts';
import { plain } from '../compress/plain.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { eventually } from '../support/engine.ts';
import { RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`an answer of a route that compresses (engine ${name})`, () => compressSuite(makeEngine));
}

const page = '<p>the same again and again</p>\n'.repeat(200);
const html = `Content-Type: text/html\r\nContent-Length: ${page.length}\r\n`;
const answer = (fields = html, body = page, status = '200 OK') => `HTTP/1.1 ${status}\r\n${fields}\r\n${body}`;
const asking = 'Accept-Encoding: gzip, deflate, br\r\n';

interface Wish extends Partial<CompressPolicy> {
  readonly policy?: Partial<RoutePolicy>;
}

async function compressStage(t: TestContext, makeEngine: MakeEngine, { policy, ...wish }: Wish = {}) {
  const backend = await RawBackend.open(t);
  const stage = await proxyStage(t, makeEngine(), { cache: aDesk() });
  const types = wish.types ?? ['text/*', 'application/json'];
  const compress: CompressPolicy = { codings: ['zstd', 'br', 'gzip'], bytesMin: 1_024, ...wish, types };
  stage.serve(routeTo([backend.port], { policy: { ...policy, compress } }));
  const { compressors } = stage.steps;
  return { stage, backend, client: await stage.connect(), compressors };
}

const field = (head: string, name: string): string | undefined =>
  new RegExp(`\r\n${name}: ([^\r]*)`, 'i').exec(head)?.[1];

/** One answer with its body, without chunks. */
async function read(client: RawSocket, method = 'GET'): Promise<{ head: string; body: Buffer; trailers: string }> {
  const head = await client.head();
  if (method === 'HEAD' || / (304|204) /.test(head)) return { head, body: Buffer.alloc(0), trailers: '' };
  const length = field(head, 'Content-Length');
  if (length !== undefined)
    return { head, body: Buffer.from(await client.bytes(Number(length)), 'latin1'), trailers: '' };
  if (field(head, 'Transfer-Encoding') === undefined)
    return { head, body: Buffer.from(await client.rest(), 'latin1'), trailers: '' };
  let body = '';
  for (;;) {
    const size = Number.parseInt(await client.until('\r\n'), 16);
    if (size === 0) break;
    body += await client.bytes(size);
    await client.bytes(2);
  }
  let trailers = '';
  while (!trailers.endsWith('\r\n\r\n') && trailers !== '\r\n') trailers += await client.until('\r\n');
  return { head, body: Buffer.from(body, 'latin1'), trailers };
}

function compressSuite(makeEngine: MakeEngine): void {
  it('is in the coding that the client takes, and its head says so; the connection lives on', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    backend.always(answer(`${html}ETag: "v1"\r\nAccept-Ranges: bytes\r\nVary: Origin\r\n`));
    for (const coding of ['br', 'gzip', 'zstd']) {
      client.write(get('/', `Accept-Encoding: ${coding}\r\n`));
      const { head, body } = await read(client);
      assert.equal(field(head, 'Content-Encoding'), coding);
      assert.equal(field(head, 'Vary'), 'Origin, Accept-Encoding');
      assert.equal(field(head, 'ETag'), 'W/"v1"');
      for (const gone of ['Content-Length', 'Accept-Ranges']) assert.equal(field(head, gone), undefined, gone);
      assert.equal(field(head, 'Transfer-Encoding'), 'chunked');
      assert.ok(body.length < page.length / 10);
      assert.equal(plain(coding, body).toString(), page);
    }
  });

  it('is as it came for who does not ask for it, and says that it might not have been', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    backend.always(answer(`${html}ETag: "v1"\r\nAccept-Ranges: bytes\r\n`));
    for (const fields of ['', 'Accept-Encoding: deflate\r\n', `${asking}Range: bytes=0-\r\n`]) {
      client.write(get('/', fields));
      const { head, body } = await read(client);
      assert.equal(field(head, 'Content-Encoding'), undefined);
      assert.deepEqual([field(head, 'Vary'), field(head, 'ETag')], ['Accept-Encoding', '"v1"']);
      assert.equal(field(head, 'Accept-Ranges'), 'bytes');
      assert.equal(body.toString(), page);
    }
  });

  it('is left alone where it is small, of another type, compressed already or not to be changed', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    const serve = async (text: string) => {
      const upstream = backend.connections[0] ?? (await backend.next());
      await upstream.head();
      upstream.write(text);
    };
    for (const text of [
      answer('Content-Type: text/html\r\nContent-Length: 5\r\n', 'small'),
      answer(html.replace('text/html', 'image/png')),
      answer(`${html}Content-Encoding: gzip\r\n`),
      answer(`${html}Cache-Control: no-transform\r\n`),
      answer(`${html}Content-Digest: sha-256=:AAAA:\r\n`),
    ]) {
      client.write(get('/', asking));
      await serve(text);
      const { head, body } = await read(client);
      assert.equal(`${body}`, text.slice(text.indexOf('\r\n\r\n') + 4));
      assert.equal(field(head, 'Vary'), undefined);
    }
  });

  it('to HEAD says what one to GET says', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    const upstream = backend.next();
    const heads: string[] = [];
    for (const method of ['GET', 'HEAD']) {
      client.write(get('/', asking).replace('GET', method));
      await (await upstream).head();
      (await upstream).write(answer(`${html}ETag: "v1"\r\n`, method === 'GET' ? page : ''));
      heads.push((await read(client, method)).head.replace(/Transfer-Encoding: chunked\r\n/i, ''));
    }
    assert.equal(heads[1], heads[0]);
    assert.match(heads[1] ?? '', /\r\nContent-Encoding: br\r\n/i);
  });

  it('ends with the connection for a client of HTTP/1.0', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    backend.always(answer());
    client.write(get('/', 'Accept-Encoding: gzip\r\n').replace('HTTP/1.1', 'HTTP/1.0'));
    const { head, body } = await read(client);
    assert.equal(field(head, 'Transfer-Encoding'), undefined);
    assert.equal(field(head, 'Connection'), 'close');
    assert.equal(plain('gzip', body).toString(), page);
  });

  it('of unknown length is compressed, and keeps its trailers', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    const fields = 'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n';
    backend.always(answer(fields, '5\r\nshort\r\n0\r\nX-Sum: 1\r\n\r\n'));
    client.write(get('/', asking));
    const { body, trailers } = await read(client);
    assert.equal(plain('br', body).toString(), 'short');
    assert.equal(trailers.trim(), 'X-Sum: 1');
  });

  it('that is told in events comes as they happen, where its type is named', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine, { types: ['text/event-stream'] });
    client.write(get('/', 'Accept-Encoding: gzip\r\n'));
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
    assert.equal(field(await client.head(), 'Content-Encoding'), 'gzip');
    let body = '';
    let expected = '';
    for (const event of ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']) {
      upstream.write(`${event.length.toString(16)}\r\n${event}\r\n`);
      expected += event;
      // The next is not told before this one is there.
      while (plain('gzip', Buffer.from(body, 'latin1'), { whole: false }).toString() !== expected) {
        body += await client.bytes(Number.parseInt(await client.until('\r\n'), 16));
        await client.bytes(2);
      }
    }
  });

  it('that tells events goes as it is where its type is not named', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    client.write(get('/', asking));
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
    upstream.write('b\r\ndata: one\n\n\r\n');
    assert.equal(field(await client.head(), 'Content-Encoding'), undefined);
    await client.until('data: one\n\n');
  });

  it('that breaks off is cut, and its compressor is free again', async (t) => {
    const { backend, client, compressors } = await compressStage(t, makeEngine);
    client.write(get('/', asking));
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(answer(html, page.slice(0, 3_000)));
    await client.head();
    assert.equal(compressors.busy, 1);
    upstream.reset();
    assert.equal(await client.closed, 'reset');
    assert.equal(compressors.busy, 0);
  });

  it('that nobody waits for any more is not fetched to its end, and its compressor is free again', async (t) => {
    const { backend, client, compressors } = await compressStage(t, makeEngine);
    client.write(get('/', asking));
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(answer(html, page.slice(0, 3_000)));
    await client.head();
    client.reset();
    await upstream.rest();
    assert.equal(compressors.busy, 0);
  });

  it('goes as it is where all compressors are busy', async (t) => {
    const { stage, backend, client, compressors } = await compressStage(t, makeEngine);
    const held: RawSocket[] = [];
    for (let i = 0; i < 4; i++) {
      const other = await stage.connect();
      other.write(get('/', asking));
      const upstream = await backend.next();
      await upstream.head();
      upstream.write(answer(`${html}Connection: close\r\n`, page.slice(0, 3_000)));
      assert.equal(field(await other.head(), 'Content-Encoding'), 'br');
      held.push(upstream);
    }
    backend.always(answer());
    client.write(get('/', asking));
    const uncompressed = await read(client);
    assert.equal(uncompressed.body.toString(), page);
    assert.equal(field(uncompressed.head, 'Vary'), 'Accept-Encoding');
    held[0]?.write(page.slice(3_000));
    await eventually('one is free', () => Promise.resolve(compressors.busy === 3));
    client.write(get('/', asking));
    assert.equal(field((await read(client)).head, 'Content-Encoding'), 'br');
  });

  it('to a handshake that the backend declines is one like any other', async (t) => {
    const { backend, client, compressors } = await compressStage(t, makeEngine);
    backend.always(answer());
    const handshake =
      'Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n';
    client.write(get('/', `${asking}Connection: Upgrade\r\n${handshake}`));
    const { head, body } = await read(client);
    assert.equal(field(head, 'Content-Encoding'), 'br');
    assert.equal(plain('br', body).toString(), page);
    assert.equal(compressors.busy, 0);
  });

  it('is compressed by what the client takes, whatever the backend is told of it', async (t) => {
    const requestHeaders = [{ name: 'Accept-Encoding', value: '', how: 'delete' }] as const;
    const { backend, client } = await compressStage(t, makeEngine, { policy: { requestHeaders } });
    client.write(get('/', asking));
    const upstream = await backend.next();
    assert.equal(field(await upstream.head(), 'Accept-Encoding'), undefined);
    upstream.write(answer());
    assert.equal(field((await read(client)).head, 'Content-Encoding'), 'br');
  });

  it('is confirmed by the tag that the client was given for it', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine);
    client.write(get('/', `${asking}If-None-Match: W/"v1"\r\n`));
    const upstream = await backend.next();
    assert.equal(field(await upstream.head(), 'If-None-Match'), 'W/"v1"');
    upstream.write('HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n');
    const { head } = await read(client);
    assert.match(head, /^HTTP\/1.1 304 /);
    assert.deepEqual([field(head, 'ETag'), field(head, 'Vary')], ['W/"v1"', 'Accept-Encoding']);
  });

  it('of the proxy itself is as it is', async (t) => {
    const { stage, client } = await compressStage(t, makeEngine, { bytesMin: 0 });
    stage.serve({
      ...routeTo([]),
      policy: {
        ...routeTo([]).policy,
        compress: { codings: ['gzip'], bytesMin: 0, types: ['text/*', 'application/json'] },
      },
    });
    client.write(get('/', asking));
    const { head, body } = await read(client);
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.deepEqual([field(head, 'Content-Encoding'), field(head, 'Vary')], [undefined, undefined]);
    assert.match(body.toString(), /no-backend/);
  });

  it('is compressed as well where a page stands in for what the backend said', async (t) => {
    const statuses = [{ from: 500, to: 599 }];
    const errors = { pages: [{ statuses, source: { kind: 'builtin' } }], intercept: true } as const;
    const { backend, client, compressors } = await compressStage(t, makeEngine, { bytesMin: 0, policy: { errors } });
    backend.always(answer(html, page, '500 Internal Server Error'));
    client.write(get('/', `${asking}Accept: text/html\r\n`));
    const { head, body } = await read(client);
    assert.match(head, /^HTTP\/1.1 500 /);
    assert.equal(field(head, 'Content-Encoding'), 'br');
    assert.match(plain('br', body).toString(), /^<!doctype html>[\s\S]*<\/html>\n$/);
    assert.equal(compressors.busy, 0);
  });

  it('that is kept is kept as it came, and shown to each in the coding that it takes', async (t) => {
    const { backend, client } = await compressStage(t, makeEngine, { policy: { cache: aPolicy() } });
    backend.always(answer(`${html}Cache-Control: max-age=60\r\nETag: "v1"\r\n`));
    const ask = async (fields: string, method = 'GET') => {
      client.write(get('/', fields).replace('GET', method));
      return read(client, method);
    };
    for (const [coding, word] of [
      ['br', 'MISS'],
      ['gzip', 'HIT'],
      ['zstd', 'HIT'],
    ] as const) {
      const { head, body } = await ask(`Accept-Encoding: ${coding}\r\n`);
      assert.deepEqual([field(head, 'X-Cache-Status'), field(head, 'Content-Encoding')], [word, coding]);
      assert.equal(plain(coding, body).toString(), page);
    }
    const whole = await ask('');
    assert.deepEqual([field(whole.head, 'ETag'), whole.body.toString()], ['"v1"', page]);
    const part = await ask(`${asking}Range: bytes=3-5\r\n`);
    assert.deepEqual([field(part.head, 'Vary'), part.body.toString()], ['Accept-Encoding', 'the']);
    // The tag of a compressed answer does not stand for bytes that a part could be added to.
    const unsure = await ask(`${asking}Range: bytes=3-5\r\nIf-Range: W/"v1"\r\n`);
    assert.deepEqual([unsure.head.slice(9, 12), unsure.body.toString()], ['200', page]);
    const same = await ask(`${asking}If-None-Match: W/"v1"\r\n`);
    assert.deepEqual([same.head.slice(9, 12), field(same.head, 'ETag')], ['304', 'W/"v1"']);
    const head = await ask(asking, 'HEAD');
    assert.deepEqual([field(head.head, 'Content-Encoding'), field(head.head, 'Content-Length')], ['br', undefined]);
    assert.equal(backend.connections.length, 1);
  });
}
