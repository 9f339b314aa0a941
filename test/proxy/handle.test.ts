import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request through the proxy (engine ${name})`, () => proxySuite(makeEngine));
}

function proxySuite(makeEngine: MakeEngine): void {
  it('reaches its backend with the forwarded headers, and comes back', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get('/a?b=c', 'X-Forwarded-For: 1.2.3.4\r\nConnection: x-real-ip, keep-alive\r\nX-Custom: kept\r\n'));
    const upstream = await backend.next();
    const head = await upstream.head();
    assert.match(head, /^GET \/a\?b=c HTTP\/1.1\r\nHost: app.test\r\nX-Custom: kept\r\n/);
    assert.match(
      head,
      /\r\nX-Real-IP: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: app.test\r\n/,
    );
    assert.doesNotMatch(head, /1\.2\.3\.4|Connection/i);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 OK\r\nContent-Length: 2\r\n\r\n$/);
    assert.equal(await client.bytes(2), 'ok');
  });

  it('with a path that is too long for a regex is 414, and goes to nobody', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    const whole = routeTo([backend.port]);
    const path = { kind: 'regex', text: '~^/.*a.*b$', source: '^/.*a.*b$' } as const;
    stage.serve({ ...whole, id: 'app.test ~', path }, whole);
    const client = await stage.connect();
    const line = stage.nextLine();
    client.write(get(`/${'a'.repeat(5_000)}`));
    assert.match(await client.head(), /^HTTP\/1.1 414 [\s\S]*details=uri-too-long/);
    assert.equal((await line).reason, 'uri-too-long');
    assert.equal(backend.connections.length, 0);
  });

  it('writes one line into the access log', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get('/x', 'User-Agent: test\r\n'));
    const { requestId, totalMs, upstreamMs, ...rest } = await line;
    assert.match(String(requestId), /^[0-9a-f]{32}$/);
    assert.ok(Number(totalMs) >= Number(upstreamMs) && Number(upstreamMs) > 0);
    assert.deepEqual(rest, {
      time: '2027-01-15T08:00:00.123Z',
      client: '127.0.0.1',
      method: 'GET',
      scheme: 'http',
      host: 'app.test',
      target: '/x',
      protocol: 'HTTP/1.1',
      status: 200,
      bytes: 2,
      waitMs: 0,
      route: 'app.test/',
      container: `c${backend.port}`,
      upstream: `127.0.0.1:${backend.port}`,
      tries: 1,
      cache: null,
      reason: null,
      userAgent: 'test',
      referer: null,
      user: null,
      limit: null,
    });
  });

  it('goes to the backends in turn', async (t) => {
    const backends = await Promise.all(
      ['a', 'b'].map(async (body) =>
        (await RawBackend.open(t)).always(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${body}`),
      ),
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo(backends.map(({ port }) => port)));
    const client = await stage.connect();
    let seen = '';
    for (let i = 0; i < 4; i++) {
      client.write(get());
      await client.head();
      seen += await client.bytes(1);
    }
    assert.match(seen, /^(ab){2}$|^(ba){2}$/);
  });

  it('is tried on another backend where the first refuses the connection, whatever its method', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([await closedPort(), backend.port]));
    for (let i = 0; i < 2; i++) {
      const client = await stage.connect();
      client.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody');
      assert.match(await client.head(), /^HTTP\/1.1 200 OK/);
    }
  });

  it('is not tried again once its body has begun to flow', async (t) => {
    const backends = [await RawBackend.open(t), await RawBackend.open(t)];
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo(backends.map(({ port }) => port)));
    const client = await stage.connect();
    client.write('PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbo');
    const upstream = await Promise.race(backends.map((backend) => backend.next()));
    await upstream.until('bo');
    upstream.reset();
    assert.match(await client.head(), /^HTTP\/1.1 502 [\s\S]*details=backend-reset\r\n/);
    assert.equal(
      backends.reduce((sum, { connections }) => sum + connections.length, 0),
      1,
    );
  });

  it('is answered with the reason where no backend can take it', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    for (const [backend, status, reason] of [
      [{ state: 'stopped' }, 503, 'no-backend'],
      [{ state: 'starting' }, 503, 'backend-starting'],
      [{ state: 'unreachable' }, 503, 'unreachable-network'],
      [{ port: await closedPort() }, 502, 'backend-refused'],
    ] as const) {
      stage.serve(routeTo([1], { backends: backend }));
      const client = await stage.connect();
      client.write(get());
      const head = await client.head();
      assert.match(
        head,
        new RegExp(
          `^HTTP/1.1 ${status} [^]*Proxy-Status: fairlead; error=[a-z_]+; details=${reason}\\r\\n[^]*Retry-After: \\d`,
        ),
      );
      assert.match(head, /\r\nX-Request-Id: [0-9a-f]{32}\r\n/);
    }
  });

  it('is answered with 504 where the backend does not answer in time', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: { readMs: 50 } }));
    const client = await stage.connect();
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 504 [\s\S]*details=backend-timeout\r\n/);
  });

  it('gets HTML where it asks for it, JSON where it does not', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([]));
    for (const [accept, type, body] of [
      ['Accept: text/html,*/*\r\n', 'text/html', /<code>no-backend<\/code>/],
      ['Accept: */*\r\n', 'application/json', /"reason":"no-backend"/],
    ] as const) {
      const client = await stage.connect();
      client.write(get('/', `${accept}Connection: close\r\n`));
      const answer = await client.rest();
      assert.match(answer, new RegExp(`\r\nContent-Type: ${type}`));
      assert.match(answer, body);
    }
  });

  it('that is HEAD gets the length of the error page and no body', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([]));
    const client = await stage.connect();
    client.write('HEAD / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n');
    assert.match(await client.rest(), /^HTTP\/1.1 503 [\s\S]*Content-Length: [1-9]\d+\r\n[\s\S]*\r\n\r\n$/);
  });

  it('for an unknown host is not answered, or as the setting says', async (t) => {
    for (const [unknownHost, answer] of [
      ['close', /^$/],
      ['404', /^HTTP\/1.1 404 [\s\S]*details=host-unknown/],
      ['421', /^HTTP\/1.1 421 [\s\S]*details=host-unknown/],
    ] as const) {
      const stage = await proxyStage(t, makeEngine(), { unknownHost });
      stage.serve(routeTo([], { host: 'other.test' }));
      const client = await stage.connect();
      client.write(get('/', 'Connection: close\r\n'));
      assert.match(await client.rest(), answer);
    }
  });

  it('for a path that nothing serves is 404 no-route', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve({ ...routeTo([]), path: { kind: 'prefix', text: '/api', prefix: '/api' } });
    const client = await stage.connect();
    client.write(get('/api-x'));
    assert.match(await client.head(), /^HTTP\/1.1 404 [\s\S]*details=no-route/);
  });

  it('with a target that two servers could read differently is refused', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([]));
    for (const path of ['/../x', '/%2e%2e/x', '/a%00', '/%zz', '/a\\b']) {
      const client = await stage.connect();
      client.write(get(path));
      assert.match(await client.head(), /^HTTP\/1.1 400 /, path);
    }
  });

  it('is redirected with its whole URI, by a status that keeps the method', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve({
      ...routeTo([]),
      serving: { kind: 'redirect', status: 308, location: '{scheme}://www.test{port}{uri}' },
    });
    const client = await stage.connect();
    client.write('GET /a%20b?c=d HTTP/1.1\r\nHost: app.test:28080\r\n\r\n');
    assert.match(await client.head(), /^HTTP\/1.1 308 [\s\S]*Location: http:\/\/www.test:28080\/a%20b\?c=d\r\n/);
  });

  it('of a route that must stay closed reaches no backend', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve({ ...routeTo([]), serving: { kind: 'refuse', reason: 'label-invalid' } });
    const client = await stage.connect();
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 503 [\s\S]*details=label-invalid/);
  });

  it('goes through the steps of its route, the proxy’s own answers too', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    const policy = {
      strip: '/api',
      requestHeaders: [{ name: 'X-Client', value: '{client_ip}', how: 'set' }],
      responseHeaders: [
        { name: 'X-Frame-Options', value: 'DENY', how: 'set' },
        { name: 'Server', value: '', how: 'delete' },
      ],
    } as const;
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    client.write(get('/api/x?y'));
    const upstream = await backend.next();
    const head = await upstream.head();
    assert.match(head, /^GET \/x\?y HTTP/);
    assert.match(head, /\r\nX-Forwarded-Prefix: \/api\r\nX-Client: 127.0.0.1\r\n/);
    upstream.write('HTTP/1.1 200 OK\r\nServer: secret/1.0\r\nContent-Length: 0\r\n\r\n');
    const answer = await client.head();
    assert.match(answer, /X-Frame-Options: DENY/);
    assert.doesNotMatch(answer, /Server/);
    stage.serve(routeTo([], { policy }));
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 503 [\s\S]*X-Frame-Options: DENY/);
  });

  it('that began before a swap ends as it began', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfir');
    await client.until('fir');
    stage.serve(aRoute());
    upstream.write('st!');
    assert.equal(await client.bytes(3), 'st!');
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 404 [\s\S]*host-unknown/);
    // The container has left: its connection is not kept for anybody.
    assert.equal(await upstream.rest(), '');
  });

  it('of a client that leaves is let go at the backend, and logged as 499', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    client.reset();
    await upstream.rest();
    const { status, reason } = await line;
    assert.deepEqual({ status, reason }, { status: 499, reason: 'client-aborted' });
    assert.equal([...stage.peers.all()][0]?.inFlight, 0);
  });

  it('whose answer breaks off is cut visibly, and counts against the backend', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    await client.until('half');
    upstream.socket.destroy();
    assert.equal(await client.closed, 'reset');
    assert.equal((await line).reason, 'backend-reset');
    assert.equal([...stage.peers.all()][0]?.fails, 1);
  });

  it('to upgrade becomes a tunnel, or 403 where the route says so', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    const handshake = get(
      '/chat',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n',
    );
    stage.serve(routeTo([backend.port], { policy: { ws: false } }));
    const refused = await stage.connect();
    refused.write(handshake);
    assert.match(await refused.head(), /^HTTP\/1.1 403 [\s\S]*details=ws-disabled/);

    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(handshake);
    const upstream = await backend.next();
    const head = await upstream.head();
    assert.match(head, /^GET \/chat HTTP\/1.1\r\n/);
    assert.match(head, /\r\nUpgrade: websocket\r\n/i);
    assert.match(head, /\r\nX-Forwarded-For: 127.0.0.1\r\n/);
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
    assert.match(await client.head(), /^HTTP\/1.1 101 /);
    assert.equal(await client.bytes(5), 'hello');
    client.write('world');
    assert.equal(await upstream.bytes(5), 'world');
    // A swap that takes the route away leaves the tunnel alone.
    stage.serve(aRoute({ serving: { kind: 'pool', backends: [aBackend()] } }));
    upstream.write('again');
    assert.equal(await client.bytes(5), 'again');
    upstream.end();
    client.end();
    assert.deepEqual((({ status, bytes }) => ({ status, bytes }))(await line), { status: 101, bytes: 10 });
    assert.equal(stage.tunnels.size, 0);
  });

  it('for h2c is served as if it had not asked', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(
      get('/', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    );
    const upstream = await backend.next();
    assert.doesNotMatch(await upstream.head(), /upgrade|http2/i);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200/);
  });
}
