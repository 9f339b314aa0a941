import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { UpstreamTimeouts } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { type RelayLog, relay } from '../support/relay.ts';
import { Later, type MakeEngine, peerAt, stage } from '../support/stage.ts';
import { tlsBackend } from '../support/tls-backend.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

interface Scene {
  readonly backend: RawBackend;
  readonly client: RawSocket;
  connect(): Promise<RawSocket>;
}

/** Client, engine and backend in a row. */
async function scene(
  t: TestContext,
  makeEngine: MakeEngine,
  log: RelayLog = {},
  timeouts?: UpstreamTimeouts,
): Promise<Scene> {
  const backend = await RawBackend.open(t);
  const engine = makeEngine();
  const { connect } = await stage(t, engine, relay(engine.upstream, peerAt(backend.port), log, timeouts));
  return { backend, client: await connect(), connect };
}

/** What a backend and a client see of each other through an engine's two sides. */
export function relayingContract(makeEngine: MakeEngine): void {
  describe('what is relayed', () => {
    it('keeps target, names, order and repeats to the byte', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(
        'GET //a%2Fb/../c?x=/..//%zz HTTP/1.1\r\nhOsT: A.test:81\r\ncookie: a\r\nX-Y: y\r\nCookie: b\r\n\r\n'.replace(
          'X-\xb5',
          'X-Y',
        ),
      );
      const upstream = await backend.next();
      assert.equal(
        await upstream.head(),
        'GET //a%2Fb/../c?x=/..//%zz HTTP/1.1\r\nhOsT: A.test:81\r\ncookie: a\r\nX-Y: y\r\nCookie: b\r\n\r\n',
      );
      upstream.write(
        'HTTP/1.1 299 Fine by me\r\nset-cookie: a\r\nETag: "x"\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok',
      );
      assert.equal(
        await client.head(),
        'HTTP/1.1 299 Fine by me\r\nset-cookie: a\r\nETag: "x"\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\n',
      );
      assert.equal(await client.bytes(2), 'ok');
    });

    it('is the same over https, also where the client takes its time', async (t) => {
      const bytes = Array.from({ length: 1_000_000 }, (_, i) => `${i},`).join('');
      const { port } = await tlsBackend(t, `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`);
      const engine = makeEngine();
      const peer = { ...peerAt(port), scheme: 'https', verify: false } as const;
      const { connect } = await stage(t, engine, relay(engine.upstream, peer));
      const client = await connect();
      for (let round = 0; round < 3; round++) {
        client.socket.pause();
        client.write(get);
        for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
        client.socket.resume();
        await client.head();
        assert.ok((await client.bytes(bytes.length)) === bytes);
      }
    });

    it('uses one backend connection for one request after the other', async (t) => {
      const reused: boolean[] = [];
      const { backend, client } = await scene(t, makeEngine, {
        onReady: (connection) => reused.push(connection.reused),
      });
      backend.always('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      for (let i = 0; i < 3; i++) {
        client.write(get);
        await client.head();
        await new Promise(setImmediate);
      }
      assert.deepEqual([reused, backend.connections.length], [[false, true, true], 1]);
    });

    it('frames a request by its body and not by its method', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(
        'DELETE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n',
      );
      const upstream = await backend.next();
      assert.equal(
        await upstream.head(),
        'DELETE / HTTP/1.1\r\nHost: a\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      assert.equal(await upstream.until('1\r\n\r\n'), '3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n');
      const answer = 'HTTP/1.1 204 No Content\r\n\r\n';
      upstream.write(answer);
      await client.head();
      for (const [sent, seen] of [
        [
          'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi',
          'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi',
        ],
        ['POST / HTTP/1.1\r\nHost: a\r\n\r\n', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'],
        ['PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n', 'PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n'],
        [
          'OPTIONS * HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n',
          'OPTIONS * HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n',
        ],
      ] as const) {
        client.write(sent);
        assert.equal(await upstream.bytes(seen.length), seen);
        upstream.write(answer);
        await client.head();
        assert.equal(upstream.unread, '');
      }
    });

    it('is streamed, both ways at once', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
      const upstream = await backend.next();
      await upstream.until('1\r\na\r\n');
      upstream.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n');
      await client.until('1\r\nA\r\n');
      client.write('1\r\nb\r\n');
      await upstream.until('1\r\nb\r\n');
      upstream.write('1\r\nB\r\n');
      await client.until('1\r\nB\r\n');
      client.write('0\r\n\r\n');
      await upstream.until('0\r\n\r\n');
      upstream.write('0\r\nX-T: 1\r\n\r\n');
      await client.until('0\r\nX-T: 1\r\n\r\n');
    });

    it('may end with the backend connection, and is chunked for the client', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(get);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.0 200 OK\r\n\r\nabc');
      upstream.end();
      assert.equal(
        await client.until('0\r\n\r\n'),
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      );
    });

    it('includes answers to HEAD, and 304, with the length of what they leave out', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
      client.write(get);
      await upstream.head();
      upstream.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n');
      client.write(get);
      await upstream.head();
    });

    it('includes interim responses, but never a flood of them', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(get);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <b>\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 103 Early Hints\r\nLink: <b>\r\n\r\n');
      upstream.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(5000));
      assert.match(await client.until('backend-invalid'), /HTTP\/1.1 502 /);
    });

    it('leaves 100 Continue to the backend', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
      const upstream = await backend.next();
      assert.match(await upstream.head(), /\r\nExpect: 100-continue\r\n/);
      assert.equal(client.unread, '');
      upstream.write('HTTP/1.1 100 Continue\r\n\r\n');
      assert.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
      client.write('hi');
      assert.equal(await upstream.bytes(2), 'hi');
      upstream.write('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 201 /);
    });

    it('passes on a refusal instead of 100 Continue, without the body', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.rest(), /^HTTP\/1.1 417 No\r\n[\s\S]*Connection: close\r\n\r\n$/);
      assert.equal(await upstream.rest(), '');
    });

    it('asks for the body by itself where the backend never says 100 Continue', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
      const upstream = await backend.next();
      await upstream.head();
      assert.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
      client.write('hi');
      assert.equal(await upstream.bytes(2), 'hi');
    });

    it('is cut for the backend where the client leaves', async (t) => {
      const closed = new Later<string>();
      const { backend, client } = await scene(t, makeEngine, { onClose: closed.tell });
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');
      const upstream = await backend.next();
      await upstream.until('ab');
      client.end();
      await upstream.rest();
      assert.equal(await closed.promise, 'aborted');
      assert.equal(closed.count, 1);
    });

    it('is cut for the backend where an event stream loses its listener', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(get);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      await client.until('abc');
      client.end();
      await upstream.rest();
    });

    for (const [name, bytes] of Object.entries({
      'a length': 'Content-Length: 9\r\n\r\nabc',
      chunks: 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      'a broken chunk': 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n',
    })) {
      it(`is cut visibly where the backend cuts it in spite of ${name}`, async (t) => {
        const closed = new Later<string>();
        const { backend, client } = await scene(t, makeEngine, { onClose: closed.tell });
        client.write(get);
        const upstream = await backend.next();
        await upstream.head();
        upstream.write(`HTTP/1.1 200 OK\r\n${bytes}`);
        upstream.end();
        assert.equal(await client.closed, 'reset');
        assert.equal(await closed.promise, 'aborted');
      });
    }

    it('is held back by a slow client, all the way to the backend', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.socket.pause();
      client.write(get);
      const upstream = await backend.next();
      await upstream.head();
      const length = 32 * 1024 * 1024;
      upstream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      const flushed = new Promise((resolve) => upstream.socket.write(Buffer.alloc(length, 'x'), resolve));
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
      assert.ok(upstream.socket.writableLength > 0, 'the backend could write all of it into nowhere');
      client.socket.resume();
      await client.head();
      assert.equal((await client.bytes(length)).length, length);
      await flushed;
    });

    it('is held back by a slow backend, all the way to the client', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      const length = 32 * 1024 * 1024;
      client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
      const upstream = await backend.next();
      upstream.socket.pause();
      const flushed = new Promise((resolve) => client.socket.write(Buffer.alloc(length, 'x'), resolve));
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
      assert.ok(client.socket.writableLength > 0, 'the client could write all of it into nowhere');
      upstream.socket.resume();
      await upstream.head();
      assert.equal((await upstream.bytes(length)).length, length);
      await flushed;
    });
  });
}
