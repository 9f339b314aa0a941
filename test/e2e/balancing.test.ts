import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, eventually, testEngine } from '../support/engine.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

test('a session stays with its container through a restart of the proxy', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.sticky': 'true' };
  await Promise.all(['one', 'two', 'three'].map((name) => engine.container({ labels, env: { NAME: name } })));
  const start = (env: Readonly<Record<string, string>> = {}) =>
    ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2', ...env } });
  const proxy = await start();
  await eventually('all three are there', async () => {
    const route = await proxy.route(host);
    return route?.pool.backends.filter(({ state }) => state === 'healthy').length === 3;
  });
  const sessions = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { headers, body } = await proxy.get(host);
      return { body, cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? assert.fail('no cookie') };
    }),
  );
  assert.ok(new Set(sessions.map(({ body }) => body)).size > 1);
  const goesOn = async (where: ProxyProcess) => {
    for (const { body, cookie } of sessions) {
      const again = await where.get(host, '/', { headers: { cookie } });
      assert.deepEqual([again.body, again.headers['set-cookie']], [body, undefined]);
    }
  };
  await goesOn(proxy);
  await proxy.stop();
  const later = await start({ FAIRLEAD_DATA: proxy.dataDir });
  await goesOn(later);
});

test('a container on whose port nobody listens is left out by all workers, and shown so', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  // Without a wait, because one that was started a moment ago is given that long to listen.
  const labels = { 'proxy.host': host, 'proxy.health': 'off', 'proxy.wait': '0' };
  const bad = await engine.container({ labels: { ...labels, 'proxy.port': '9' } });
  await engine.container({ labels, env: { NAME: 'good' } });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  await proxy.live(host);
  const name = (await bad.inspect()).Name.slice(1);
  const ejected = await eventually('it is left out', async () => {
    // A refused connection is tried elsewhere, so nobody notices.
    assert.equal((await proxy.get(host)).body.trim(), 'good');
    const backends = (await proxy.route(host))?.pool.backends ?? [];
    return backends.find(({ container, state }) => container === name && state === 'ejected');
  });
  assert.equal(ejected.fails, 3);
});

test('a route on whose port nobody listens, and which no check watches, is not live: it says what fails, and so does the log', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.health': 'off', 'proxy.wait': '0', 'proxy.port': '9' };
  const bad = await engine.container({ labels });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await eventually('there is a route', async () => (await proxy.route(host)) !== undefined);
  const cause = new RegExp(`connect refused on ${await addressOf(bad)}:9 \\(3 tries within 30s\\); check proxy.port`);
  const route = await eventually('it is not live', async () => {
    assert.equal((await proxy.get(host)).status, 502);
    const now = await proxy.route(host);
    return now?.state === 'degraded' && cause.test(now.why) && now;
  });
  assert.match(route.why, /^every backend fails: /);
  assert.match((await proxy.explain(`http://${host}/`)).pickedBy, cause);
  const name = (await bad.inspect()).Name.slice(1);
  await eventually('the log says it', async () =>
    proxy
      .lines()
      .some(({ level, container, reason }) => level === 'warn' && container === name && cause.test(`${reason}`)),
  );
});
