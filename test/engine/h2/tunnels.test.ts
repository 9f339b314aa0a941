import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import { acceptOf } from '../../../src/engine/websocket-key.ts';
import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { ResponseHead } from '../../../src/http/head.ts';
import type { TunnelCall } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { tunnelRelay } from '../support/relay.ts';
import { Later, peerAt } from '../support/stage.ts';
import { type FrameClient, frame, getHead, number32 } from './support/frame-client.ts';
import type { H2Client, H2Request } from './support/h2-client.ts';
import { backendEngine, h2Stage } from './support/h2-stage.ts';

const internalError = 2;
const engines = {
  'our own codec': backendEngine,
  'the reference engine': (t: TestContext) => {
    const engine = createNodeEngine();
    t.after(() => engine.upstream.close());
    return engine;
  },
};

interface Scene {
  readonly backend: RawBackend;
  readonly one: H2Client;
  readonly frames: () => Promise<FrameClient>;
  readonly call: Later<TunnelCall>;
  readonly opened: Later<ResponseHead>;
  readonly failed: Later<ProxyFailure>;
  readonly closed: Later<{ readonly toClientBytes: number; readonly toBackendBytes: number }>;
  readonly exchangeClosed: Later<string>;
}

const ask = (one: H2Client, protocol = 'websocket', path = '/ws'): H2Request =>
  one.ask({ ':method': 'CONNECT', ':protocol': protocol, ':path': path, 'sec-websocket-version': '13', origin: 'o' });

/** The answer of a backend that speaks WebSocket to this head. */
function switching(head: string, more = ''): string {
  const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? '';
  return `HTTP/1.1 101 Go on\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${more}\r\n`;
}

for (const [name, makeEngine] of Object.entries(engines)) {
  const scene = async (t: TestContext, limits: { idleMs?: number } = {}): Promise<Scene> => {
    const backend = await RawBackend.open(t);
    const call = new Later<TunnelCall>();
    const opened = new Later<ResponseHead>();
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
    const { client, frames } = await h2Stage(t, tunnelRelay(makeEngine(t).tunnel, peerAt(backend.port), log, limits));
    return { backend, one: await client(), frames, call, opened, failed, closed, exchangeClosed };
  };

  const tunnel = async (
    t: TestContext,
    limits: { idleMs?: number } = {},
  ): Promise<Scene & { upstream: RawSocket; asked: H2Request }> => {
    const all = await scene(t, limits);
    const asked = ask(all.one);
    const upstream = await all.backend.next();
    upstream.write(switching(await upstream.head()));
    assert.equal((await asked.head).status, 200);
    return { ...all, upstream, asked };
  };

  describe(`a tunnel of a stream of HTTP/2 (${name})`, () => {
    it('is a handshake of HTTP/1.1 for the backend, and 200 for the client', async (t) => {
      const { one, backend, opened } = await scene(t);
      const asked = ask(one);
      const upstream = await backend.next();
      const head = await upstream.head();
      const lines = head.split('\r\n').slice(0, -2);
      assert.deepEqual(
        lines.filter((line) => !/^(connection|upgrade|sec-websocket-key):/i.test(line)),
        ['GET /ws HTTP/1.1', 'host: a.test', 'sec-websocket-version: 13', 'origin: o'],
      );
      assert.ok(lines.includes('Upgrade: websocket') && lines.includes('Connection: Upgrade'));
      upstream.write(switching(head, 'Sec-WebSocket-Protocol: chat\r\n'));
      const { status, fields } = await asked.head;
      assert.deepEqual([status, fields], [200, ['sec-websocket-protocol', 'chat']]);
      await opened.promise;
    });

    it('carries bytes both ways, and is half closed by either side', async (t) => {
      const { asked, upstream, closed, exchangeClosed } = await tunnel(t);
      asked.stream.write('\x81\x81aaaax', 'latin1');
      assert.equal(await upstream.bytes(7), '\x81\x81aaaax');
      upstream.write('\x81\x01y');
      await asked.until('\x81\x01y');
      asked.stream.end();
      assert.equal(await upstream.rest(), '');
      upstream.write('\x81\x01z');
      await asked.until('\x81\x01z');
      upstream.end();
      assert.equal(await asked.closed, 'whole');
      assert.deepEqual(await closed.promise, { toClientBytes: 6, toBackendBytes: 7 });
      assert.deepEqual([closed.count, exchangeClosed.count], [1, 0]);
    });

    it('leaves the other streams of its connection alone', async (t) => {
      const { asked, upstream, one, closed } = await tunnel(t);
      assert.equal((await one.get().answer()).status, 404);
      upstream.reset();
      assert.equal(await asked.closed, internalError);
      await closed.promise;
      assert.equal((await one.get().answer()).status, 404);
    });

    it('that is reset by its client is reset for the backend', async (t) => {
      const { backend, closed, frames } = await scene(t);
      const raw = await frames();
      raw.begin();
      raw.ask(1, [[':method', 'CONNECT'], [':protocol', 'websocket'], ...getHead.slice(1)], 0);
      const upstream = await backend.next();
      upstream.write(switching(await upstream.head()));
      await raw.until('HEADERS', 1);
      raw.send(frame('RST_STREAM', 0, 1, number32(8)));
      assert.equal(await upstream.closed, 'reset');
      await closed.promise;
    });

    it('that is ended and reset in one breath is over for the backend', async (t) => {
      const { asked, upstream, closed } = await tunnel(t);
      // node's client says END_STREAM first.
      asked.stream.close(8);
      await upstream.rest();
      await closed.promise;
    });

    it('whose connection breaks is over for the backend', async (t) => {
      const { one, upstream, closed } = await tunnel(t);
      one.session.destroy();
      await upstream.rest();
      await closed.promise;
    });

    it('holds back whoever is faster than the other, and loses nothing', async (t) => {
      const { asked, upstream } = await tunnel(t);
      const bytes = Buffer.from(Array.from({ length: 1024 }, (_, i) => i % 251));
      const all = Buffer.concat(Array.from({ length: 8 * 1024 }, () => bytes));
      upstream.socket.pause();
      asked.stream.write(all);
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
      assert.ok(asked.stream.writableLength > 0, 'all of it was taken for somebody who does not read');
      upstream.socket.resume();
      assert.ok((await upstream.bytes(all.length)) === all.toString('latin1'));

      asked.stream.pause();
      const flushed = new Promise((resolve) => upstream.socket.write(all, resolve));
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
      assert.ok(upstream.socket.writableLength > 0, 'all of it was taken for somebody who does not read');
      asked.stream.resume();
      await flushed;
      while (asked.text.length < all.length) await once(asked.stream, 'data');
      assert.ok(asked.text === all.toString('latin1'));
    });

    it('says goodbye to both sides when it is told to close', async (t) => {
      const { asked, upstream, call, closed } = await tunnel(t);
      (await call.promise).close(1001);
      await asked.until('\x88\x02\x03\xe9');
      assert.equal((await upstream.rest()).slice(0, 2), '\x88\x82');
      asked.stream.end();
      upstream.end();
      assert.equal(await asked.closed, 'whole');
      await closed.promise;
    });

    it('ends when it idles', async (t) => {
      const { asked, upstream, closed } = await tunnel(t, { idleMs: 40 });
      await asked.until('\x88\x02\x03\xe9');
      await upstream.rest();
      await closed.promise;
    });

    it('fails where the backend does not answer our key', async (t) => {
      const { one, backend, failed, opened } = await scene(t);
      const asked = ask(one);
      const upstream = await backend.next();
      upstream.write(switching(await upstream.head()).replace(/Accept: ./, 'Accept: _'));
      const { status, text } = await asked.answer();
      assert.deepEqual([status, text], [502, 'backend-invalid']);
      assert.deepEqual([(await failed.promise).reason, opened.count], ['backend-invalid', 0]);
      await upstream.rest();
    });

    it('that is refused is an ordinary answer', async (t) => {
      const { one, backend, exchangeClosed, opened } = await scene(t);
      const asked = ask(one);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 403 No\r\nX-Why: y\r\nContent-Length: 4\r\n\r\nnope');
      const { status, fields } = await asked.head;
      assert.deepEqual([status, fields], [403, ['x-why', 'y', 'content-length', '4']]);
      await asked.until('nope');
      assert.equal(await exchangeClosed.promise, 'complete');
      assert.equal(opened.count, 0);
    });

    it('whose client leaves before the 101 lets the backend go', async (t) => {
      const { one, backend, exchangeClosed, opened } = await scene(t);
      const asked = ask(one);
      const upstream = await backend.next();
      await upstream.head();
      asked.stream.close(8);
      assert.equal(await exchangeClosed.promise, 'aborted');
      await upstream.rest();
      assert.deepEqual([exchangeClosed.count, opened.count], [1, 0]);
    });

    it('may be for a protocol that is not WebSocket, without a key', async (t) => {
      const { one, backend } = await scene(t);
      const asked = ask(one, 'My-Protocol/2');
      const upstream = await backend.next();
      assert.doesNotMatch(await upstream.head(), /sec-websocket-key/i);
      upstream.write('HTTP/1.1 101 Go on\r\nUpgrade: my-protocol/2\r\nConnection: Upgrade\r\n\r\nhello');
      await asked.until('hello');
      assert.equal((await asked.head).status, 200);
    });
  });
}
