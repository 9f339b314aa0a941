import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { H2Client } from '../../engine/h2/support/h2-client.ts';
import { fairleadImage } from '../../support/engine.ts';
import type { Answer } from '../../support/proxy-process.ts';
import { GuideSite } from './guide-site.ts';

test('rate limits: limit_req_zone, limit_req, burst, nodelay, limit_req_status', async (t) => {
  const site = await GuideSite.up(t, { image: fairleadImage(), services: ['app-1', 'git'] });
  const clientOf = async (inner: TestContext, name: string) => ({ client: await site.http2(inner, name), name });

  await t.test('with burst=20, of 22 that come at once 21 pass, and the 22nd is a 429', async (inner) => {
    const burst = await atOnce(site, await clientOf(inner, 'app'), { path: '/', times: 22 });
    expectBurst(burst, { perSecond: 10, burst: 20 });
  });

  await t.test('a refusal says when to come again, how much is agreed, and why', async () => {
    const { headers, body } = await refused(site, '/');
    assert.equal(headers['retry-after'], '1');
    assert.equal(headers['ratelimit-policy'], '"limit";q=10;w=1');
    assert.match(String(headers.ratelimit), /^"limit";r=0;t=\d$/);
    assert.match(String(headers['proxy-status']), /details=rate-limited/);
    assert.match(body, /rate-limited/);
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  });

  await t.test('a browser gets the page of the site, with the status and the headers of the refusal', async () => {
    const { headers, body } = await refused(site, '/', { accept: 'text/html,*/*;q=0.8' });
    assert.match(String(headers['content-type']), /^text\/html/);
    assert.match(body, /<h1>One moment, please<\/h1>/);
    assert.match(body, /429 rate-limited, request [0-9a-f]{32}/);
    assert.equal(headers['retry-after'], '1');
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
    const script = await refused(site, '/', { accept: 'application/json' });
    assert.equal((JSON.parse(script.body) as { reason: string }).reason, 'rate-limited');
  });

  await t.test('the API has buckets of its own: 51 of 53 pass, though those of the site are empty', async (inner) => {
    await refused(site, '/');
    const burst = await atOnce(site, await clientOf(inner, 'app'), { path: '/api/users', times: 53 });
    expectBurst(burst, { perSecond: 30, burst: 50 });
  });

  await t.test(
    'the sign-in page lets 4 of 6 pass, and is not reached by way of the API or of an asset',
    async (inner) => {
      const burst = await atOnce(site, await clientOf(inner, 'app'), { path: '/api/auth/token', times: 6 });
      expectBurst(burst, { perSecond: 1, burst: 3 });
      for (const path of [
        '/api/auth/x.js',
        '/api/auth/',
        '/login',
        '/login/app.css',
        '/api/./auth/x.js',
        '/%61pi/auth/x.js',
      ]) {
        await emptied(site);
        const { status, reason } = await site.get('app', path);
        assert.deepEqual([status, reason], [429, 'rate-limited'], path);
      }
      assert.equal((await site.get('app', '/api/authors')).status, 200);
    },
  );

  await t.test(
    'without nodelay those that come early wait for their turn, and who comes beyond the burst is refused',
    async (inner) => {
      const burst = await atOnce(site, await clientOf(inner, 'git'), { path: '/', times: 13 });
      expectBurst(burst, { perSecond: 10, burst: 10 });
      // The eleventh comes a second after the first; timers of either side may be a few milliseconds early.
      assert.ok(burst.tookMs > 950, `${burst.tookMs} ms`);
    },
  );
});

interface Burst {
  /** In the order in which they were sent. */
  readonly statuses: readonly number[];
  readonly tookMs: number;
}

/** Requests in one piece on one connection: the proxy reads them within a few milliseconds. */
async function atOnce(
  site: GuideSite,
  { client, name }: { readonly client: H2Client; readonly name: string },
  { path, times }: { readonly path: string; readonly times: number },
): Promise<Burst> {
  const startedMs = performance.now();
  const asked = Array.from({ length: times }, () => client.ask({ ':authority': site.host(name), ':path': path }, null));
  const statuses = (await Promise.all(asked.map(({ head }) => head))).map(({ status }) => status);
  return { statuses, tookMs: performance.now() - startedMs };
}

/** The burst and one more pass, the rest is refused, but for what the bucket gets back while they are under way. */
function expectBurst({ statuses, tookMs }: Burst, { perSecond, burst }: { perSecond: number; burst: number }): void {
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
  const told = `${statuses.join(' ')} in ${tookMs} ms`;
  assert.equal(count(200) + count(429), statuses.length, told);
  assert.ok(
    statuses.slice(0, burst + 1).every((status) => status === 200),
    told,
  );
  assert.ok(count(200) <= burst + 1 + Math.floor((tookMs * perSecond) / 1000), told);
}

/** Asks until a bucket is empty; gives the refusal. */
async function refused(site: GuideSite, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  for (let asked = 0; asked < 200; asked += 1) {
    const answer = await site.get('app', path, { headers });
    if (answer.status === 429) return answer;
    assert.equal(answer.status, 200);
  }
  return assert.fail(`${path} is never refused`);
}

/** Empties the bucket of the sign-in page. */
const emptied = (site: GuideSite) => refused(site, '/api/auth/token');
