import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ask, ProxyProcess } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';

/** What arrived at the backend. */
interface Seen {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly body: string;
  readonly trailers: Readonly<Record<string, string>>;
}

/** Answers with what arrived. */
const mirror =
  (name = ''): RequestListener =>
  (incoming, response) => {
    void text(incoming).then((body) => {
      const { method, url, headers, rawHeaders, trailers } = incoming;
      const names = rawHeaders.filter((_, at) => at % 2 === 0);
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('X-Backend', 'mirror');
      response.statusCode = url?.endsWith('/missing') ? 404 : 200;
      response.end(JSON.stringify({ name, method, url, headers, names, body, trailers }));
    });
  };

test('what passes through the proxy, and what it answers by itself', async (t) => {
  const world = testEngine(t);
  const proxy = await ProxyProcess.start(t, {
    endpoint: world.endpoint,
    // Every address, as by default, so that clients come by IPv4 and by IPv6.
    env: { FAIRLEAD_HTTP: ':0', FAIRLEAD_TRUSTED: '127.0.0.3' },
  });
  const cases = t.test.bind(t);
  const begin = async (inner: TestContext, labels: Record<string, string> = {}, answer: RequestListener = mirror()) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const backend = await hostBackend(inner, engine, { labels: { 'proxy.host': host, ...labels }, answer });
    const path = labels['proxy.path'] ?? '/';
    await proxy.until('its backend is there', host, path, ({ status }) => status !== 503);
    return { engine, host, backend };
  };
  const seen = async (host: string, path = '/', headers: Record<string, string | string[]> = {}): Promise<Seen> =>
    JSON.parse((await proxy.get(host, path, { headers })).body);

  await cases('the backend learns who asked for what, and no client can say otherwise', async (inner) => {
    const { host } = await begin(inner);
    const { headers, names } = await seen(`${host}:8080`, '/', {
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Proto': 'https',
      'X-Real-IP': '203.0.113.9',
      'X-Request-Id': 'mine',
      X_Forwarded_For: '203.0.113.9',
      Content_Length: '5',
      Proxy: 'evil:80',
      'Keep-Alive': 'timeout=5',
      'X-Secret-Hop': '1',
      Connection: 'close, X-Forwarded-For, X-Real-IP, X-Secret-Hop',
    });
    assert.equal(headers.host, `${host}:8080`);
    assert.equal(headers['x-real-ip'], '127.0.0.1');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-host'], `${host}:8080`);
    assert.equal(headers['x-forwarded-port'], String(proxy.httpPort));
    assert.match(headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
    for (const name of ['x_forwarded_for', 'content_length', 'proxy', 'keep-alive', 'x-secret-hop'])
      assert.equal(headers[name], undefined, name);
    assert.equal(names.filter((name) => /^x-forwarded-for$/i.test(name)).length, 1);
  });

  await cases('a client that comes by IPv6 is told by its IPv6 address', async (inner) => {
    const { host } = await begin(inner);
    const asked = request({ host: '::1', port: proxy.httpPort, headers: { host }, agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    assert.equal((JSON.parse(await text(response)) as Seen).headers['x-real-ip'], '::1');
  });

  await cases('a proxy in FAIRLEAD_TRUSTED is believed', async (inner) => {
    const { host } = await begin(inner);
    const headers = {
      host,
      'X-Forwarded-For': '198.51.100.1, 203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'outside.test',
      'X-Request-Id': 'theirs-1',
    };
    const asked = request({
      port: proxy.httpPort,
      host: '127.0.0.1',
      localAddress: '127.0.0.3',
      headers,
      agent: false,
    });
    const [response] = (await once(asked.end(), 'response')) as [IncomingMessage];
    const arrived = (JSON.parse(await text(response)) as Seen).headers;
    assert.equal(arrived['x-real-ip'], '203.0.113.9');
    assert.equal(arrived['x-forwarded-for'], '198.51.100.1, 203.0.113.9, 127.0.0.3');
    assert.equal(arrived['x-forwarded-proto'], 'https');
    assert.equal(arrived['x-forwarded-host'], 'outside.test');
    assert.equal(arrived['x-forwarded-port'], '443');
    assert.equal(arrived['x-request-id'], 'theirs-1');
  });

  await cases('a prefix counts by whole segments, and strip takes it off', async (inner) => {
    const { host } = await begin(inner, { 'proxy.path': '/api', 'proxy.strip': 'true' });
    const { url, headers } = await seen(host, '/api/users?page=2');
    assert.equal(url, '/users?page=2');
    assert.equal(headers['x-forwarded-prefix'], '/api');
    assert.equal((await seen(host, '/api')).url, '/');
    assert.equal((await seen(host, '/api?x')).url, '/?x');
    const beside = await proxy.get(host, '/api-x');
    assert.deepEqual([beside.status, beside.reason], [404, 'no-route']);
    // What a backend would resolve is resolved before it is matched.
    assert.equal((await proxy.get(host, '/api/../admin')).reason, 'no-route');
    assert.equal((await proxy.get(host, '/api/%2e%2e/admin')).reason, 'no-route');
  });

  await cases('rewrite gives the backend another path, after strip, and nobody else', async (inner) => {
    const labels = {
      'proxy.path': '/api',
      'proxy.strip': 'true',
      'proxy.rewrite': '^/v1/(?<rest>.*)$ -> /v2/$<rest>',
      'proxy.cache': '1h',
    };
    const { host } = await begin(inner, labels);
    const { url, headers } = await seen(host, '/api/v1/a%2Fb?page=2');
    assert.deepEqual([url, headers['x-forwarded-prefix']], ['/v2/a%2Fb?page=2', '/api']);
    assert.equal((await seen(host, '/api/other')).url, '/other');
    const { steps } = await proxy.explain(`http://${host}/api/v1/x?y`);
    assert.equal(steps.find(({ step }) => step === 'rewrite')?.does, '/v1/x?y → /v2/x?y');
    const again = await proxy.get(host, '/api/v1/a%2Fb?page=2');
    assert.equal(again.headers['x-cache-status'], 'HIT');
    const stored = await proxy.get(host, '/api/v2/a%2Fb?page=2');
    assert.equal(stored.headers['x-cache-status'], 'MISS');
  });

  await cases('paths: the longest prefix, a regex, an exact one, and priority between equals', async (inner) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const routes = {
      'proxy.host': host,
      'proxy.api.path': '/api',
      'proxy.v2.path': '/api/v2',
      'proxy.exact.path': '=/api/v2',
      'proxy.low.path': '~^/[a-z]+/\\d+$',
      'proxy.high.path': '~^/[^/]+/[0-9]+$',
      'proxy.high.priority': '5',
      'proxy.files.path': '*.{js,css}',
    };
    await hostBackend(inner, engine, { labels: routes });
    await proxy.live(host);
    const routeOf = async (path: string) => {
      const { route } = await proxy.explain(`http://${host}${path}`);
      return (await proxy.routes()).routes.find(({ id }) => id === route)?.name;
    };
    for (const [path, name] of [
      ['/', ''],
      ['/anything', ''],
      ['/api/x', 'api'],
      ['/api/v2/x', 'v2'],
      ['/api/v2', 'exact'],
      ['/user/12', 'high'],
      ['/app.js', 'files'],
    ] as const) {
      assert.equal(await routeOf(path), name, path);
      assert.equal((await proxy.get(host, path)).status, 200);
      // The data plane's own word.
      const line = await eventually('the access log tells', async () =>
        proxy.accesses(host).find(({ target, status }) => target === path && status === 200),
      );
      assert.equal(line.route, (await proxy.explain(`http://${host}${path}`)).route);
    }
  });

  await cases('an exact host stands before a wildcard, and a wildcard before a regex', async (inner) => {
    const engine = testEngine(inner);
    const zone = `${engine.mark}.test`;
    for (const [name, host] of [
      ['exact', `a.${zone}`],
      ['wildcard', `*.${zone}`],
      ['regex', `~^[a-z]+\\.(x\\.)?${engine.mark}\\.(test|local)$`],
    ] as const)
      await hostBackend(inner, engine, { labels: { 'proxy.host': host }, answer: mirror(name) });
    const nameOf = async (host: string) => (await seen(host)).name;
    for (const host of [`a.${zone}`, `b.${zone}`, `c.${engine.mark}.local`]) await proxy.live(host);
    assert.equal(await nameOf(`a.${zone}`), 'exact');
    assert.equal(await nameOf(`A.${zone.toUpperCase()}:81`), 'exact');
    assert.equal(await nameOf(`b.${zone}`), 'wildcard');
    assert.equal(await nameOf(`c.${engine.mark}.local`), 'regex');
  });

  await cases('an alias is a 308 to the host, path and query kept', async (inner) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const alias = `www.${engine.mark}.test`;
    await hostBackend(inner, engine, { labels: { 'proxy.host': host, 'proxy.alias': alias } });
    await proxy.live(host);
    const { status, headers } = await proxy.get(alias, '/a%20b?c=d', { method: 'POST', body: 'x' });
    assert.deepEqual([status, headers.location], [308, `http://${host}/a%20b?c=d`]);
  });

  await cases('proxy.redirect answers without a backend', async (inner) => {
    const { host, backend } = await begin(inner, { 'proxy.redirect': '302 https://new.test{uri}' });
    const before = backend.targets.length;
    const { status, headers } = await proxy.get(host, '/x?y=1');
    assert.deepEqual([status, headers.location], [302, 'https://new.test/x?y=1']);
    assert.equal(backend.targets.length, before);
  });

  await cases('headers are edited on both ways, on every status', async (inner) => {
    const { host } = await begin(inner, {
      'proxy.header.X-Site': 'fairlead',
      'proxy.header.X-Backend': '',
      'proxy.header.Content-Type': '?text/html',
      'proxy.reqheader.X-Who': '{client_ip} {host} {scheme}',
      'proxy.reqheader.Cookie': '',
      'proxy.reqheader.Accept': '+text/x-more',
    });
    const answer = await proxy.get(host, '/', { headers: { cookie: 'a=b', accept: 'text/plain', 'x-who': 'me' } });
    const arrived = (JSON.parse(answer.body) as Seen).headers;
    assert.equal(arrived['x-who'], `127.0.0.1 ${host} http`);
    assert.equal(arrived.cookie, undefined);
    assert.equal(arrived.accept, 'text/plain, text/x-more');
    const missing = await proxy.get(host, '/missing');
    assert.equal(missing.status, 404);
    for (const { headers } of [answer, missing]) {
      assert.equal(headers['x-site'], 'fairlead');
      assert.equal(headers['x-backend'], undefined);
      assert.equal(headers['content-type'], 'application/json');
    }
  });

  await cases(
    "proxy.security is on every status, the proxy's own answers included, and HSTS not without TLS",
    async (inner) => {
      const { host } = await begin(
        inner,
        { 'proxy.path': '/here', 'proxy.security': 'true frame=DENY' },
        (incoming, response) => {
          response.setHeader('X-Frame-Options', 'ALLOWALL');
          response.statusCode = incoming.url?.endsWith('/missing') ? 404 : 200;
          response.end();
        },
      );
      const closed = await begin(inner, { 'proxy.security': 'true frame=DENY', 'proxy.ws': 'false' });
      const tunnel = { connection: 'upgrade', upgrade: 'websocket' };
      for (const [status, answer] of [
        [200, await proxy.get(host, '/here')],
        [404, await proxy.get(host, '/here/missing')],
        [403, await proxy.get(closed.host, '/', { headers: tunnel })],
      ] as const) {
        assert.equal(answer.status, status);
        assert.equal(answer.headers['x-frame-options'], 'DENY');
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.equal(answer.headers['permissions-policy'], 'camera=(), microphone=(), geolocation=()');
        assert.equal(answer.headers['strict-transport-security'], undefined);
      }
    },
  );

  await cases('own answers are JSON, or HTML for who prefers it, with an id and a reason', async (inner) => {
    const { engine, host } = await begin(inner, { 'proxy.path': '/here', 'proxy.header.X-Site': 'fairlead' });
    const json = await proxy.get(host, '/elsewhere');
    assert.equal(json.status, 404);
    assert.match(String(json.headers['content-type']), /^application\/json/);
    const { requestId, reason } = JSON.parse(json.body);
    assert.equal(requestId, json.headers['x-request-id']);
    assert.equal(reason, 'no-route');
    assert.equal(json.headers['proxy-status'], 'fairlead; error=destination_not_found; details=no-route');
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const html = await proxy.get(host, '/elsewhere', { headers: { accept } });
    assert.match(String(html.headers['content-type']), /^text\/html/);
    assert.match(html.body, /^<!doctype html>/);
    const head = await proxy.get(host, '/elsewhere', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [404, '']);
    assert.ok(Number(head.headers['content-length']) > 0);
    await assert.rejects(proxy.get(`nobody.${engine.mark}.test`), { code: 'ECONNRESET' });
  });

  await cases('HEAD has the length of GET and no body', async (inner) => {
    const { host } = await begin(inner, {}, (_, response) => {
      response.setHeader('Content-Length', '12');
      response.end('hello, world');
    });
    const { status, headers, body } = await proxy.get(host, '/', { method: 'HEAD' });
    assert.deepEqual([status, headers['content-length'], body], [200, '12', '']);
    assert.equal((await proxy.get(host)).body, 'hello, world');
  });

  await cases('a chunked upload arrives with its trailers, and so do those of the answer', async (inner) => {
    const { host } = await begin(inner, {}, (incoming, response) => {
      void text(incoming).then((body) => {
        response.writeHead(200, { Trailer: 'X-Sum', 'Content-Type': 'text/plain' });
        response.write(`${body} ${incoming.trailers['x-check']} ${incoming.headers['transfer-encoding']}`);
        response.addTrailers({ 'X-Sum': '42' });
        response.end();
      });
    });
    const client = await rawClient(inner, proxy.httpPort);
    client.write(
      `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\nTrailer: X-Check\r\nConnection: close, TE\r\n\r\n` +
        '5\r\nhello\r\n6\r\n world\r\n0\r\nX-Check: 7\r\n\r\n',
    );
    const answer = await client.rest();
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /hello world 7 chunked/);
    assert.match(answer, /\r\nX-Sum: 42\r\n\r\n$/);
  });

  await cases('early hints come ahead of the answer', async (inner) => {
    const { host } = await begin(inner, {}, (_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' }, () => response.end('page'));
    });
    const client = await rawClient(inner, proxy.httpPort);
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const hints = await client.head();
    assert.match(hints, /^HTTP\/1\.1 103 /);
    assert.match(hints, /\r\nlink: <\/style\.css>; rel=preload; as=style\r\n/i);
    assert.match(await client.head(), /^HTTP\/1\.1 200 /);
  });

  await cases(
    'a backend that is silent for longer than proxy.timeout is a 504, one that trickles is not',
    async (inner) => {
      const { host } = await begin(inner, { 'proxy.timeout': '1s' }, (incoming, response) => {
        if (incoming.url === '/') return response.end();
        if (incoming.url !== '/trickle') return;
        response.writeHead(200);
        let left = 8;
        const timer = setInterval(() => {
          response.write('.');
          if (--left > 0) return;
          clearInterval(timer);
          response.end();
        }, 400);
      });
      const [silent, trickle] = await Promise.all([proxy.get(host, '/silent'), proxy.get(host, '/trickle')]);
      assert.deepEqual([silent.status, silent.reason], [504, 'backend-timeout']);
      assert.deepEqual([trickle.status, trickle.body], [200, '........']);
    },
  );

  await cases('what two parsers could read differently is a 400', async (inner) => {
    const { host } = await begin(inner);
    for (const head of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\nContent-Length: 6\r\n',
      'Host: other.test\r\n',
      'Transfer-Encoding: gzip, chunked, identity\r\n',
      'X-Folded: a\r\n b\r\n',
      'X-Space : a\r\n',
    ]) {
      const client = await rawClient(inner, proxy.httpPort);
      client.write(`POST / HTTP/1.1\r\nHost: ${host}\r\n${head}\r\n`);
      const answer = await client.head();
      assert.match(answer, /^HTTP\/1\.1 400 /, head);
      assert.match(answer, /details=bad-request/, head);
    }
  });

  await cases('a backend that breaks off in the middle is visibly cut', async (inner) => {
    const { host } = await begin(inner, {}, (incoming, response) => {
      if (incoming.url !== '/cut') return response.end();
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    await assert.rejects(proxy.get(host, '/cut'), { code: 'ECONNRESET' });
  });

  await cases('the admin API is not on the public port', async () => {
    for (const path of ['/routes', '/status', '/readyz'])
      await assert.rejects(ask(proxy.httpPort, path, { headers: { host: 'localhost' } }), { code: 'ECONNRESET' });
  });
});
