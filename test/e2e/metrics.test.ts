import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { type EventStream, listenTo, type ServerEvent } from '../support/event-stream.ts';
import { hostBackend } from '../support/host-backend.ts';
import { metricValue, readMetrics } from '../support/prometheus.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

test('what clients asked for is in /metrics, added up over the workers', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.cache': '1m', 'proxy.limit': '1/m burst=5' };
  const { container } = await hostBackend(t, engine, {
    labels,
    answer: (incoming, response) => {
      response.statusCode = incoming.url === '/missing' ? 404 : 200;
      response.end('hello');
    },
  });
  const name = (await container.inspect()).Name.slice(1);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  const scrape = async () => {
    const { status, body } = await proxy.admin('/metrics');
    assert.equal(status, 200);
    const families = readMetrics(body);
    return (metric: string, about: Record<string, string> = {}) => metricValue(families, `fairlead_${metric}`, about);
  };
  await proxy.backend(host, 'healthy');
  await eventually('the first scan is told', async () => (await scrape())('docker_connected') === 1);
  const statuses: number[] = [];
  for (const path of ['/page', '/page', '/missing', '/a', '/b', '/c', '/d', '/e'])
    statuses.push((await proxy.get(host, path)).status);
  assert.deepEqual(statuses, [200, 200, 404, 200, 200, 200, 429, 429]);
  const of = await scrape();
  const route = { host, route: `${host}/` };
  const byStatus = ['2xx', '4xx', '5xx'].map((status) => of('requests_total', { ...route, status }));
  assert.deepEqual(byStatus, [5, 3, 0]);
  assert.equal(of('request_duration_seconds_count', route), 8);
  assert.ok(of('request_duration_seconds_sum', route) > 0);
  assert.equal(of('limited_requests_total', route), 2);
  assert.equal(of('cache_requests_total', { ...route, result: 'hit' }), 1);
  assert.ok(of('response_body_bytes_total', route) >= 5 * 'hello'.length);
  assert.ok(of('cache_bytes', { store: 'memory' }) > 0);
  assert.deepEqual([of('backend_up', { container: name }), of('backend_failures_total', { container: name })], [1, 0]);
  assert.equal(of('backend_requests_total', { container: name }), 5);
  assert.ok(of('connections_accepted_total') >= 8);
  const versions = ['control', 'data'].map((plane) => of('table_version', { plane }));
  assert.equal(versions[0], (await proxy.routes()).version);
  assert.equal(versions[1], versions[0]);
  assert.equal(of('log_lines_dropped_total'), 0);

  const waiting = `waiting.${engine.mark}.test`;
  await engine.container({
    labels: { 'proxy.host': waiting, 'proxy.metrics': 'false', 'proxy.wait': '2s' },
    start: false,
  });
  await proxy.backend(waiting, 'stopped');
  const held = proxy.get(waiting, '/').catch(() => null);
  await eventually(
    'it is told that a request waits',
    async () => (await scrape())('waiting_requests', { host: '(other)' }) === 1,
  );
  assert.equal((await held)?.status, 503);
  assert.equal((await scrape())('held_requests_total', { host: '(other)' }), 1);
});

/** Takes events until one is as wanted; its data. */
async function heard(
  stream: EventStream,
  what: string,
  wanted: (event: string, data: ServerEvent['data']) => boolean,
): Promise<ServerEvent['data']> {
  for (;;) {
    const event = await stream.next();
    assert.ok(event !== null, `the stream ended before ${what}`);
    if (wanted(event.event, event.data)) return event.data;
  }
}

test('whoever listens to /events hears of a container that comes, fails its check and goes', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_LINGER: '1s' } });
  const stream = await listenTo(t, { port: proxy.adminPort });
  let status = 200;
  const { container } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host, 'proxy.health': '/up', 'proxy.health.interval': '100ms' },
    answer: (_, response) => {
      response.statusCode = status;
      response.end();
    },
  });
  const name = (await container.inspect()).Name.slice(1);
  const came = await heard(
    stream,
    'it came',
    (event, { added }) => event === 'table' && (added as string[]).includes(`${host}/`),
  );
  assert.ok(Number(came.version) > 0);
  const health = (state: string) =>
    heard(
      stream,
      `it is ${state}`,
      (event, data) => event === 'health' && data.container === name && data.state === state,
    );
  await health('healthy');
  status = 500;
  assert.match(String((await health('unhealthy')).reason), /500/);
  await container.stop({ t: 0 });
  await health('stopped');
  await container.remove({ force: true });
  await heard(
    stream,
    'it went',
    (event, { removed }) => event === 'table' && (removed as string[]).includes(`${host}/`),
  );
  proxy.child.kill('SIGTERM');
  for (;;) if ((await stream.next()) === null) break;
  assert.deepEqual(await proxy.ended, { code: 0, signal: null });
});

test('whoever listens to /events hears of a certificate that is there from now on', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.internal`;
  const env = { FAIRLEAD_HTTPS: '127.0.0.1:0' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  const stream = await listenTo(t, { port: proxy.adminPort });
  await hostBackend(t, engine, { labels: { 'proxy.host': host }, answer: (_, response) => response.end() });
  const { mode, notAfter } = await heard(
    stream,
    'the certificate was valid',
    (event, { names, state }) => event === 'certificate' && (names as string[]).includes(host) && state === 'valid',
  );
  assert.equal(mode, 'internal');
  const { body } = await proxy.admin('/metrics');
  const seconds = metricValue(readMetrics(body), 'fairlead_certificate_expiry_timestamp_seconds', { host });
  assert.equal(seconds, Date.parse(String(notAfter)) / 1_000);
});
