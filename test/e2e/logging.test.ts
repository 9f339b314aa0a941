import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { type Line, ProxyProcess } from '../support/proxy-process.ts';

test('each request leaves one line of JSON that says who took it, how long, and why', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const { container } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host },
    answer: (incoming, response) => {
      if (incoming.url !== '/never') response.end('hello, world');
    },
  });
  const name = (await container.inspect()).Name.slice(1);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_DEFAULT_WAIT: '0' } });
  await proxy.live(host, '/warm');
  const lineOf = (target: string): Promise<Line> =>
    eventually(`the line of ${target} is there`, async () =>
      proxy.accesses(host).find((line) => line.target === target),
    );

  const { headers } = await proxy.get(host, '/page?x=1', { headers: { 'user-agent': 'test', referer: 'http://r/' } });
  const served = await lineOf('/page?x=1');
  assert.deepEqual(
    [served.method, served.status, served.bytes, served.route, served.container, served.reason, served.tries],
    ['GET', 200, 12, `${host}/`, name, null, 1],
  );
  assert.deepEqual([served.client, served.scheme, served.protocol], ['127.0.0.1', 'http', 'HTTP/1.1']);
  assert.deepEqual([served.userAgent, served.referer], ['test', 'http://r/']);
  assert.ok(Number(served.totalMs) >= Number(served.upstreamMs) && Number(served.upstreamMs) > 0);
  assert.ok(!Number.isNaN(Date.parse(String(served.time))));
  assert.equal(headers['x-request-id'] ?? served.requestId, served.requestId);

  const leaving = request({ port: proxy.httpPort, host: '127.0.0.1', path: '/never', headers: { host }, agent: false });
  leaving.on('error', () => {}).end();
  await eventually('the request is under way', async () =>
    (await proxy.route(host))?.pool.backends.some(({ inFlight }) => inFlight > 0),
  );
  leaving.destroy();
  const left = await lineOf('/never');
  assert.deepEqual([left.status, left.reason, left.container], [499, 'client-aborted', name]);

  await container.stop();
  await proxy.backend(host, 'stopped');
  const { body } = await proxy.get(host, '/stopped');
  const refused = await lineOf('/stopped');
  assert.deepEqual(
    [refused.status, refused.reason, refused.container, refused.upstreamMs, refused.route],
    [503, 'no-backend', null, null, `${host}/`],
  );
  assert.equal(refused.bytes, Buffer.byteLength(body));

  const unknown = `nobody.${engine.mark}.test`;
  await assert.rejects(proxy.get(unknown, '/'), { code: 'ECONNRESET' });
  const dropped = await eventually('the line of the unknown host is there', async () => proxy.accesses(unknown)[0]);
  assert.deepEqual([dropped.status, dropped.reason, dropped.route], [444, 'host-unknown', null]);

  for (const target of ['/page?x=1', '/never', '/stopped'])
    assert.equal(proxy.accesses(host).filter((line) => line.target === target).length, 1);
});

test('each change of a route is one swap of the table, and nothing is swapped without a change', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_LINGER: '1s' } });
  const container = await engine.container({ labels: { 'proxy.host': host }, start: false });
  await proxy.backend(host, 'stopped');
  const swaps = () => proxy.swaps(host).length;
  assert.equal(swaps(), 1);
  assert.deepEqual(proxy.swaps(host)[0]?.added, [`${host}/`]);

  const before = swaps();
  await container.start();
  await proxy.live(host);
  assert.equal(swaps() - before, 1);

  await container.stop();
  await proxy.backend(host, 'stopped');
  // It leaves first, and then is gone: two changes of what is true.
  assert.ok(swaps() - before <= 3, JSON.stringify(proxy.swaps(host)));

  await container.remove();
  await eventually('its time is over', async () => (await proxy.route(host)) === undefined);
  const last = proxy.swaps(host).at(-1);
  assert.deepEqual(last?.removed, [`${host}/`]);
  const versions = proxy
    .lines()
    .flatMap(({ message, version }) => (message === 'table swapped' ? [Number(version)] : []));
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(versions).size, versions.length);
});

test('log=off leaves no line, log=errors only those of errors', async (t) => {
  const engine = testEngine(t);
  const silent = `silent.${engine.mark}.test`;
  const errors = `errors.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': silent, 'proxy.log': 'off' } });
  await engine.container({ labels: { 'proxy.host': errors, 'proxy.log': 'errors' } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  for (const host of [silent, errors]) {
    await proxy.live(host);
    await proxy.get(host, '/missing');
  }
  const line = await eventually('the error has its line', async () =>
    proxy.accesses(errors).find(({ target }) => target === '/missing'),
  );
  assert.equal(line.status, 404);
  assert.deepEqual(
    proxy.accesses(errors).filter(({ status }) => Number(status) < 400),
    [],
  );
  assert.deepEqual(proxy.accesses(silent), []);
});

test('lines of two workers and of the log of the proxy itself stay whole on one pipe', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  await hostBackend(t, engine, { labels: { 'proxy.host': host } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  await proxy.live(host);
  const other = await engine.container({ labels: { 'proxy.host': `other.${engine.mark}.test` }, start: false });
  // A reader that is slow stops the writers in the middle of what they write.
  proxy.child.stdout?.pause();
  const count = 600;
  const long = '/'.padEnd(900, 'x');
  const load = (async () => {
    for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, () => proxy.get(host, long)));
  })();
  await other.start();
  await load;
  proxy.child.stdout?.resume();
  await eventually('all lines have arrived', async () => {
    return proxy.accesses(host).filter(({ target }) => target === long).length === count;
  });
});
