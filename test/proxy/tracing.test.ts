import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { Tracer } from '../../src/proxy/tracer.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { type ReadSpan, readSpan } from '../support/collector.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, nowMs, ok, type ProxyStage, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request that is traced (engine ${name})`, () => tracingSuite(makeEngine));
}

const clientTrace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const parentLine = (flags: string) => `traceparent: 00-${clientTrace.traceId}-${clientTrace.spanId}-${flags}\r\n`;
const toldIn = (head: string) =>
  /\r\ntraceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\r\n/i.exec(head) ?? [];
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

function tracingSuite(makeEngine: MakeEngine): void {
  async function scene(
    t: TestContext,
    about: { sample?: number; trusted?: string[]; random?: number } = {},
  ): Promise<{ stage: ProxyStage; client: RawSocket; spans: ReadSpan[]; spanOf: (kind: number) => ReadSpan }> {
    const spans: ReadSpan[] = [];
    const tracer = new Tracer({
      sample: about.sample ?? 1,
      write: (span) => spans.push(readSpan(JSON.parse(span))),
      now: () => nowMs,
      monotonic: () => performance.now(),
      random: () => about.random ?? 0.5,
    });
    const stage = await proxyStage(t, makeEngine(), { tracer, trusted: about.trusted ?? [] });
    const spanOf = (kind: number): ReadSpan => {
      const found = spans.filter((span) => span.kind === kind);
      assert.equal(found.length, 1, JSON.stringify(spans.map(({ name }) => name)));
      return found[0] as ReadSpan;
    };
    return { stage, client: await stage.connect(), spans, spanOf };
  }

  it('leaves a span of its own, and one of its try on the backend, which hangs below', async (t) => {
    const { stage, client, spanOf } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    client.write(get('/a/b?q=1&token=hunter2', 'User-Agent: test\r\n'));
    const upstream = await backend.next();
    const [, traceId, spanId, flags] = toldIn(await upstream.head());
    upstream.write(ok);
    const { requestId, traceId: logged } = await line;
    const [server, attempt] = [spanOf(2), spanOf(3)];
    assert.deepEqual([server.traceId, attempt.traceId, logged, requestId], Array(4).fill(traceId));
    assert.deepEqual([attempt.spanId, attempt.parentId, server.parentId, flags], [spanId, server.spanId, '', '01']);
    assert.deepEqual(server.attributes, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/a/b',
      'url.query': 'q=1&token=***',
      'server.address': 'app.test',
      'server.port': 80,
      'http.route': 'app.test/',
      'http.response.status_code': 200,
      'http.response.body.size': 2,
      'client.address': '127.0.0.1',
      'user_agent.original': 'test',
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'fairlead.request_id': requestId,
      'fairlead.tries': 1,
    });
    assert.deepEqual(attempt.attributes, {
      'http.request.method': 'GET',
      'url.full': `http://127.0.0.1:${backend.port}/a/b?q=1&token=***`,
      'server.address': '127.0.0.1',
      'server.port': backend.port,
      'http.response.status_code': 200,
      'container.name': `c${backend.port}`,
      'container.id': `c${backend.port}`,
    });
    assert.deepEqual([server.name, attempt.name, server.statusCode], ['GET app.test/', 'GET', 0]);
    assert.ok(server.startNs <= attempt.startNs && attempt.endNs <= server.endNs);
    assert.ok(
      server.startNs > BigInt(nowMs - 1_000) * 1_000_000n && server.endNs < BigInt(nowMs + 60_000) * 1_000_000n,
    );
  });

  it('goes on with the trace of whoever asks, and passes its state on', async (t) => {
    const { stage, client, spanOf } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    client.write(get('/', `${parentLine('01')}tracestate: a=b\r\nConnection: traceparent\r\n`));
    const upstream = await backend.next();
    const head = await upstream.head();
    upstream.write(ok);
    await line;
    assert.match(head, /\r\ntracestate: a=b\r\n/);
    assert.equal(toldIn(head)[1], clientTrace.traceId);
    assert.equal(toldIn(head)[2], spanOf(3).spanId);
    assert.deepEqual([spanOf(2).traceId, spanOf(2).parentId], [clientTrace.traceId, clientTrace.spanId]);
  });

  it('begins a trace of its own where that of the client cannot be read, and its state goes', async (t) => {
    const { stage, client, spanOf } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    client.write(get('/', `${parentLine('01')}${parentLine('01')}tracestate: a=b\r\n`));
    const upstream = await backend.next();
    const head = await upstream.head();
    upstream.write(ok);
    await line;
    assert.doesNotMatch(head, /tracestate|4bf92f/i);
    assert.equal(head.match(/traceparent/gi)?.length, 1);
    assert.equal(spanOf(2).parentId, '');
  });

  it('is sampled as those decide who are trusted, and nobody else', async (t) => {
    for (const [trusted, flags, sample, recorded] of [
      [[], '01', 0.4, false],
      [[], '00', 0.6, true],
      [['127.0.0.0/8'], '01', 0, true],
      [['127.0.0.0/8'], '00', 1, false],
      [['127.0.0.0/8'], '', 0.6, true],
      [['127.0.0.0/8'], '', 0.4, false],
      [[], '', 0, false],
    ] as const) {
      const { stage, client, spans } = await scene(t, { sample, trusted: [...trusted] });
      const backend = await RawBackend.open(t);
      stage.serve(routeTo([backend.port]));
      const line = stage.nextLine();
      client.write(get('/', flags === '' ? '' : parentLine(flags)));
      const upstream = await backend.next();
      const [, traceId, , told] = toldIn(await upstream.head());
      upstream.write(ok);
      // Also where nothing is recorded, so that lines of several logs can be told to belong together.
      assert.equal((await line).traceId, traceId);
      assert.deepEqual([told, spans.length], recorded ? ['01', 2] : ['00', 0]);
    }
  });

  it('has a span for each try, and each backend is told its own', async (t) => {
    const { stage, client, spans, spanOf } = await scene(t);
    const backends = [await RawBackend.open(t), await RawBackend.open(t)];
    const ports = backends.map(({ port }) => port);
    stage.serve(routeTo(ports, { policy: { lb: { kind: 'first' } } }));
    const line = stage.nextLine();
    client.write(get());
    const told: unknown[] = [];
    for (const [at, backend] of backends.entries()) {
      const upstream = await backend.next();
      told.push(toldIn(await upstream.head())[2]);
      if (at === 0) upstream.socket.destroy();
      else upstream.write(ok);
    }
    await line;
    const tries = spans.filter(({ kind }) => kind === 3);
    assert.deepEqual(
      tries.map(({ spanId }) => spanId),
      told,
    );
    assert.deepEqual(
      tries.map(({ parentId }) => parentId),
      Array(2).fill(spanOf(2).spanId),
    );
    assert.deepEqual(
      tries.map(({ attributes, statusCode }) => [
        attributes['server.port'],
        attributes['error.type'],
        attributes['http.response.status_code'],
        attributes['http.request.resend_count'],
        statusCode,
      ]),
      [
        [ports[0], 'backend-reset', undefined, undefined, 2],
        [ports[1], undefined, 200, 1, 0],
      ],
    );
    assert.equal(spanOf(2).attributes['fairlead.tries'], 2);
  });

  it('that fails tells why, on both', async (t) => {
    const { stage, client, spanOf } = await scene(t);
    stage.serve(routeTo([await closedPort()], { policy: { waitMs: 0, retries: 0 } }));
    const line = stage.nextLine();
    client.write(get());
    await line;
    const { attributes, statusCode } = spanOf(2);
    assert.deepEqual([attributes['error.type'], statusCode], ['backend-refused', 2]);
    assert.equal(attributes['http.response.status_code'], 502);
    assert.equal(spanOf(3).attributes['error.type'], 'backend-refused');
  });

  it('that no route takes has a span without one, and is no error of the server', async (t) => {
    const { stage, client, spans, spanOf } = await scene(t);
    const line = stage.nextLine();
    client.write('PROPFIND / HTTP/1.1\r\nHost: app.test\r\n\r\n');
    await line;
    const { name, attributes, statusCode } = spanOf(2);
    assert.deepEqual([spans.length, name, statusCode, attributes['error.type']], [1, 'HTTP', 0, 'host-unknown']);
    assert.deepEqual(
      [attributes['http.request.method'], attributes['http.request.method_original']],
      ['_OTHER', 'PROPFIND'],
    );
  });

  it('whose client leaves says so on its try', async (t) => {
    const { stage, client, spanOf } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    client.write(get());
    await (await backend.next()).head();
    client.socket.destroy();
    await line;
    assert.equal(spanOf(3).attributes['error.type'], 'client-aborted');
    assert.deepEqual([spanOf(2).attributes['error.type'], spanOf(2).statusCode], ['client-aborted', 0]);
  });

  it('has the fetch of the cache below it, and a hit has none', async (t) => {
    const { stage, client, spans } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port], { policy: { cache: aPolicy() } }));
    const first = stage.nextLine();
    client.write(get());
    const upstream = await backend.next();
    const [, traceId, spanId] = toldIn(await upstream.head());
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\n\r\nok');
    await first;
    const second = stage.nextLine();
    client.write(get());
    await second;
    const servers = spans.filter(({ kind }) => kind === 2);
    const tries = spans.filter(({ kind }) => kind === 3);
    assert.deepEqual(
      servers.map(({ attributes }) => attributes['fairlead.cache']),
      ['MISS', 'HIT'],
    );
    assert.deepEqual(
      tries.map((span) => [span.traceId, span.spanId, span.parentId]),
      [[traceId, spanId, servers[0]?.spanId]],
    );
  });

  it('that becomes a tunnel ends with it', async (t) => {
    const { stage, client, spans, spanOf } = await scene(t);
    const backend = await RawBackend.open(t);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    client.write(get('/', upgrade));
    const upstream = await backend.next();
    const [, traceId, spanId] = toldIn(await upstream.head());
    upstream.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    );
    assert.match(await client.head(), /^HTTP\/1.1 101 /);
    assert.deepEqual(spans, []);
    client.socket.destroy();
    upstream.socket.destroy();
    await line;
    const [server, attempt] = [spanOf(2), spanOf(3)];
    assert.deepEqual([attempt.traceId, attempt.spanId, attempt.parentId], [traceId, spanId, server.spanId]);
    assert.equal(server.attributes['http.response.status_code'], 101);
    assert.equal(attempt.attributes['http.response.status_code'], 101);
  });

  it('has no cookie, password or other header in its spans', async (t) => {
    const { stage, client, spans } = await scene(t);
    const backend = (await RawBackend.open(t)).always(ok);
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const secret = 'hunter2';
    client.write(
      get(`/x?api_key=${secret}`, `Cookie: a=${secret}\r\nAuthorization: Bearer ${secret}\r\nX-Token: ${secret}\r\n`),
    );
    await line;
    assert.equal(spans.length, 2);
    assert.doesNotMatch(
      JSON.stringify(spans, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      /hunter2/,
    );
  });

  it('leaves alone what a label says of the header', async (t) => {
    const { stage, client } = await scene(t);
    const backend = await RawBackend.open(t);
    const value = `00-${clientTrace.traceId}-${'1'.repeat(16)}-01`;
    const own = { name: 'traceparent', how: 'set', value } as const;
    stage.serve(routeTo([backend.port], { policy: { requestHeaders: [own] } }));
    client.write(get());
    assert.equal(toldIn(await (await backend.next()).head())[2], '1'.repeat(16));
  });
}
