import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

test('a label keeps answers, over a restart of the container and until they are purged', async (t) => {
  const engine = testEngine(t);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  const host = `app.${engine.mark}.test`;
  const { container, targets } = await hostBackend(t, engine, {
    labels: {
      'proxy.host': host,
      'proxy.security': 'true',
      'proxy.cache': '10m',
      'proxy.cache.bypass': 'cookie:session',
      'proxy.static.path': '/static',
      'proxy.static.cache': 'assets 30d',
      'proxy.static.cache.browser': '30d',
    },
    answer: ({ url }, response) => void response.end(`${url} ${targets.length}`),
  });
  await proxy.live(host, '/');
  const word = async (path: string, headers = {}) =>
    (await proxy.get(host, path, { headers })).headers['x-cache-status'];

  assert.equal(await word('/page'), 'MISS');
  const page = await proxy.get(host, '/page');
  assert.equal(page.headers['x-cache-status'], 'HIT');
  assert.match(String(page.headers['cache-status']), /^fairlead; hit; ttl=\d+$/);
  assert.equal(page.headers['x-frame-options'], 'SAMEORIGIN');
  assert.equal(await word('/page', { cookie: 'session=1' }), 'BYPASS');

  assert.equal(await word('/static/data'), 'BYPASS');
  assert.equal(await word('/static/a.css'), 'MISS');
  const asset = await proxy.get(host, '/static/a.css');
  assert.equal(asset.headers['x-cache-status'], 'HIT');
  assert.equal(asset.headers['cache-control'], 'max-age=2592000');
  assert.ok(Date.parse(String(asset.headers.expires)) > Date.now() + 29 * 86_400_000);

  await container.restart({ t: 0 });
  await proxy.live(host, '/page');
  assert.equal(await word('/page'), 'HIT');

  const purged = await proxy.admin(`/cache?host=${host}&path=/page`, { method: 'DELETE' });
  assert.equal((JSON.parse(purged.body) as { purged: number }).purged, 1);
  assert.equal(await word('/page'), 'MISS');
  assert.equal(await word('/static/a.css'), 'HIT');
  const held = JSON.parse((await proxy.admin('/cache')).body) as { disk: { bytes: number } };
  assert.ok(held.disk.bytes > 0);
  const route = (await proxy.routes()).routes.find(({ id }) => id === `${host}/`);
  assert.ok((route?.stats.cache?.HIT ?? 0) >= 2);
});

test('a stored answer is there for HTTP/2 as for HTTP/1.1', async (t) => {
  const engine = testEngine(t);
  const proxy = await secureProxy(t);
  const host = `app.${engine.mark}.test`;
  const { targets } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host, 'proxy.tls': 'internal', 'proxy.cache': '10m', 'proxy.http': 'serve' },
    answer: (_, response) => void response.end('0123456789'),
  });
  await standing(proxy, host, 'valid');
  await proxy.live(host, '/page');
  const session = connect(`https://${host}:${proxy.httpsPort}`, {
    ca: (await proxy.admin('/certs/root.pem')).body,
    host: '127.0.0.1',
    servername: host,
  });
  t.after(() => session.destroy());
  const ask = async (headers: Record<string, string> = {}) => {
    const stream = session.request({ ':path': '/page', ...headers });
    const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
    return { head, body: await text(stream) };
  };
  // Another scheme is another address.
  assert.equal((await ask()).head['x-cache-status'], 'MISS');
  const { head, body } = await ask();
  assert.deepEqual([head[':status'], head['x-cache-status'], body], [200, 'HIT', '0123456789']);
  const part = await ask({ range: 'bytes=2-4' });
  assert.deepEqual([part.head[':status'], part.head['x-cache-status'], part.body], [206, 'HIT', '234']);
  assert.equal(targets.filter((target) => target === '/page').length, 2);
});
