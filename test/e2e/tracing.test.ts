import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { H2Client } from '../engine/h2/support/h2-client.ts';
import { Collector } from '../support/collector.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { closedPort } from '../support/raw-backend.ts';
import { secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

const secret = 'hunter2hunter2';
const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const traceparent = `00-${traceId}-${spanId}-01`;
const telling: RequestListener = ({ headers }, response) => {
  response.end(JSON.stringify([headers.traceparent ?? null, headers.tracestate ?? null]));
};

interface TracingStatus {
  readonly tracing: { readonly exportedSpans: number; readonly droppedSpans: number; readonly fault: string | null };
  readonly warnings: readonly string[];
}
const tracingOf = async (proxy: ProxyProcess): Promise<TracingStatus> =>
  JSON.parse((await proxy.admin('/status')).body) as TracingStatus;

/** A site over HTTP/2 whose backend answers with the headers of the trace that it has got. */
async function h2Site(t: TestContext, proxy: ProxyProcess) {
  const host = `app.${testEngine(t).mark}.test`;
  await hostBackend(t, testEngine(t), { labels: { 'proxy.host': host }, answer: telling });
  await standing(proxy, host, 'valid');
  const ca = (await proxy.admin('/certs/root.pem')).body;
  assert.equal((await secureGet(proxy.httpsPort, host, { ca })).status, 200);
  const url = `https://127.0.0.1:${proxy.httpsPort}`;
  const client = await H2Client.connect(t, url, { ca, servername: host, rejectUnauthorized: true });
  const ask = async (path: string) => {
    const fields = { ':authority': host, ':path': path, traceparent, tracestate: 'a=b' };
    const asked = client.ask(fields);
    await asked.closed;
    return JSON.parse(asked.text) as [string, string];
  };
  return { host, ask };
}

test('over HTTP/2 too the headers of a trace reach the backend as they came, where nothing is traced', async (t) => {
  const proxy = await secureProxy(t);
  const { ask } = await h2Site(t, proxy);
  assert.deepEqual(await ask('/'), [traceparent, 'a=b']);
  assert.equal((await tracingOf(proxy)).tracing, null);
});

test('a request over HTTP/2 has its spans at the collector, and the backend hangs below', async (t) => {
  const collector = await Collector.open(t);
  const env = { FAIRLEAD_OTLP: collector.url, FAIRLEAD_OTLP_SERVICE: 'edge', FAIRLEAD_OTLP_HEADERS: `x-key=${secret}` };
  const proxy = await secureProxy(t, env);
  const { host, ask } = await h2Site(t, proxy);
  const [told, state] = await ask('/page?token=abc');
  assert.equal(state, 'a=b');
  const spans = await eventually('its spans are there', async () => {
    const found = collector.spans.filter((span) => span.traceId === traceId);
    return found.length === 2 && found;
  });
  const server = spans.find(({ kind }) => kind === 2);
  const attempt = spans.find(({ kind }) => kind === 3);
  assert.equal(told, `00-${traceId}-${attempt?.spanId}-01`);
  assert.deepEqual([server?.parentId, attempt?.parentId], [spanId, server?.spanId]);
  const { attributes } = server ?? {};
  assert.deepEqual(
    ['network.protocol.version', 'url.scheme', 'url.query', 'http.route'].map((key) => attributes?.[key]),
    ['2', 'https', 'token=***', `${host}/`],
  );
  const [first] = collector.exports;
  assert.deepEqual(
    [first?.path, first?.headers['x-key'], first?.resource['service.name']],
    ['/v1/traces', secret, 'edge'],
  );
  const line = await eventually('its line is there', async () =>
    proxy.accesses(host).find((one) => one.target === '/page?token=***'),
  );
  assert.equal(line.traceId, traceId);

  // What opens the collector is known to the control plane alone.
  const { pid } = (await proxy.status()).dataPlane;
  assert.ok(!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(secret));
  for (const path of ['/status', '/metrics', '/routes']) assert.ok(!(await proxy.admin(path)).body.includes(secret));
  assert.ok(!`${proxy.stdout}${proxy.stderr}`.includes(secret));
});

test('a collector that is away takes nothing from traffic, and gets what has waited once it is back', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  await hostBackend(t, engine, { labels: { 'proxy.host': host } });
  const port = await closedPort();
  const env = { FAIRLEAD_OTLP: `http://127.0.0.1:${port}` };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  await proxy.live(host);
  for (let i = 0; i < 50; i++) assert.equal((await proxy.get(host, `/early-${i}`)).status, 200);
  const { warnings } = await eventually('it is told', async () => {
    const status = await tracingOf(proxy);
    return status.tracing.fault !== null && status;
  });
  assert.deepEqual(warnings.slice(-1), [`spans cannot be delivered to http://127.0.0.1:${port}: ECONNREFUSED`]);

  const collector = await Collector.open(t, { port });
  await eventually('what has waited is there', async () => {
    const paths = collector.spans.map(({ attributes }) => attributes['url.path']);
    return Array.from({ length: 50 }, (_, i) => `/early-${i}`).every((path) => paths.includes(path));
  });
  const told = () => proxy.lines().filter(({ message }) => /^spans /.test(message ?? ''));
  await eventually('both are told', async () => told().length === 2);
  assert.deepEqual(
    told().map(({ level, dropped }) => [level, dropped]),
    [
      ['warn', undefined],
      ['info', 0],
    ],
  );

  collector.answer = { status: 401 };
  await proxy.get(host, '/refused');
  await eventually('what it refuses is counted', async () => (await tracingOf(proxy)).tracing.droppedSpans === 2);
  assert.match((await proxy.admin('/metrics')).body, /^fairlead_spans_dropped_total 2$/m);
});

test('the last spans are delivered before the proxy stops', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  await hostBackend(t, engine, { labels: { 'proxy.host': host } });
  const collector = await Collector.open(t);
  const env = { FAIRLEAD_OTLP: collector.url, FAIRLEAD_WORKERS: '2' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  await proxy.live(host);
  for (let i = 0; i < 10; i++) await proxy.get(host, `/last-${i}`);
  assert.equal((await proxy.stop()).code, 0);
  const paths = new Set(collector.spans.map(({ attributes }) => attributes['url.path']));
  for (let i = 0; i < 10; i++) assert.ok(paths.has(`/last-${i}`), `/last-${i}`);
});

test('of requests of which few are sampled few are delivered', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  await hostBackend(t, engine, { labels: { 'proxy.host': host }, answer: telling });
  const collector = await Collector.open(t);
  const env = { FAIRLEAD_OTLP: collector.url, FAIRLEAD_OTLP_SAMPLE: '0' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  await proxy.live(host);
  const [told] = JSON.parse((await proxy.get(host, '/', { headers: { traceparent } })).body) as [string];
  assert.match(told, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  await proxy.stop();
  assert.deepEqual(collector.spans, []);
});
