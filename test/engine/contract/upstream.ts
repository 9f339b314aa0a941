import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { UpstreamTimeouts } from '../../../src/http/transport.ts';
import { closedPort, RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { relay } from '../support/relay.ts';
import { Later, type MakeEngine, noTimeouts, peerAt, stage } from '../support/stage.ts';
import { tlsBackend } from '../support/tls-backend.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Answers that two parsers could read differently, or that nobody asked for. */
const ambiguous: Record<string, string> = {
  'Content-Length with Transfer-Encoding':
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two Content-Lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
  'equal Content-Lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
  'a sign in Content-Length': 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx',
  'a coding nobody knows': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'a misspelt coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  'Transfer-Encoding in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a 204 with a length': 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello',
  'a 204 with chunks': 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a 103 with a length': 'HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n',
  'a 103 that ends the connection': `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${ok}`,
  'obs-fold': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'bare LF': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a space before the colon': 'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n',
  'a control character': 'HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n',
  'a control character in the reason': 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n',
  'another version': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a status below 100': 'HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n',
  'a 101 nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nabc',
  'a bare 101': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
  'an endless head': `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(200_000)}`,
};

interface Scene {
  readonly backend: RawBackend;
  readonly failures: ProxyFailure[];
  readonly reused: boolean[];
  readonly peerId: string;
  forget(): void;
  connect(): Promise<RawSocket>;
}

async function scene(
  t: TestContext,
  makeEngine: MakeEngine,
  { timeouts = {}, port }: { timeouts?: Partial<UpstreamTimeouts>; port?: number } = {},
): Promise<Scene> {
  const backend = await RawBackend.open(t);
  const engine = makeEngine();
  const peer = peerAt(port ?? backend.port);
  const failures: ProxyFailure[] = [];
  const reused: boolean[] = [];
  const log = {
    onFailure: (failure: ProxyFailure) => void failures.push(failure),
    onReady: (connection: { readonly reused: boolean }) => void reused.push(connection.reused),
  };
  const { connect } = await stage(t, engine, relay(engine.upstream, peer, log, { ...noTimeouts, ...timeouts }));
  return { backend, failures, reused, peerId: peer.id, forget: () => engine.upstream.forget(peer.id), connect };
}

/** How an upstream transport fails, and what it says about trying again; and its pool. */
export function upstreamContract(makeEngine: MakeEngine): void {
  const expectFailure = async (
    t: TestContext,
    request: string,
    expected: readonly [reason: string, retry: string],
    options: Parameters<typeof scene>[2],
    play: (upstream: RawSocket) => Promise<void> | void = () => {},
  ): Promise<RawSocket | null> => {
    const { backend, failures, connect } = await scene(t, makeEngine, options);
    const client = await connect();
    client.write(request);
    const upstream = options?.port === undefined ? await backend.next() : null;
    if (upstream !== null) {
      await upstream.head();
      await play(upstream);
    }
    await client.until(expected[0]);
    assert.deepEqual(
      failures.map(({ reason, retry, source }) => [reason, retry, source]),
      [[...expected, 'backend']],
    );
    return upstream;
  };

  describe('an upstream failure', () => {
    it('is backend-refused where nobody listens, and any request may try again', async (t) => {
      for (const request of [get, post]) {
        await expectFailure(t, request, ['backend-refused', 'always'], { port: await closedPort() });
      }
    });

    it('is backend-connect-timeout where a connection, TLS included, does not come about', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine();
      const failed = new Later<ProxyFailure>();
      const peer = { ...peerAt(backend.port), scheme: 'https' } as const;
      const log = { onFailure: failed.tell };
      const { connect } = await stage(t, engine, relay(engine.upstream, peer, log, { ...noTimeouts, connectMs: 40 }));
      (await connect()).write(post);
      const { reason, retry } = await failed.promise;
      assert.deepEqual([reason, retry], ['backend-connect-timeout', 'always']);
      await (await backend.next()).rest();
    });

    it('is backend-timeout where no head comes, and closes the connection', async (t) => {
      const upstream = await expectFailure(t, get, ['backend-timeout', 'idempotent'], { timeouts: { readMs: 40 } });
      await upstream?.rest();
      await expectFailure(t, post, ['backend-timeout', 'never'], { timeouts: { readMs: 40 } });
    });

    it('is backend-reset where the connection ends before an answer', async (t) => {
      await expectFailure(t, get, ['backend-reset', 'idempotent'], {}, (upstream) => upstream.end());
      await expectFailure(t, get, ['backend-reset', 'idempotent'], {}, (upstream) => upstream.reset());
      await expectFailure(t, post, ['backend-reset', 'never'], {}, (upstream) => upstream.end());
    });

    it('forbids another try once an answer began', async (t) => {
      await expectFailure(t, get, ['backend-reset', 'never'], {}, (upstream) => {
        upstream.write('HTTP/1.1 2');
        upstream.end();
      });
    });

    for (const [name, bytes] of Object.entries(ambiguous)) {
      it(`is backend-invalid for ${name}`, async (t) => {
        await expectFailure(t, get, ['backend-invalid', 'never'], {}, (upstream) => upstream.write(bytes));
      });
    }

    it('cuts an answer that stops, and one that a client does take is not stopped by a slow client', async (t) => {
      const { backend, connect } = await scene(t, makeEngine, { timeouts: { readMs: 40 } });
      const client = await connect();
      client.write(get);
      const upstream = await backend.next();
      await upstream.head();
      upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
      assert.equal(await client.closed, 'reset');
      await upstream.rest();
    });

    it('is backend-send-timeout where the backend takes nothing', async (t) => {
      const { backend, failures, connect } = await scene(t, makeEngine, { timeouts: { sendMs: 60 } });
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 64000000\r\n\r\n');
      const upstream = await backend.next();
      upstream.socket.pause();
      client.socket.write(Buffer.alloc(64_000_000));
      await client.until('backend-send-timeout');
      assert.equal(failures[0]?.retry, 'never');
    });

    it('is backend-tls where the certificate is not trusted, unless nobody asks', async (t) => {
      const { port, names } = await tlsBackend(t, ok);
      const engine = makeEngine();
      for (const [verify, sni, expected] of [
        [true, null, /backend-tls/],
        [false, null, /^HTTP\/1.1 200 /],
        [false, 'inner.test', /^HTTP\/1.1 200 /],
      ] as const) {
        const peer = { ...peerAt(port), id: `tls:${verify}:${sni}`, scheme: 'https', verify, sni } as const;
        const { connect } = await stage(t, engine, relay(engine.upstream, peer));
        const client = await connect();
        client.write('GET / HTTP/1.1\r\nHost: outer.test:8443\r\nConnection: close\r\n\r\n');
        assert.match(await client.rest(), expected);
      }
      assert.deepEqual(names.slice(-2), ['outer.test', 'inner.test']);
    });
  });

  describe('a backend over https', () => {
    it('is not asked for a full handshake again, but under another name', async (t) => {
      const { port, resumed } = await tlsBackend(t, ok.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      const engine = makeEngine();
      const peer = { ...peerAt(port), id: 'tls', scheme: 'https', verify: false } as const;
      const { connect } = await stage(t, engine, relay(engine.upstream, peer));
      const client = await connect();
      for (const host of ['a.test', 'a.test', 'b.test', 'a.test']) {
        client.write(get.replace('Host: a', `Host: ${host}`));
        assert.match(await client.head(), /^HTTP\/1.1 200 /);
      }
      assert.deepEqual(resumed, [false, true, false, true]);
    });
  });

  describe('kept backend connections', () => {
    /** A client whose backend connection has served once and is kept. */
    const kept = async (t: TestContext): Promise<Scene & { client: RawSocket; upstream: RawSocket }> => {
      const all = await scene(t, makeEngine);
      const client = await all.connect();
      client.write(get);
      const upstream = await all.backend.next();
      await upstream.head();
      upstream.write(ok);
      await client.head();
      await new Promise(setImmediate);
      return { ...all, client, upstream };
    };

    it('that died are replaced without a word for a request that can be repeated', async (t) => {
      const { backend, client, upstream, failures } = await kept(t);
      client.write(get);
      await upstream.head();
      upstream.reset();
      const fresh = await backend.next();
      await fresh.head();
      fresh.write(ok);
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
      assert.deepEqual(failures, []);
    });

    it('are replaced once, not for ever', async (t) => {
      const { backend, client, upstream, failures } = await kept(t);
      client.write(get);
      await upstream.head();
      upstream.reset();
      const fresh = await backend.next();
      await fresh.head();
      fresh.reset();
      await client.until('backend-reset');
      assert.deepEqual(
        failures.map(({ retry }) => retry),
        ['idempotent'],
      );
    });

    it('that died under a POST are the caller’s to judge', async (t) => {
      const { client, upstream, failures, backend } = await kept(t);
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
      await upstream.head();
      upstream.reset();
      await client.until('backend-reset');
      assert.deepEqual(
        failures.map(({ retry }) => retry),
        ['idempotent'],
      );
      assert.equal(backend.connections.length, 1);
    });

    it('that speak unasked are closed', async (t) => {
      const { client, upstream, backend } = await kept(t);
      upstream.write(ok);
      await upstream.rest();
      client.write(get);
      const fresh = await backend.next();
      await fresh.head();
      fresh.write('HTTP/1.1 202 Mine\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 202 Mine/);
    });

    it('that speak unasked in the moment in which they are used again are not heard', async (t) => {
      const { client, upstream, backend } = await kept(t);
      client.write(get);
      upstream.write('HTTP/1.1 200 Stray\r\nContent-Length: 0\r\n\r\n');
      const fresh = await backend.next();
      await fresh.head();
      fresh.write('HTTP/1.1 202 Mine\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 202 Mine/);
      assert.equal(client.unread, '');
    });

    it('that end in the moment in which they are used again cost no request, whatever its method', async (t) => {
      const { client, upstream, backend, failures } = await kept(t);
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi');
      upstream.reset();
      const fresh = await backend.next();
      await fresh.until('hi');
      fresh.write('HTTP/1.1 202 Mine\r\nContent-Length: 0\r\n\r\n');
      assert.match(await client.head(), /^HTTP\/1.1 202 Mine/);
      assert.deepEqual(failures, []);
    });

    it('that give two answers to one request are closed after the first', async (t) => {
      const { client, upstream, backend } = await kept(t);
      client.write(get);
      await upstream.head();
      upstream.write(`HTTP/1.1 201 Mine\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 Stray\r\nContent-Length: 1\r\n\r\ny`);
      assert.match(await client.until('\r\n\r\nx'), /^HTTP\/1.1 201 Mine/);
      await upstream.rest();
      client.write(get);
      await (await backend.next()).head();
      assert.equal(client.unread, '');
    });

    it('are closed at once when their peer is forgotten', async (t) => {
      const { upstream, forget, client, backend } = await kept(t);
      forget();
      await upstream.rest();
      client.write(get);
      await (await backend.next()).head();
    });

    it('in use when their peer is forgotten finish first', async (t) => {
      const { upstream, forget, client } = await kept(t);
      client.write(get);
      await upstream.head();
      forget();
      upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      await client.until('ok');
      await upstream.rest();
    });

    it('that do not stand yet when their peer is forgotten are given up, and any request may try again', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine();
      const failed = new Later<ProxyFailure>();
      const peer = { ...peerAt(backend.port), scheme: 'https' } as const;
      const { connect } = await stage(t, engine, relay(engine.upstream, peer, { onFailure: failed.tell }, noTimeouts));
      (await connect()).write(post);
      const upstream = await backend.next();
      engine.upstream.forget(peer.id);
      const { reason, retry, source } = await failed.promise;
      assert.deepEqual([reason, retry, source], ['backend-refused', 'always', 'proxy']);
      await upstream.rest();
    });

    it('are not kept after an answer that came before the end of its request', async (t) => {
      const { upstream, client } = await kept(t);
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
      await upstream.until('abc');
      upstream.write(ok);
      await client.head();
      await upstream.rest();
    });
  });
}
