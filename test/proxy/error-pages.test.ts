import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { readErrors } from '../../src/labels/error-list.ts';
import type { ErrorPage } from '../../src/labels/options.ts';
import { noGuards } from '../../src/routing/guards.ts';
import type { RoutePolicy } from '../../src/routing/table.ts';
import { aDesk } from '../cache/a-desk.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, ok, type ProxyStage, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`an error page (engine ${name})`, () => errorSuite(makeEngine));
}

/** As a label says it; a file holds what follows its name. */
function errors(label: string, about: { intercept?: boolean; text?: string } = {}): Pick<RoutePolicy, 'errors'> {
  const { intercept = false, text = 'a page' } = about;
  const pages = (readErrors(label, '').value ?? []).map((rule): ErrorPage => {
    if (rule.source.kind !== 'file') return rule;
    const { path } = rule.source;
    const type = path.endsWith('.json') ? 'application/json' : 'text/html; charset=utf-8';
    return { ...rule, source: { kind: 'page', page: { path, type, body: Buffer.from(text) } } };
  });
  return { errors: { pages, intercept } };
}

const denied = { guards: { ...noGuards, deny: ['127.0.0.0/8'] } };
const answer = (status: string, body: string, fields = ''): string =>
  `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

interface Seen {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

async function read(client: RawSocket, method = 'GET'): Promise<Seen> {
  const head = await client.head();
  const length = Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0);
  return { status: Number(head.slice(9, 12)), head, body: method === 'HEAD' ? '' : await client.bytes(length) };
}

async function ask(client: RawSocket, fields = '', method = 'GET'): Promise<Seen> {
  client.write(get('/', fields).replace('GET', method));
  return read(client, method);
}

/** Answers each request by its path; counts them. */
async function pathBackend(t: TestContext, answers: Record<string, string>) {
  const backend = await RawBackend.open(t);
  const heads: string[] = [];
  const serve = async (): Promise<never> => {
    const connection = await backend.next();
    serve().catch(() => {});
    for (;;) {
      const head = await connection.head();
      heads.push(head);
      connection.write(answers[head.split(' ')[1] as string] ?? answers['*'] ?? ok);
    }
  };
  serve().catch(() => {});
  return { port: backend.port, heads };
}

function errorSuite(makeEngine: MakeEngine): void {
  it('stands in for what the proxy says itself, whose status and fields stay', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    const policy = {
      ...denied,
      ...errors('403 file:/pages/403.html', { text: '<h1>no</h1>' }),
      securityHeaders: [{ name: 'X-Frame-Options', value: 'DENY', hsts: false }],
    };
    stage.serve(routeTo([], { policy }));
    const client = await stage.connect();
    const line = stage.nextLine();
    const { status, head, body } = await ask(client);
    assert.deepEqual([status, body], [403, '<h1>no</h1>']);
    assert.match(head, /\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    assert.match(head, /\r\nProxy-Status: fairlead; error=http_request_denied; details=address-denied\r\n/);
    assert.match(head, /\r\nX-Request-Id: \w+\r\n/);
    assert.match(head, /\r\nX-Frame-Options: DENY\r\n/);
    assert.match(head, /\r\nCache-Control: no-store\r\n/);
    const { reason, bytes } = await line;
    assert.deepEqual([reason, bytes], ['address-denied', 11]);
    // The connection goes on.
    assert.equal((await ask(client)).status, 403);
  });

  it('to HEAD is its head alone', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([], { policy: { ...denied, ...errors('403 file:/p/403.html', { text: 'four' }) } }));
    const client = await stage.connect();
    const { head } = await ask(client, '', 'HEAD');
    assert.match(head, /\r\nContent-Length: 4\r\n/);
    assert.equal((await ask(client)).body, 'four');
  });

  it('is not for a client that wants JSON, calls by gRPC or opens a WebSocket', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([], { policy: { ...denied, ...errors('4xx file:/p/{status}.html') } }));
    const client = await stage.connect();
    const socket = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n';
    for (const fields of [
      'Accept: application/json\r\n',
      'Accept: application/json, text/plain, */*\r\n',
      'Content-Type: application/grpc+proto\r\n',
    ])
      assert.equal(JSON.parse((await ask(client, fields)).body).reason, 'address-denied');
    assert.equal(JSON.parse((await ask(await stage.connect(), socket)).body).reason, 'address-denied');
    assert.equal((await ask(client, 'Accept: */*\r\n')).body, 'a page');
  });

  it('is that of the first source that is for the status; others keep the built-in one', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    const policy = { ...denied, ...errors('403 builtin; 4xx file:/p/4xx.html; 503 file:/p/503.html') };
    stage.serve(routeTo([], { policy }), routeTo([], { host: 'down.test', policy: { ...policy, guards: noGuards } }));
    const client = await stage.connect();
    assert.match((await ask(client)).body, /address-denied/);
    client.write(get().replace('app.test', 'down.test'));
    const { status, body, head } = await read(client);
    assert.deepEqual([status, body], [503, 'a page']);
    assert.match(head, /\r\nRetry-After: \d+\r\n/);
  });

  it('names status, reason and request where it asks for them, harmless in HTML', async (t) => {
    const stage = await proxyStage(t, makeEngine(), { trusted: ['127.0.0.1'] });
    const text = '<p>{status} {reason} {request_id} {other} h\u00fc</p>';
    stage.serve(routeTo([], { policy: { ...denied, ...errors('403 file:/p/403.html', { text }) } }));
    const { body } = await ask(await stage.connect(), 'X-Request-Id: 00ff00ff\r\n');
    assert.equal(Buffer.from(body, 'latin1').toString('utf8'), '<p>403 address-denied 00ff00ff {other} h\u00fc</p>');
  });

  it('replaces what a backend says only where that is to be intercepted', async (t) => {
    const backend = (await RawBackend.open(t)).always(answer('404 Not Found', 'theirs'));
    for (const [intercept, expected] of [
      [false, 'theirs'],
      [true, 'a page'],
    ] as const) {
      const stage = await proxyStage(t, makeEngine());
      stage.serve(routeTo([backend.port], { policy: errors('404 file:/p/404.html', { intercept }) }));
      const { status, body } = await ask(await stage.connect());
      assert.deepEqual([status, body], [404, expected]);
    }
  });

  it('keeps of a backend’s answer what says how to go on, and nothing about its body', async (t) => {
    const fields = [
      'WWW-Authenticate: Basic realm="x"',
      'WWW-Authenticate: Bearer',
      'Retry-After: 7',
      'Set-Cookie: a=1',
      'Access-Control-Allow-Origin: *',
      'Content-Type: text/plain',
      'Content-Encoding: gzip',
      'ETag: "x"',
      'Cache-Control: max-age=60',
      'X-Debug: stack',
    ].map((field) => `${field}\r\n`);
    const backend = (await RawBackend.open(t)).always(answer('401 Unauthorized', 'zzz', fields.join('')));
    const stage = await proxyStage(t, makeEngine());
    const responseHeaders = [{ name: 'X-Ours', value: '1', how: 'set' } as const];
    const policy = { ...errors('401 file:/p/401.html', { intercept: true }), responseHeaders };
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    const line = stage.nextLine();
    const { head, body } = await ask(client);
    assert.equal(body, 'a page');
    assert.equal(head.match(/\r\nWWW-Authenticate: /gi)?.length, 2);
    for (const kept of [/Retry-After: 7/i, /Set-Cookie: a=1/i, /Access-Control-Allow-Origin: \*/i, /X-Ours: 1/i])
      assert.match(head, kept);
    assert.match(head, /\r\nContent-Type: text\/html; charset=utf-8\r\n/i);
    assert.match(head, /\r\nCache-Control: no-store\r\n/i);
    assert.doesNotMatch(head, /Content-Encoding|ETag|max-age|X-Debug|Proxy-Status/i);
    const { status, reason, bytes } = await line;
    assert.deepEqual([status, reason, bytes], [401, null, 6]);
  });

  it('leaves JSON that a backend answers to a client that wants it', async (t) => {
    const json = answer('422 Unprocessable Content', '{"field":1}', 'Content-Type: application/json\r\n');
    const backend = (await RawBackend.open(t)).always(json);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: errors('4xx file:/p/4xx.html', { intercept: true }) }));
    const client = await stage.connect();
    assert.equal((await ask(client, 'Accept: application/json\r\n')).body, '{"field":1}');
    assert.equal((await ask(client, 'Accept: text/html\r\n')).body, 'a page');
  });

  it('may be the built-in one for a backend that says too much', async (t) => {
    const backend = (await RawBackend.open(t)).always(answer('500 Internal Server Error', 'stack trace'));
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: errors('builtin', { intercept: true }) }));
    const client = await stage.connect();
    const html = await ask(client, 'Accept: text/html\r\n');
    assert.match(html.head, /^HTTP\/1.1 500 Internal Server Error\r\n/);
    assert.match(html.body, /^<!doctype html>[\s\S]*500 Internal Server Error/);
    assert.equal(JSON.parse((await ask(client)).body).reason, 'backend');
  });

  it('does not wait for a body that nobody sees, and gives up one that does not end', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: errors('500 file:/p/500.html', { intercept: true }) }));
    const client = await givesUpWhatNobodySees(stage, backend);
    // Other requests go on.
    client.write(get());
    const next = await backend.next();
    await next.head();
    next.write(ok);
    assert.equal((await read(client)).body, 'ok');
  });

  it('is what comes after the last retry', async (t) => {
    const unwell = (await RawBackend.open(t)).always(answer('503 Service Unavailable', 'unwell'));
    const well = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    const policy = { ...errors('503 file:/p/503.html', { intercept: true }), retryStatuses: [503] };
    stage.serve(
      routeTo([unwell.port, well.port], { policy }),
      routeTo([unwell.port], { host: 'one.test', policy: { ...policy, retries: 0 } }),
    );
    const client = await stage.connect();
    for (let i = 0; i < 4; i++) assert.equal((await ask(client)).body, 'ok');
    client.write(get().replace('app.test', 'one.test'));
    const { status, body } = await read(client);
    assert.deepEqual([status, body], [503, 'a page']);
  });

  it('stands in for a backend that refuses', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([await closedPort()], { policy: errors('502,503 file:/p/50x.html') }));
    const { status, body, head } = await ask(await stage.connect());
    assert.deepEqual([status, body], [502, 'a page']);
    assert.match(head, /details=backend-refused/);
  });

  it('of the backend is asked for by path, without anything of the client’s, and once for many', async (t) => {
    const page = answer('200 OK', '<h1>403</h1>', 'Content-Type: text/html; charset=latin1\r\nSet-Cookie: page=1\r\n');
    const { port, heads } = await pathBackend(t, { '/errors/403.html?a=1': page });
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    const requestHeaders = [{ name: 'X-Key', value: 'k', how: 'set' } as const];
    const policy = { ...denied, ...errors('4xx /errors/{status}.html?a=1'), requestHeaders };
    stage.serve(routeTo([port], { policy }));
    const fields =
      'Cookie: session=1\r\nAuthorization: Basic eA==\r\nRemote-User: root\r\nX-Forwarded-Proto: https\r\n';
    const clients = await Promise.all([1, 2, 3, 4].map(() => stage.connect()));
    const seen = await Promise.all(clients.map((client) => ask(client, fields)));
    for (const { status, body, head } of seen) {
      assert.deepEqual([status, body], [403, '<h1>403</h1>']);
      assert.match(head, /\r\nContent-Type: text\/html; charset=latin1\r\n/);
      assert.match(head, /details=address-denied/);
      assert.doesNotMatch(head, /Set-Cookie/i);
    }
    assert.equal(heads.length, 1);
    const [head = ''] = heads;
    assert.match(head, /^GET \/errors\/403\.html\?a=1 HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nHost: app\.test\r\n/i);
    assert.match(head, /\r\nX-Forwarded-Proto: http\r\n/i);
    assert.match(head, /\r\nX-Key: k\r\n/i);
    assert.doesNotMatch(head, /session|Authorization|Remote-User/i);
    const client = clients[0] as RawSocket;
    clock.advance(9_999);
    await ask(client);
    assert.equal(heads.length, 1);
    clock.advance(1);
    await ask(client);
    assert.equal(heads.length, 2);
    assert.equal([...stage.peers.all()][0]?.inFlight, 0);
  });

  it('of the backend that is no page leaves the built-in one, and is not asked for at once again', async (t) => {
    for (const bad of [
      answer('404 Not Found', 'no page'),
      answer('302 Found', '', 'Location: /login\r\n'),
      answer('200 OK', 'zzz', 'Content-Encoding: gzip\r\n'),
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(9)}`,
    ]) {
      const { port, heads } = await pathBackend(t, { '/403.html': bad });
      const clock = new FakeClock();
      const stage = await proxyStage(t, makeEngine(), { clock });
      stage.serve(routeTo([port], { policy: { ...denied, ...errors('403 /403.html') } }));
      const client = await stage.connect();
      for (let i = 0; i < 3; i++) assert.match((await ask(client)).body, /"reason":"address-denied"/);
      assert.equal(heads.length, 1);
      clock.advance(1_000);
      await ask(client);
      assert.equal(heads.length, 2);
    }
  });

  it('of a backend that does not answer is waited for five seconds, and its place taken by the built-in one', async (t) => {
    const backend = await RawBackend.open(t);
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([backend.port], { policy: { ...denied, ...errors('403 /403.html') } }));
    const client = await stage.connect();
    const left = await stage.connect();
    const line = stage.nextLine();
    left.write(get());
    const upstream = await backend.next();
    await upstream.head();
    left.reset();
    assert.equal((await line).reason, 'address-denied');
    const seen = ask(client);
    await stage.begun(2);
    clock.advance(5_000);
    assert.match((await seen).body, /address-denied/);
    await upstream.rest();
    assert.equal([...stage.peers.all()][0]?.inFlight, 0);
  });

  it('of the backend is shown from memory when the backend is gone', async (t) => {
    const { port } = await pathBackend(t, {
      '/500.html': answer('200 OK', 'sorry'),
      '*': answer('500 Oops', 'theirs'),
    });
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { clock });
    const policy = errors('5xx /500.html', { intercept: true });
    const route = routeTo([port], { policy });
    stage.serve(route);
    const client = await stage.connect();
    assert.equal((await ask(client)).body, 'sorry');
    clock.advance(60_000);
    for (const peer of stage.peers.all()) stage.peers.withdraw(peer.containerId);
    const { status, body, head } = await ask(client);
    assert.deepEqual([status, body], [503, 'sorry']);
    assert.match(head, /details=no-backend/);
  });

  it('of the backend is never asked for while the route is closed', async (t) => {
    const { port, heads } = await pathBackend(t, {});
    const stage = await proxyStage(t, makeEngine());
    const route = routeTo([port], { policy: errors('5xx /500.html') });
    stage.serve({ ...route, serving: { kind: 'refuse', reason: 'label-invalid' } });
    assert.match((await ask(await stage.connect())).body, /label-invalid/);
    assert.equal(heads.length, 0);
  });

  it('asked for by path is not itself replaced, whatever its status', async (t) => {
    const { port, heads } = await pathBackend(t, { '*': answer('404 Not Found', 'theirs') });
    const stage = await proxyStage(t, makeEngine(), { clock: new FakeClock() });
    stage.serve(routeTo([port], { policy: errors('404 /404.html', { intercept: true }) }));
    const { status, body } = await ask(await stage.connect(), 'Accept: text/html\r\n');
    assert.equal(status, 404);
    assert.match(body, /404 Not Found/);
    assert.deepEqual(
      heads.map((head) => head.split(' ')[1]),
      ['/', '/404.html'],
    );
  });

  it('is made anew for each client of a stored answer, and never stored', async (t) => {
    const { port, heads } = await pathBackend(t, {
      '*': answer('404 Not Found', 'theirs', 'Cache-Control: max-age=60\r\nETag: "1"\r\n'),
    });
    const stage = await proxyStage(t, makeEngine(), { cache: aDesk() });
    const policy = { ...errors('404 file:/p/404.html', { intercept: true, text: '{request_id}' }), cache: aPolicy() };
    stage.serve(routeTo([port], { policy }));
    const client = await stage.connect();
    const [first, second] = [await ask(client), await ask(client)];
    assert.match(first.head, /\r\nX-Cache-Status: MISS\r\n/);
    assert.match(second.head, /\r\nX-Cache-Status: HIT\r\n/);
    assert.notEqual(first.body, second.body);
    for (const { head } of [first, second]) assert.doesNotMatch(head, /ETag|max-age|\r\nAge:/i);
    // Who shows no pages gets what is stored: the backend's own.
    assert.equal((await ask(client, 'Accept: application/json\r\n')).body, 'theirs');
    assert.equal(heads.length, 1);
  });

  it('comes after what the cache still has', async (t) => {
    const backend = await RawBackend.open(t);
    const clock = new FakeClock();
    const stage = await proxyStage(t, makeEngine(), { cache: aDesk(), now: () => clock.now() });
    const policy = {
      ...errors('5xx file:/p/5xx.html', { intercept: true }),
      cache: aPolicy({ staleIfErrorMs: 60_000 }),
    };
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    const first = ask(client);
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(answer('200 OK', 'good', 'Cache-Control: max-age=1\r\n'));
    assert.equal((await first).body, 'good');
    clock.advance(2_000);
    const stale = ask(client);
    await upstream.head();
    upstream.write(answer('500 Oops', 'theirs'));
    assert.equal((await stale).body, 'good');
    clock.advance(60_000);
    const late = ask(client);
    await upstream.head();
    upstream.write(answer('500 Oops', 'theirs'));
    const { status, body } = await late;
    assert.deepEqual([status, body], [500, 'a page']);
  });

  it('of an answer that the cache does not keep gives up its endless body too', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine(), { cache: aDesk() });
    const policy = { ...errors('500 file:/p/500.html', { intercept: true }), cache: aPolicy() };
    stage.serve(routeTo([backend.port], { policy }));
    await givesUpWhatNobodySees(stage, backend);
  });
}

/** An intercepted answer that does not end: its client has the page at once, and the backend is let go. */
async function givesUpWhatNobodySees(stage: ProxyStage, backend: RawBackend): Promise<RawSocket> {
  const client = await stage.connect();
  client.write(get());
  const upstream = await backend.next();
  await upstream.head();
  upstream.write('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  assert.equal((await read(client)).body, 'a page');
  for (let i = 0; i < 9; i++) upstream.write(`2000\r\n${'x'.repeat(0x2000)}\r\n`);
  await upstream.rest();
  assert.equal([...stage.peers.all()][0]?.inFlight, 0);
  return client;
}
