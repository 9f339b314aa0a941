import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { UpstreamTimeouts } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { type RelayLog, relay } from '../support/relay.ts';
import { Later, noTimeouts, peerAt } from '../support/stage.ts';
import type { H2Client } from './support/h2-client.ts';
import { backendEngine, h2Stage } from './support/h2-stage.ts';

const internalError = 2;

/** More than the kernel holds, and no piece of it like its neighbours: a prime number of bytes, again and again. */
const bytes = Buffer.alloc(
  16 * 1024 * 1024,
  Buffer.from(Array.from({ length: 65_521 }, (_, i) => (i * 7 + (i >> 9)) & 0xff)),
);

async function scene(
  t: TestContext,
  log: RelayLog = {},
  timeouts: UpstreamTimeouts = noTimeouts,
): Promise<{ backend: RawBackend; one: H2Client }> {
  const backend = await RawBackend.open(t);
  const { upstream } = backendEngine(t);
  const { client } = await h2Stage(t, relay(upstream, peerAt(backend.port), log, timeouts));
  return { backend, one: await client() };
}

describe('what is relayed between HTTP/2 and HTTP/1.1', () => {
  it('keeps target, names and repeats', async (t) => {
    const { backend, one } = await scene(t);
    const asked = one.ask({ ':path': '//a%2Fb/../c?x=/..//%zz', 'x-y': ['1', '2'], te: 'trailers' }, null);
    const upstream = await backend.next();
    assert.equal(
      await upstream.head(),
      'GET //a%2Fb/../c?x=/..//%zz HTTP/1.1\r\nhost: a.test\r\nx-y: 1\r\nx-y: 2\r\nTE: trailers\r\nConnection: TE\r\n\r\n',
    );
    upstream.write('HTTP/1.1 299 Fine\r\nSet-Cookie: a\r\nETag: "x"\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nok');
    assert.deepEqual(await asked.answer(), {
      status: 299,
      fields: ['set-cookie', 'a', 'etag', '"x"', 'set-cookie', 'b', 'content-length', '2'],
      text: 'ok',
    });
  });

  it('is streamed both ways at once, with trailers both ways', async (t) => {
    const { backend, one } = await scene(t);
    const asked = one.ask({ ':method': 'POST', trailer: 'x-t' });
    asked.stream.on('wantTrailers', () => asked.stream.sendTrailers({ 'x-t': '1' }));
    asked.stream.write('a');
    const upstream = await backend.next();
    await upstream.until('1\r\na\r\n');
    upstream.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n');
    await asked.until('A');
    asked.stream.write('b');
    await upstream.until('1\r\nb\r\n');
    asked.stream.end();
    await upstream.until('0\r\n\r\n');
    upstream.write('1\r\nB\r\n0\r\nX-T: 2\r\n\r\n');
    assert.equal((await asked.answer()).text, 'AB');
    assert.deepEqual(asked.trailers, ['x-t', '2']);
  });

  it('may end with the backend connection', async (t) => {
    const { backend, one } = await scene(t);
    const asked = one.get();
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.0 200 OK\r\n\r\nabc');
    upstream.end();
    assert.equal((await asked.answer()).text, 'abc');
  });

  it('leaves 100 Continue, and its refusal, to the backend', async (t) => {
    const { backend, one } = await scene(t);
    const ask = () => one.ask({ ':method': 'PUT', expect: '100-continue', 'content-length': '2' });
    const told = ask();
    const upstream = await backend.next();
    assert.match(await upstream.head(), /\r\nexpect: 100-continue\r\n/);
    assert.deepEqual(told.informs, []);
    told.stream.once('continue', () => told.stream.end('hi'));
    upstream.write('HTTP/1.1 100 Continue\r\n\r\n');
    assert.equal(await upstream.bytes(2), 'hi');
    upstream.write('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
    assert.equal((await told.answer()).status, 201);
    assert.deepEqual(told.informs, [
      { status: 100, fields: [] },
      { status: 103, fields: ['link', '<a>'] },
    ]);

    const refused = ask();
    const again = await Promise.race([upstream.head().then(() => upstream), backend.next()]);
    if (again !== upstream) await again.head();
    again.write('HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n');
    assert.equal((await refused.answer()).status, 417);
    assert.equal(await again.rest(), '');
  });

  it('is cut for the backend where the client leaves, on its stream alone', async (t) => {
    const closed = new Later<string>();
    const { backend, one } = await scene(t, { onClose: closed.tell });
    const asked = one.get();
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await asked.until('abc');
    asked.stream.close(8);
    await upstream.rest();
    assert.equal(await closed.promise, 'aborted');
    const next = one.get();
    const other = await backend.next();
    await other.head();
    other.write('HTTP/1.1 204 No Content\r\n\r\n');
    assert.equal((await next.answer()).status, 204);
  });

  for (const [name, bytes] of Object.entries({
    'a length': 'Content-Length: 9\r\n\r\nabc',
    chunks: 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
    'a broken chunk': 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n',
  })) {
    it(`is reset where the backend cuts it in spite of ${name}`, async (t) => {
      const closed = new Later<string>();
      const { backend, one } = await scene(t, { onClose: closed.tell });
      const asked = one.get();
      const upstream = await backend.next();
      await upstream.head();
      upstream.write(`HTTP/1.1 200 OK\r\n${bytes}`);
      upstream.end();
      assert.equal(await asked.closed, internalError);
      assert.equal(await closed.promise, 'aborted');
    });
  }

  it('is reset where the backend stalls in the middle', async (t) => {
    const { backend, one } = await scene(t, {}, { ...noTimeouts, readMs: 60 });
    const asked = one.get();
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    assert.equal(await asked.closed, internalError);
  });

  it('is held back by a client that does not read, all the way to the backend, and arrives byte for byte', async (t) => {
    const { backend, one } = await scene(t);
    const asked = one.get();
    asked.stream.pause();
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    const flushed = new Promise((resolve) => upstream.socket.write(bytes, resolve));
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    assert.ok(upstream.socket.writableLength > 0, 'the backend could write all of it into nowhere');
    asked.stream.resume();
    const { text } = await asked.answer();
    assert.ok(text === bytes.toString('latin1'));
    await flushed;
  });

  it('is held back by a backend that does not read, all the way to the client', async (t) => {
    const { backend, one } = await scene(t);
    const asked = one.ask({ ':method': 'POST', 'content-length': String(bytes.length) });
    const upstream = await backend.next();
    await upstream.head();
    upstream.socket.pause();
    asked.stream.end(bytes);
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    assert.ok(asked.stream.writableLength > 0, 'the client could write all of it into nowhere');
    upstream.socket.resume();
    assert.ok((await upstream.bytes(bytes.length)) === bytes.toString('latin1'));
  });
});
