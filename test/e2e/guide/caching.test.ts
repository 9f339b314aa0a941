import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, fairleadImage } from '../../support/engine.ts';
import type { Answer } from '../../support/proxy-process.ts';
import { GuideSite } from './guide-site.ts';

const word = ({ headers }: Answer) => headers['x-cache-status'];
const month = 30 * 24 * 60 * 60;

test('caching: proxy_cache, proxy_cache_valid, expires, proxy_cache_path, X-Cache-Status', async (t) => {
  const site = await GuideSite.up(t, { image: fairleadImage(), services: ['app-1'] });

  await t.test('an asset is a MISS, then a HIT, for 30 days here and in the browser', async () => {
    const first = await site.get('app', '/app.css');
    assert.deepEqual([first.status, word(first)], [200, 'MISS']);
    const second = await site.get('app', '/app.css');
    assert.deepEqual([second.status, word(second), second.body], [200, 'HIT', first.body]);
    const ttl = Number(/^fairlead; hit; ttl=(\d+)$/.exec(String(second.headers['cache-status']))?.[1]);
    assert.ok(ttl > month - 600 && ttl <= month, `${ttl} s`);
    for (const { headers } of [first, second]) {
      assert.equal(headers['cache-control'], `max-age=${month}`);
      const expiresMs = Date.parse(String(headers.expires)) - Date.now();
      assert.ok(Math.abs(expiresMs - month * 1000) < 600_000, String(headers.expires));
    }
  });

  await t.test(
    'it is the policy of a route and no route beside it: every path ending of the guide counts, on all of them',
    async () => {
      for (const ending of ['js', 'css', 'png', 'jpg', 'jpeg', 'gif', 'ico', 'svg', 'woff', 'woff2', 'ttf', 'eot']) {
        const path = `/api/asset.${ending}`;
        assert.equal(word(await site.get('app', path)), 'MISS', ending);
        assert.equal(word(await site.get('app', path)), 'HIT', ending);
      }
    },
  );

  await t.test('pages and errors are not kept', async () => {
    assert.equal(word(await site.get('app', '/page')), 'BYPASS');
    for (const path of ['/gone.css?status=404', '/broken.css?status=500']) {
      assert.equal(word(await site.get('app', path)), 'MISS');
      const again = await site.get('app', path);
      assert.deepEqual([word(again), again.headers.expires], ['MISS', undefined]);
    }
  });

  await t.test('the cache is in the volume, and outlives the proxy', async () => {
    const { disk } = JSON.parse((await site.admin('/cache')).body) as { disk: { bytes: number } | null };
    assert.ok(disk !== null && disk.bytes > 0, 'nothing is on the disk');
    await site.compose('restart', '--timeout', '5', 'fairlead');
    await site.ready();
    assert.equal(word(await site.get('app', '/app.css')), 'HIT');
  });
});

test('old answers: proxy_cache_use_stale error timeout updating http_500 … http_504', async (t) => {
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['app-1'],
    // Fresh for a second instead of a month.
    sooner: { 'app-1': { 'proxy.cache': 'assets 1s', 'proxy.timeout': '1s' } },
  });
  /** Asks until the cache says so. */
  const until = (wanted: string) =>
    eventually(`/app.css is ${wanted}`, async () => {
      const answer = await site.get('app', '/app.css');
      return word(answer) === wanted && answer;
    });

  await t.test('while a new one is fetched the old one is shown at once, and the new one next', async () => {
    const first = await site.get('app', '/app.css');
    assert.equal(word(first), 'MISS');
    const old = await until('STALE');
    assert.deepEqual([old.status, old.body], [200, first.body]);
    const renewed = await until('HIT');
    assert.notEqual(renewed.body, first.body);
  });

  await t.test('with a container that hangs, and with one that is stopped, the old one is shown', async () => {
    const container = await site.container('app-1');
    await until('HIT');
    await container.kill({ signal: 'SIGSTOP' });
    const hanging = await until('STALE');
    assert.equal(hanging.status, 200);
    assert.match(hanging.body, /^GET \/app\.css HTTP\/1\.1$/m);
    await container.kill({ signal: 'SIGCONT' });
    await until('HIT');
    await container.stop({ t: 2 });
    const { status, headers } = await until('STALE');
    assert.equal(status, 200);
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  });
});
