import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { SharedStanding } from '../../src/admin/shared-standing.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { aSite, checksOf, pebbleAndEnv, publicName } from '../support/pebble-proxy.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { redisPassword, TestRedis } from '../support/redis.ts';
import { secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

/** Two proxies of one store, which believe what a client here says of its address, and one backend. */
async function twins(t: TestContext, { redis, labels }: { redis: TestRedis; labels: Record<string, string> }) {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const { targets } = await hostBackend(t, engine, { labels: { 'proxy.host': host, ...labels } });
  const begin = async (dataDir?: string) => {
    const proxy = await ProxyProcess.start(t, {
      endpoint: engine.endpoint,
      env: { FAIRLEAD_STORE: redis.url, FAIRLEAD_TRUSTED: '127.0.0.1' },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    await proxy.backend(host, 'healthy');
    return proxy;
  };
  const proxies = [await begin(), await begin()] as const;
  return { host, targets, proxies, begin };
}

async function storeOf(proxy: ProxyProcess): Promise<SharedStanding> {
  return (JSON.parse((await proxy.admin('/status')).body) as { store: SharedStanding }).store;
}

function until(proxy: ProxyProcess, what: string, test: (store: SharedStanding) => boolean): Promise<SharedStanding> {
  return eventually(what, async () => {
    const store = await storeOf(proxy);
    return test(store) && store;
  });
}

const connected = (proxy: ProxyProcess) =>
  until(proxy, 'the store is connected', ({ connected, limits }) => connected && limits.shared);
const away = (proxy: ProxyProcess) => until(proxy, 'the store is away', ({ connected }) => !connected);

/** Somebody whom no proxy knows yet. */
const stranger = () => `203.0.${randomInt(256)}.${randomInt(256)}`;

const lines = (proxy: ProxyProcess, text: string) =>
  proxy.lines().filter(({ message }) => message?.includes(text) ?? false);

test('two proxies of one store limit as one, and each alone while the store is away', async (t) => {
  const redis = await TestRedis.start(t);
  const { host, proxies } = await twins(t, { redis, labels: { 'proxy.limit': '1/h burst=3' } });
  const [one, other] = proxies;
  /** How many of sixteen requests of one client get in, eight at each proxy. */
  const admitted = async (): Promise<number> => {
    const headers = { 'X-Forwarded-For': stranger() };
    const asked = Array.from({ length: 16 }, (_, i) => (proxies[i % 2] as ProxyProcess).get(host, '/', { headers }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)].sort(), [200, 429]);
    return statuses.filter((status) => status === 200).length;
  };
  /** On a machine that is busy, an answer of the store may come too late for one client; not for all of them. */
  const sharedExactly = () => eventually('both count as one', async () => (await admitted()) === 4);
  for (const proxy of proxies) await connected(proxy);
  await sharedExactly();
  // What the other has let in, this one tells.
  const headers = { 'X-Forwarded-For': stranger() };
  await one.get(host, '/', { headers });
  assert.match(String((await other.get(host, '/', { headers })).headers.ratelimit), /^"limit";r=2;/);

  const limited = async () =>
    (await other.explain(`http://${host}/`, { headers })).steps.find(({ step }) => step === 'limit')?.does ?? '';
  // 127.0.0.1 is trusted, and speaks for the client: of four two are taken, and this one would be the third.
  for (let times = 0; times < 3; times++)
    assert.match(await limited(), /let through, 1 more could come at once, counted over all proxies$/);

  redis.freeze();
  const fromMs = performance.now();
  assert.equal(await admitted(), 8);
  assert.ok(performance.now() - fromMs < 5_000);
  for (const proxy of proxies) await away(proxy);
  assert.match(await limited(), /counted by this proxy alone, because the shared store does not answer$/);
  assert.equal(await admitted(), 8);
  const { problems } = await one.routes();
  const problem = problems.find(({ label }) => label === 'FAIRLEAD_STORE');
  assert.match(problem?.expected ?? '', /it does not answer\. Meanwhile limits are counted by this proxy alone/);
  assert.equal(lines(one, 'the shared store is out of reach').length, 1);

  redis.thaw();
  for (const proxy of proxies) await connected(proxy);
  await sharedExactly();
  assert.equal(
    (await one.routes()).problems.find(({ label }) => label === 'FAIRLEAD_STORE'),
    undefined,
  );

  await redis.kill();
  assert.equal(await admitted(), 8);
  for (const proxy of proxies) await away(proxy);
  await redis.run();
  for (const proxy of proxies) await connected(proxy);
  await sharedExactly();
  for (const proxy of proxies) assert.doesNotMatch(proxy.stdout + proxy.stderr, new RegExp(redisPassword));
  assert.doesNotMatch((await one.admin('/status')).body + (await one.admin('/routes')).body, new RegExp(redisPassword));
});

test('requests that wait for their turn wait behind those of the other proxy', async (t) => {
  const redis = await TestRedis.start(t);
  const { host, proxies } = await twins(t, { redis, labels: { 'proxy.limit': '20/s burst=20 delay=true key=host' } });
  for (const proxy of proxies) await connected(proxy);
  await eventually('the last of twelve waits behind all others', async () => {
    const fromMs = performance.now();
    const asked = Array.from({ length: 12 }, (_, i) => (proxies[i % 2] as ProxyProcess).get(host));
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    // At each proxy alone it would wait 250 ms.
    return performance.now() - fromMs >= 500;
  });
});

test('a purge at one proxy is one at all, also for those that were away, and after the store was', async (t) => {
  const redis = await TestRedis.start(t);
  const { host, proxies, begin } = await twins(t, { redis, labels: { 'proxy.cache': '10m' } });
  const [one, other] = proxies;
  for (const proxy of proxies) await connected(proxy);
  const word = async (proxy: ProxyProcess, path: string) =>
    String((await proxy.get(host, path)).headers['x-cache-status']);
  const stored = (proxy: ProxyProcess, path: string) =>
    eventually(`${path} is stored`, async () => (await word(proxy, path)) === 'HIT');
  const purge = async (path: string) =>
    JSON.parse((await one.admin(`/cache?host=${host}&path=${path}`, { method: 'DELETE' })).body) as { others: string };
  const gone = (proxy: ProxyProcess, path: string) =>
    eventually(`${path} is purged`, async () => (await word(proxy, path)) === 'MISS');
  for (const path of ['/a', '/b', '/c']) for (const proxy of proxies) await stored(proxy, path);

  assert.equal((await purge('/a')).others, 'told');
  await gone(other, '/a');
  assert.equal(await word(other, '/b'), 'HIT');

  await other.stop();
  assert.equal((await purge('/b')).others, 'told');
  const again = await begin(other.dataDir);
  await gone(again, '/b');
  assert.equal(await word(again, '/c'), 'HIT');

  // Everything the store knew is gone with it.
  await redis.kill();
  await away(one);
  assert.equal((await purge('/c')).others, 'later');
  await redis.run();
  await gone(again, '/c');
  await until(one, 'all are told', ({ purges }) => purges.untold === 0);
});

test('a proxy whose store is not there starts, says so, and finds it later', async (t) => {
  const redis = await TestRedis.start(t, { running: false });
  const { host, proxies } = await twins(t, { redis, labels: { 'proxy.limit': '1/h burst=1' } });
  const [one] = proxies;
  assert.equal((await one.get(host)).status, 200);
  const { problems } = await one.routes();
  assert.match(problems.find(({ label }) => label === 'FAIRLEAD_STORE')?.expected ?? '', /nobody listens there/);
  await redis.run();
  await connected(one);
});

test('of two proxies one orders a certificate, whichever the issuer comes to, and both show it', async (t) => {
  const redis = await TestRedis.start(t);
  const { pebble, env } = await pebbleAndEnv(t);
  const store = { FAIRLEAD_STORE: redis.url, FAIRLEAD_WORKERS: '1' };
  const elsewhere = { FAIRLEAD_HTTP: '127.0.0.1:0', FAIRLEAD_HTTPS: '127.0.0.1:0' };
  const { FAIRLEAD_HTTP, FAIRLEAD_HTTPS } = env;
  // The issuer comes to this one, which orders nothing itself.
  const answering = await secureProxy(t, {
    ...store,
    FAIRLEAD_HTTP: FAIRLEAD_HTTP ?? '',
    FAIRLEAD_HTTPS: FAIRLEAD_HTTPS ?? '',
  });
  const ordering = await secureProxy(t, { ...env, ...store, ...elsewhere });
  for (const proxy of [answering, ordering]) await connected(proxy);
  const early = ['http', 'alpn'].map((challenge) => ({ challenge, host: publicName(t, challenge) }));
  for (const { challenge, host } of early) {
    await aSite(t, { 'proxy.host': host, 'proxy.tls.challenge': challenge });
    await standing(ordering, host, 'valid');
    assert.equal(checksOf(pebble, host), 1);
  }

  const third = await secureProxy(t, { ...env, ...store, ...elsewhere });
  const host = publicName(t);
  await aSite(t, { 'proxy.host': host });
  const both = [ordering, third];
  const views = await Promise.all(both.map((proxy) => standing(proxy, host, 'valid')));
  const ca = await pebble.rootPem();
  const shown = await Promise.all(both.map((proxy) => secureGet(proxy.httpsPort, host, { ca })));
  assert.equal(new Set(shown.map(({ certificate }) => certificate.fingerprint256)).size, 1);
  assert.equal(new Set(views.map(({ notAfter }) => notAfter)).size, 1);
  assert.equal(checksOf(pebble, host), 1);
  // What was there before it came, it has too.
  for (const { host } of early) {
    await standing(third, host, 'valid');
    assert.equal(checksOf(pebble, host), 1);
  }
  for (const proxy of both) assert.doesNotMatch(proxy.stdout + proxy.stderr, /PRIVATE KEY|hunter2/);
});
