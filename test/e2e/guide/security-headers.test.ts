import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, fairleadImage } from '../../support/engine.ts';
import type { Answer } from '../../support/proxy-process.ts';
import { GuideSite } from './guide-site.ts';

const wanted = {
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'x-xss-protection': '1; mode=block',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'content-security-policy': "default-src 'self'",
};

test('security headers: add_header … always, on every answer', async (t) => {
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['app-1'],
    // Three seconds for a minute.
    sooner: { 'app-1': { 'proxy.timeout': '3s' } },
  });
  const expectAll = ({ status, headers }: Answer, expected: number) => {
    assert.equal(status, expected);
    for (const [name, value] of Object.entries(wanted)) assert.equal(headers[name], value, `${name} on ${status}`);
  };

  await t.test('on pages, and on what the container answers with 404, 500 and 502', async () => {
    expectAll(await site.get('app', '/'), 200);
    for (const status of [404, 500, 502]) expectAll(await site.get('app', `/?status=${status}`), status);
  });

  await t.test('on an asset that is fetched and on one that is cached, along with X-Cache-Status', async () => {
    for (const word of ['MISS', 'HIT']) {
      const answer = await site.get('app', '/app.css');
      expectAll(answer, 200);
      assert.equal(answer.headers['x-cache-status'], word);
    }
  });

  await t.test('on what the proxy answers by itself: 413, 429, 502 and 504', async () => {
    expectAll(await site.get('app', '/', { method: 'POST', headers: { 'content-length': 51 * 1024 ** 2 } }), 413);
    for (let asked = 0; asked < 4; asked += 1) await site.get('app', '/login');
    expectAll(await site.get('app', '/login'), 429);
    expectAll(await site.get('app', '/?wait=20s'), 504);
    // A request that is not repeated, whose container is killed under it.
    const asked = site.get('app', '/api/orders?wait=20s', { method: 'POST', body: 'one' });
    await eventually('the container has it', async () => {
      const { routes } = await site.routes();
      return routes.some(({ host, pool }) => host === site.host('app') && pool.backends[0]?.inFlight === 1);
    });
    await site.container('app-1').then((container) => container.kill());
    const cut = await asked;
    expectAll(cut, 502);
    assert.equal(cut.reason, 'backend-reset');
  });
});
