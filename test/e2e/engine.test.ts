import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, testEngine, testEngine26 } from '../support/engine.ts';
import { throwawayEngine } from '../support/engine-daemon.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { Relay } from '../support/relay.ts';

const hostOf = ({ mark }: { mark: string }) => `app.${mark}.test`;

test('an engine that is not there at the start is waited for, and /readyz says so', async (t) => {
  const engine = testEngine(t);
  const host = hostOf(engine);
  const relay = new Relay(t, engine.socket);
  await engine.container({ labels: { 'proxy.host': host } });
  const proxy = await ProxyProcess.start(t, { endpoint: relay.endpoint, ready: false });
  // What the file system says is known at once; the first attempt may still be on its way.
  const { docker } = await eventually('the first attempt has failed', async () => {
    const routes = await proxy.routes();
    return /^there is no socket at /.test(routes.docker.error) && routes;
  });
  assert.equal(docker.connected, false);
  assert.equal(docker.endpoint, relay.endpoint);
  const notReady = await proxy.admin('/readyz');
  assert.equal(notReady.status, 503);
  assert.match(notReady.body, /the first scan of Docker is not done/);
  assert.equal((await proxy.admin('/healthz')).status, 200);

  await relay.open();
  await proxy.live(host);
  await proxy.ready();
  assert.equal((await proxy.routes()).docker.connected, true);
});

test('while the engine is away the last table serves; it comes back with other addresses, and they are taken', async (t) => {
  const engine = testEngine(t);
  const host = hostOf(engine);
  const stays = `stays.${engine.mark}.test`;
  const relay = new Relay(t, engine.socket);
  await relay.open();
  const moving = await engine.container({ labels: { 'proxy.host': host }, env: { NAME: 'moving' } });
  await engine.container({ labels: { 'proxy.host': stays } });
  const proxy = await ProxyProcess.start(t, { endpoint: relay.endpoint });
  await proxy.live(host);
  await proxy.live(stays);
  const before = await proxy.backend(host, 'healthy');

  await relay.shut();
  const { docker } = await eventually('/routes says that the engine is away', async () => {
    const routes = await proxy.routes();
    return !routes.docker.connected && routes;
  });
  assert.notEqual(docker.error, '');
  assert.equal((await proxy.get(host)).body, 'moving\n');
  await moving.stop();
  await engine.container({ env: { NAME: 'a stranger' } });
  await moving.start();
  assert.equal((await proxy.get(stays)).status, 200);
  // Nobody has asked, so nobody knows: the table is as it was.
  assert.equal((await proxy.backend(host, 'healthy')).address, before.address);

  await relay.open();
  await eventually('the new address is taken', async () => {
    const backend = await proxy.backend(host, 'healthy');
    return backend.address !== before.address;
  });
  await proxy.until('the container answers at its new address', host, '/', ({ body }) => body === 'moving\n');
  assert.equal((await proxy.routes()).docker.connected, true);
});

test('a killed engine leaves its containers to the proxy, and is found again when it restarts', async (t) => {
  const engine = await throwawayEngine(t);
  const host = hostOf(engine);
  await engine.container({
    labels: { 'proxy.host': host },
    env: { NAME: 'survivor' },
    host: { RestartPolicy: { Name: 'always' } },
  });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  await engine.kill();
  const { docker } = await eventually('/routes says that the engine is away', async () => {
    const routes = await proxy.routes();
    return !routes.docker.connected && routes;
  });
  assert.notEqual(docker.error, '');
  assert.equal((await proxy.get(host)).body, 'survivor\n');

  await engine.start();
  await eventually('the engine is found again', async () => (await proxy.routes()).docker.connected);
  assert.equal((await proxy.live(host)).body, 'survivor\n');
  // Later changes arrive again.
  const later = `later.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': later } });
  await proxy.live(later);
});

test('two engines are served side by side, and one that goes away is the problem of its own routes alone', async (t) => {
  const engine = testEngine(t);
  const other = testEngine26(t);
  const host = hostOf(engine);
  const relay = new Relay(t, other.socket);
  await relay.open();
  await engine.container({ labels: { 'proxy.host': host }, env: { NAME: 'first' } });
  const second = await other.container({ labels: { 'proxy.host': host }, env: { NAME: 'second' } });
  const proxy = await ProxyProcess.start(t, { endpoint: `${engine.endpoint},${relay.endpoint}` });
  const seen = new Set<string>();
  await proxy.until('both serve', host, '/', ({ body }) => seen.add(body).size === 2);
  assert.deepEqual([...seen].sort(), ['first\n', 'second\n']);
  const { docker } = await proxy.routes();
  assert.deepEqual(
    docker.endpoints?.map(({ endpoint, connected }) => [endpoint, connected]),
    [
      [engine.endpoint, true],
      [relay.endpoint, true],
    ],
  );

  await relay.shut();
  await eventually('/routes names the one that is away', async () => {
    const now = (await proxy.routes()).docker;
    return now.endpoint === relay.endpoint && !now.connected && now.error !== '';
  });
  const later = `later.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': later } });
  await proxy.live(later);

  await second.stop();
  await relay.open();
  await proxy.backend(host, 'stopped');
  for (let i = 0; i < 4; i++) assert.equal((await proxy.get(host)).body, 'first\n');
});

test('Docker 26 tells the life of a container as well as Docker 20 does', async (t) => {
  const engine = testEngine26(t);
  const host = hostOf(engine);
  const env = { FAIRLEAD_LINGER: '1s', FAIRLEAD_DEFAULT_WAIT: '0' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
  assert.match((await proxy.routes()).docker.engine, /^Docker 26/);
  const container = await engine.container({ labels: { 'proxy.host': host }, env: { NAME: 'hello' } });
  assert.equal((await proxy.live(host)).body, 'hello\n');
  await container.stop();
  await proxy.until('it is down', host, '/', ({ reason }) => reason === 'no-backend');
  await container.start();
  await proxy.live(host);
  await container.pause();
  await proxy.backend(host, 'paused');
  await container.unpause();
  await proxy.live(host);
  await container.restart();
  await proxy.live(host);
  await container.remove({ force: true });
  await proxy.until('it lingers', host, '/', ({ status }) => status === 503);
  await eventually('the host is unknown', async () => {
    return proxy.get(host).then(
      () => false,
      ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET',
    );
  });
});
