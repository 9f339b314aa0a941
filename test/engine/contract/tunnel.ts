import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { TunnelCall } from '../../../src/http/transport.ts';
import { closedPort, RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { tunnelRelay } from '../support/relay.ts';
import { Later, type MakeEngine, peerAt, stage } from '../support/stage.ts';
import { tlsBackend } from '../support/tls-backend.ts';

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
const handshake = `GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`;
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

interface Scene {
  readonly backend: RawBackend;
  readonly client: RawSocket;
  readonly call: Promise<TunnelCall>;
  readonly opened: Later<unknown>;
  readonly failed: Later<ProxyFailure>;
  readonly closed: Later<{ readonly toClientBytes: number; readonly toBackendBytes: number }>;
  readonly exchangeClosed: Later<string>;
}

async function scene(
  t: TestContext,
  makeEngine: MakeEngine,
  { port, ...limits }: { port?: number; connectMs?: number; readMs?: number; idleMs?: number } = {},
): Promise<Scene> {
  const backend = await RawBackend.open(t);
  const engine = makeEngine();
  const call = new Later<TunnelCall>();
  const opened = new Later<unknown>();
  const failed = new Later<ProxyFailure>();
  const closed = new Later<{ readonly toClientBytes: number; readonly toBackendBytes: number }>();
  const exchangeClosed = new Later<string>();
  const log = {
    onCall: call.tell,
    onOpen: opened.tell,
    onFailure: failed.tell,
    onTunnelClose: closed.tell,
    onClose: exchangeClosed.tell,
  };
  const handler = tunnelRelay(engine.tunnel, peerAt(port ?? backend.port), log, limits);
  const { connect } = await stage(t, engine, handler);
  return { backend, client: await connect(), call: call.promise, opened, failed, closed, exchangeClosed };
}

/** What a tunnel does for a client and a backend that want to speak another protocol. */
export function tunnelContract(makeEngine: MakeEngine): void {
  /** A tunnel that stands. */
  const tunnel = async (
    t: TestContext,
    options: Parameters<typeof scene>[2] = {},
    protocol = 'websocket',
  ): Promise<Scene & { upstream: RawSocket }> => {
    const all = await scene(t, makeEngine, options);
    all.client.write(handshake.replace('websocket', protocol));
    const upstream = await all.backend.next();
    await upstream.head();
    upstream.write(switching.replace('websocket', protocol));
    assert.match(await all.client.head(), /^HTTP\/1.1 101 /);
    return { ...all, upstream };
  };

  describe('a handshake', () => {
    it('keeps target, names, order and repeats to the byte, both ways', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(
        `GET //a%2Fb?x=/..// HTTP/1.1\r\nhOST: A.test:81\r\ncookie: a\r\nConnection: keep-alive, Upgrade\r\nUPGRADE: WebSocket\r\nOrigin: o\r\nCookie: b\r\n${key}\r\n`,
      );
      const upstream = await backend.next();
      const lines = (await upstream.head()).split('\r\n').slice(0, -2);
      assert.deepEqual(
        lines.filter((line) => !/^(connection|upgrade):/i.test(line)),
        [
          'GET //a%2Fb?x=/..// HTTP/1.1',
          'hOST: A.test:81',
          'cookie: a',
          'Origin: o',
          'Cookie: b',
          ...key.trim().split('\r\n'),
        ],
      );
      assert.ok(lines.includes('Upgrade: websocket') && lines.includes('Connection: Upgrade'));
      upstream.write(
        'HTTP/1.1 101 Go on\r\nupgrade: WebSocket\r\nset-cookie: a\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\nSet-Cookie: b\r\n\r\n',
      );
      const answer = (await client.head()).split('\r\n').slice(0, -2);
      assert.equal(answer[0], 'HTTP/1.1 101 Go on');
      assert.deepEqual(
        answer.slice(1).filter((line) => !/^(connection|upgrade):/i.test(line)),
        ['set-cookie: a', 'Sec-WebSocket-Accept: x', 'Set-Cookie: b'],
      );
      assert.ok(answer.some((line) => /^upgrade: websocket$/i.test(line)));
      assert.ok(answer.some((line) => /^connection: upgrade$/i.test(line)));
    });

    for (const [name, framed] of Object.entries({
      'a length': 'Content-Length: 4\r\n\r\nnope',
      chunks: 'Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n2\r\npe\r\n0\r\n\r\n',
    })) {
      for (const status of [403, 426]) {
        it(`that is refused with ${status} and a body framed by ${name} is an ordinary answer`, async (t) => {
          const { backend, client, exchangeClosed, opened } = await scene(t, makeEngine);
          client.write(handshake);
          const upstream = await backend.next();
          await upstream.head();
          upstream.write(`HTTP/1.1 ${status} No\r\nX-Why: y\r\n${framed}`);
          assert.match(await client.head(), new RegExp(`^HTTP/1.1 ${status} No\\r\\nX-Why: y\\r\\n`));
          if (name === 'chunks') {
            const chunks = await client.until('\r\n0\r\n\r\n');
            assert.equal(chunks.replaceAll(/[024]\r\n|\r\n/g, ''), 'nope');
          } else assert.equal(await client.bytes(4), 'nope');
          assert.equal(await exchangeClosed.promise, 'complete');
          // The connection is an HTTP connection again.
          client.write(get);
          assert.match(await client.head(), /^HTTP\/1.1 404 /);
          await upstream.rest();
          assert.equal(opened.count, 0);
        });
      }
    }

    it('that is refused never lets the bytes behind it through', async (t) => {
      const { backend, client } = await scene(t, makeEngine);
      client.write(`${handshake}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.rest(), /^HTTP\/1.1 426 No\r\n[^\0]*Connection: close\r\n\r\n$/);
      assert.equal(await upstream.rest(), '');
    });

    it('to a backend that is down fails as backend-refused, and nothing was sent', async (t) => {
      const { client, failed } = await scene(t, makeEngine, { port: await closedPort() });
      client.write(handshake);
      assert.match(await client.until('backend-refused'), /^HTTP\/1.1 502 /);
      const { reason, retry } = await failed.promise;
      assert.deepEqual([reason, retry], ['backend-refused', 'always']);
    });

    it('that nobody answers fails in time', async (t) => {
      const { client, backend } = await scene(t, makeEngine, { readMs: 40 });
      client.write(handshake);
      assert.match(await client.until('backend-timeout'), /^HTTP\/1.1 502 /);
      await (await backend.next()).rest();
    });

    for (const [name, bytes] of Object.entries({
      'another protocol': switching.replace('websocket', 'x'),
      'no protocol': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      'a switch that is not for this connection': switching.replace('Connection: Upgrade\r\n', ''),
      'two protocols': switching.replace('websocket', 'websocket, x'),
      'a framed body': switching.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
      'no HTTP': 'hello\r\n\r\n',
    })) {
      it(`that is answered with ${name} fails as backend-invalid`, async (t) => {
        const { client, backend, opened } = await scene(t, makeEngine);
        client.write(handshake);
        const upstream = await backend.next();
        await upstream.head();
        upstream.write(bytes);
        assert.match(await client.until('backend-invalid'), /^HTTP\/1.1 502 /);
        await upstream.rest();
        assert.equal(opened.count, 0);
      });
    }

    for (const how of ['reset', 'end'] as const) {
      it(`whose client leaves (${how}) before the 101 harms nobody and lets the backend go`, async (t) => {
        const { client, backend, exchangeClosed, opened, failed } = await scene(t, makeEngine);
        client.write(handshake);
        const upstream = await backend.next();
        await upstream.head();
        client[how]();
        assert.equal(await exchangeClosed.promise, 'aborted');
        await upstream.rest();
        assert.deepEqual([exchangeClosed.count, opened.count, failed.count], [1, 0, 0]);
      });
    }
  });

  describe('a tunnel', () => {
    it('carries bytes that came right behind the handshake, and with the 101', async (t) => {
      const { backend, client, closed } = await scene(t, makeEngine);
      client.write(`${handshake}early`);
      const upstream = await backend.next();
      await upstream.head();
      client.write(' bird');
      upstream.write(`${switching}worm`);
      await client.head();
      assert.equal(await client.bytes(4), 'worm');
      assert.equal(await upstream.bytes(10), 'early bird');
      client.write('!');
      assert.equal(await upstream.bytes(1), '!');
      client.end();
      await upstream.rest();
      upstream.end();
      assert.deepEqual(await closed.promise, { toClientBytes: 4, toBackendBytes: 11 });
      assert.equal(closed.count, 1);
    });

    it('does not end the exchange a second time', async (t) => {
      const { client, upstream, closed, exchangeClosed } = await tunnel(t);
      client.end();
      await upstream.rest();
      upstream.end();
      await closed.promise;
      assert.equal(exchangeClosed.count, 0);
    });

    it('may be half closed, by either side', async (t) => {
      const one = await tunnel(t);
      one.client.end();
      await one.upstream.rest();
      one.upstream.write('still here');
      assert.equal(await one.client.bytes(10), 'still here');
      one.upstream.end();
      await one.closed.promise;

      const two = await tunnel(t);
      two.upstream.end();
      await two.client.rest();
      two.client.write('still here');
      assert.equal(await two.upstream.bytes(10), 'still here');
      two.client.end();
      await two.closed.promise;
    });

    it('that is reset on one side is reset on the other', async (t) => {
      const one = await tunnel(t);
      one.client.reset();
      assert.equal(await one.upstream.closed, 'reset');
      await one.closed.promise;
      const two = await tunnel(t);
      two.upstream.reset();
      assert.equal(await two.client.closed, 'reset');
      await two.closed.promise;
    });

    it('ends when it idles', async (t) => {
      const { client, upstream, closed } = await tunnel(t, { idleMs: 40 });
      client.write('\x81\x81aaaax');
      await upstream.bytes(7);
      assert.equal(await client.rest(), '\x88\x02\x03\xe9');
      client.end();
      upstream.end();
      await closed.promise;
    });

    it('holds back whoever is faster than the other, and loses nothing', async (t) => {
      const { client, upstream } = await tunnel(t);
      const length = 16 * 1024 * 1024;
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        to.socket.pause();
        const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 251));
        const all = Buffer.concat(Array.from({ length: length / 1024 }, () => bytes));
        const flushed = new Promise((resolve) => from.socket.write(all, resolve));
        for (let i = 0; i < 50; i++) await new Promise(setImmediate);
        assert.ok(from.socket.writableLength > 0, 'all of it was taken for somebody who does not read');
        to.socket.resume();
        assert.ok((await to.bytes(length)) === all.toString('latin1'));
        await flushed;
      }
    });

    it('carries the same over TLS, in whatever records it comes', async (t) => {
      const bytes = Array.from({ length: 64 * 1024 }, (_, i) => `${i},`).join('');
      const { port } = await tlsBackend(t, `${switching.replace('websocket', 'my-protocol/2')}${bytes}`);
      const engine = makeEngine();
      const peer = { ...peerAt(port), scheme: 'https', verify: false } as const;
      const { connect } = await stage(t, engine, tunnelRelay(engine.tunnel, peer));
      const client = await connect();
      client.write(handshake.replace('websocket', 'my-protocol/2'));
      assert.match(await client.head(), /^HTTP\/1.1 101 /);
      assert.ok((await client.bytes(bytes.length)) === bytes);
      client.write('again');
      assert.match(await client.head(), /^HTTP\/1.1 101 /);
      assert.ok((await client.bytes(bytes.length)) === bytes);
      client.reset();
    });
  });

  describe('a tunnel that is told to close', () => {
    /** `code` 1001 in a masked frame. */
    const unmask = (frame: string): number[] => {
      const bytes = Buffer.from(frame, 'latin1');
      return [...bytes.subarray(6)].map((byte, i) => byte ^ (bytes[2 + i] as number));
    };

    it('says goodbye to both sides in their own way', async (t) => {
      const { client, upstream, call, closed } = await tunnel(t);
      (await call).close(1001);
      assert.equal(await client.rest(), '\x88\x02\x03\xe9');
      const frame = await upstream.rest();
      assert.equal(frame.slice(0, 2), '\x88\x82');
      assert.deepEqual(unmask(frame), [0x03, 0xe9]);
      client.end();
      upstream.end();
      await closed.promise;
    });

    it('waits for the end of a frame that is under way, however it is cut, and lets nothing follow', async (t) => {
      const payload = 'p'.repeat(70_000);
      // A fragment with a 64-bit length, unmasked, as a server sends it.
      const fragment = `\x01\x7f\x00\x00\x00\x00\x00\x01\x11\x70${payload}`;
      for (const cut of [1, 2, 5, 10, 11, 60_000]) {
        const { client, upstream, call } = await tunnel(t);
        upstream.write(`\x82\x01a${fragment.slice(0, cut)}`);
        assert.equal(await client.bytes(3 + cut), `\x82\x01a${fragment.slice(0, cut)}`);
        (await call).close(1001);
        await upstream.bytes(8);
        upstream.write(`${fragment.slice(cut)}\x80\x01z`);
        assert.equal(await client.rest(), `${fragment.slice(cut)}\x88\x02\x03\xe9`, `cut at ${cut}`);
      }
    });

    it('adds nothing where the peer has closed already', async (t) => {
      const { client, upstream, call } = await tunnel(t);
      upstream.write('\x88\x02\x03\xe8');
      await client.bytes(4);
      (await call).close(1001);
      assert.equal(await client.rest(), '');
      assert.equal((await upstream.rest()).length, 8);
    });

    it('is gone after a while even if nobody says goodbye', async (t) => {
      const { client, upstream, call, closed } = await tunnel(t);
      upstream.write('\x82\x05ab');
      await client.bytes(4);
      (await call).close(1001);
      await closed.promise;
      await client.rest();
    });

    it('just ends where the protocol is not WebSocket', async (t) => {
      const { client, upstream, call } = await tunnel(t, {}, 'my-protocol/2');
      client.write('abc');
      assert.equal(await upstream.bytes(3), 'abc');
      (await call).close(1001);
      assert.deepEqual(await Promise.all([client.rest(), upstream.rest()]), ['', '']);
    });
  });

  describe('what is no tunnel', () => {
    it('is a request for a protocol of HTTP itself, or one with a body: served as if it had not asked', async (t) => {
      for (const request of [
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi',
        'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n',
      ]) {
        // Whether the connection lives on is the engine's: node's parser loses its place after an upgrade that was declined.
        const { client } = await scene(t, makeEngine);
        client.write(request);
        assert.match(await client.head(), /^HTTP\/1.1 404 /);
      }
    });

    it('is a handshake with two Hosts', async (t) => {
      const { client } = await scene(t, makeEngine);
      client.write(handshake.replace('Host: a', 'Host: a\r\nHost: b'));
      assert.match(await client.rest(), /^HTTP\/1.1 400 /);
    });
  });
}
