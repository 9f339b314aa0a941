import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRouteTraffic, noRecentTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import { certificate, labelledContainer, type ViewText } from '../admin/admin-world.ts';
import { engine } from '../routing/builders.ts';
import { Window } from './browser.ts';
import { pageWorld } from './page-world.ts';

const id = (letter: string) => letter.repeat(64);
const shop = labelledContainer(
  { 'proxy.host': 'shop.example.com', 'proxy.limit': '10/s burst=20', 'proxy.use': 'safe', 'proxy.cache': 'on' },
  { id: id('a'), name: 'shop-1' },
);
const blog = labelledContainer(
  { 'proxy.host': 'blog.example.com', 'proxy.timout': '3s' },
  { id: id('b'), name: 'blog' },
);
const dead = labelledContainer(
  { 'proxy.host': 'n8n.example.com' },
  { id: id('c'), name: 'n8n', state: 'exited', exitCode: 137, outOfMemory: true },
);
const typo = labelledContainer({ 'proxy.hots': 'typo.example.com' }, { id: id('d'), name: 'typo-1' });

const cause = 'The issuer reached another server under this name.';
const certificates = [
  certificate({ names: ['shop.example.com'], routes: ['shop.example.com/'] }),
  certificate({
    ...{
      names: ['blog.example.com'],
      state: 'waiting',
      notAfter: null,
      issuer: null,
      failures: 3,
      why: 'an order failed',
    },
    routes: ['blog.example.com/'],
    problem: {
      ...{ at: '2026-11-26T04:00:00.000Z', issuer: 'letsencrypt', type: 'urn:ietf:params:acme:error:unauthorized' },
      ...{ status: 403, detail: 'Invalid response <b>404</b>', subproblems: [], retryAfter: null },
      ...{ cause, remedy: 'Let the A record of blog.example.com point to this machine.' },
    },
  }),
];

const failures: NonNullable<ViewText['failures']> = {
  untold: 0,
  of: (route) =>
    route !== 'shop.example.com/'
      ? []
      : [
          {
            ...{ at: '2026-11-26T04:30:00.000Z', requestId: '01J0', method: 'POST', path: '/cart', status: 502 },
            ...{ reason: 'backend-refused', client: '203.0.113.7', container: 'shop-1', upstream: '172.20.0.2:8080' },
            ...{ totalMs: 3, upstreamMs: 2, tries: 2 },
          },
        ],
};

const slow: NonNullable<ViewText['slow']> = {
  of: (route) =>
    route !== 'shop.example.com/'
      ? []
      : [
          {
            ...{ at: '2026-11-26T04:31:00.000Z', requestId: '01J1', method: 'GET', path: '/report', status: 200 },
            ...{ client: '203.0.113.8', container: 'shop-1', upstream: '172.20.0.2:8080', tries: 1 },
            ...{ totalMs: 4_100, upstreamMs: 2_012.4, waitMs: 600, bytes: 12_345 },
          },
        ],
};

function history(): ReturnType<NonNullable<ViewText['history']>> {
  const entries = Array.from({ length: 30 }, (_, at) => at);
  const same = (value: number) => entries.map(() => value);
  return {
    at: entries.map((at) => 1_800_000_000 + at * 5),
    ...{ perSecond: same(4), p50: same(3), p95: same(30), p99: same(90) },
    ...{ s2xx: same(20), s3xx: same(0), s4xx: same(1), s5xx: entries },
  };
}

const everything: ViewText = {
  containers: [shop, blog, dead, typo],
  certificates,
  failures,
  slow,
  history,
  env: { FAIRLEAD_PROFILE_SAFE: 'security=true', FAIRLEAD_DEFAULT_RETRIES: '2' },
  dataPlane: { warnings: ['the data plane runs as root'] },
};

function trafficOf(route: Partial<Traffic['routes'][string]>): Traffic {
  return {
    connections: { active: 3, accepted: 5, handled: 5, requests: 9, reading: 0, writing: 1, waiting: 2 },
    routes: { 'shop.example.com/': { ...emptyRouteTraffic(), ...route } },
    ...{ peers: {}, ejected: new Set<string>() },
  };
}

const pages = {
  routes: ['/', 'n8n is stopped'],
  route: ['/?route=shop.example.com%2F', 'backend-refused'],
  certificates: ['/certs', cause],
  explain: ['/explain?url=https://shop.example.com/cart&header=X-A:%201', 'Candidates'],
  reason: ['/?reason=backend-refused', 'nothing listens on the port'],
} as const;

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing serious on any page, ${colorScheme}, and on a phone nothing is cut off`, async (t) => {
    const { origin } = await pageWorld(t, everything);
    const window = await Window.open(t, origin, { colorScheme });
    for (const [name, [path, shown]] of Object.entries(pages)) {
      await window.page.setViewportSize({ width: 1280, height: 800 });
      await window.go(path);
      await window.see(shown);
      if (name === 'route') await window.page.locator('time-chart canvas').nth(1).waitFor();
      assert.deepEqual(await window.findings(), [], name);
      await window.page.setViewportSize({ width: 360, height: 700 });
      assert.equal(await window.overflow(), 0, name);
      assert.deepEqual(await window.findings(), [], `${name}, narrow`);
    }
    await window.page.keyboard.press('?');
    await window.page.getByRole('dialog', { name: 'Keys' }).waitFor();
    assert.deepEqual(await window.findings(), [], 'keys');
  });

test('what is not live comes first, with its reason; then problems with their mend, and containers without a route', async (t) => {
  const { origin } = await pageWorld(t, everything);
  const window = await Window.open(t, origin);
  await window.go('/');
  const trouble = window.page.getByRole('region', { name: 'Not live, and why' });
  await window.see('n8n is stopped (exited with code 137, out of memory; see docker logs n8n)', trouble);
  await window.see('1 certificate in trouble', trouble);
  await window.see('stopped: exited with code 137', window.row('n8n.example.com'));
  await window.see('valid until 2027-01-30', window.row('shop.example.com'));
  await window.see('did you mean proxy.timeout?', window.page.locator('#problems'));
  await window.see('typo-1', window.page.locator('#unrouted'));
  await window.see('proxy.hots=typo.example.com', window.page.locator('#unrouted'));
  await window.see('the data plane runs as root');
});

test('a route that is not live leads to the problems with its labels, and so does what explains a request to it', async (t) => {
  const labels = { 'proxy.host': 'n8n.example.com', 'proxy.timout': '3s', 'proxy.retrys': '2' };
  const broken = labelledContainer(labels, { name: 'n8n', state: 'exited', exitCode: 1 });
  const { origin } = await pageWorld(t, { containers: [broken] });
  const window = await Window.open(t, origin);
  await window.go('/');
  const trouble = window.page.getByRole('region', { name: 'Not live, and why' });
  await trouble.getByRole('link', { name: '2 problems with its labels' }).click();
  await window.see('did you mean proxy.timeout?');
  await window.go('/explain?url=n8n.example.com');
  await window.see('did you mean proxy.retries?');
});

test('routes whose containers were removed do not hide what needs somebody', async (t) => {
  const removed = Array.from({ length: 8 }, (_, i) =>
    labelledContainer({ 'proxy.host': `a${i}.example.com` }, { name: `a-${i}`, state: 'removed' }),
  );
  const { origin } = await pageWorld(t, { containers: [...removed, dead] });
  const window = await Window.open(t, origin);
  await window.go('/');
  const items = window.page.getByRole('region', { name: 'Not live, and why' }).getByRole('listitem');
  await window.see('n8n is stopped', items.nth(0));
  await window.see('8 routes whose containers were removed, gone within 1m', items.nth(1));
  assert.equal(await items.count(), 2);
});

test('a route comes, its numbers change and it goes, without a reload', async (t) => {
  const world = await pageWorld(t, {});
  const window = await Window.open(t, world.origin);
  await window.go('/');
  await window.see('No routes yet');
  await window.page.evaluate('window.isSame = true');
  const containers = [labelledContainer({ 'proxy.host': 'shop.example.com' }, { name: 'shop-1' })];
  world.show({ containers });
  await window.see('live', window.row('shop.example.com'));
  world.show({ containers, traffic: trafficOf({ requests: 1234, s2xx: 1234, s5xx: 7, tunnels: 3 }) });
  await window.see(/1234.*7.*3/s, window.row('shop.example.com'));
  await window.see(/connections\s*3/, window.page.locator('.totals'));
  world.show({});
  await window.see('No routes yet');
  assert.equal(await window.page.evaluate('window.isSame'), true);
});

test('whatever a container is called or says is text, never markup', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.<img src=x>': '<script>alert(1)</script>' };
  const evil = labelledContainer(labels, { name: '<b>"\'&', state: 'exited', image: '<u>' });
  const engines = [engine({ connected: false, error: '<i>x</i>' })];
  const { origin } = await pageWorld(t, { containers: [evil], engines, dataPlane: { warnings: ['<u>under</u>'] } });
  const window = await Window.open(t, origin);
  for (const path of ['/', '/?route=app.example.com%2F', '/explain?url=http://app.example.com/%3Cimg%20src=x%3E']) {
    await window.go(path);
    await window.see('<b>"\'&');
    assert.equal(await window.page.locator('#app :is(b, i, u, img, script)').count(), 0, path);
  }
});

test('filter and order are in the address, and survive a reload', async (t) => {
  const { origin } = await pageWorld(t, everything);
  const window = await Window.open(t, origin);
  await window.go('/');
  await window.page.getByRole('button', { name: 'Route' }).click();
  await window.page.getByRole('button', { name: 'Route ↑' }).click();
  await window.page.getByRole('button', { name: 'Route ↓' }).waitFor();
  const hosts = () => window.page.locator('tbody th strong').allTextContents();
  assert.deepEqual(await hosts(), ['shop.example.com', 'n8n.example.com', 'blog.example.com']);
  await window.page.getByRole('searchbox').fill('OG.');
  await window.miss('n8n.example.com', window.page.locator('tbody'));
  assert.deepEqual(await hosts(), ['blog.example.com']);
  await window.page.waitForURL(/\?sort=-route&q=OG\.$/);
  await window.reload();
  await window.see('1 of 3');
  assert.deepEqual(await hosts(), ['blog.example.com']);
  await window.page.getByRole('searchbox').press('Escape');
  await window.see('n8n.example.com', window.page.locator('tbody'));
});

test('rows that are sorted by what changes keep their places for five seconds', async (t) => {
  const rates = (ofShop: number, ofBlog: number): ViewText => ({
    containers: [shop, blog],
    traffic: trafficOf({}),
    recent: {
      'shop.example.com/': { ...noRecentTraffic, perSecond: ofShop },
      'blog.example.com/': { ...noRecentTraffic, perSecond: ofBlog },
    },
  });
  const world = await pageWorld(t, rates(5, 1));
  const window = await Window.open(t, world.origin);
  const { page } = window;
  const now = Date.now();
  await page.clock.setFixedTime(now);
  await window.go('/?sort=-rate');
  const first = page.locator('tbody tr').first();
  await window.see(/shop\.example\.com.*5/s, first);
  world.show(rates(5, 9));
  await window.see('9', window.row('blog.example.com').locator('td.rate'));
  await window.see('shop.example.com', first);
  await page.clock.setFixedTime(now + 6_000);
  await window.see('blog.example.com', first);
});

test('a tab that nobody sees lets go of its connection, and has it again when it is seen', async (t) => {
  const { origin } = await pageWorld(t, { containers: [shop] });
  const window = await Window.open(t, origin);
  const { page } = window;
  const now = Date.now();
  const hide = (hidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
document.dispatchEvent(new Event('visibilitychange'))`);
  const isLive = (request: { url(): string }) => new URL(request.url()).pathname === '/live';
  await page.clock.setFixedTime(now);
  await window.go('/');
  await window.see('shop.example.com', page.locator('tbody'));
  const released = page.waitForEvent('requestfailed', isLive);
  await hide(true);
  await page.clock.setFixedTime(now + 25_000);
  await released;
  const again = page.waitForEvent('request', isLive);
  await hide(false);
  await again;
});

test('of a thousand routes 500 are shown, what is not live among them, and the filter finds the others', async (t) => {
  const containers = Array.from({ length: 1_000 }, (_, at) =>
    labelledContainer(
      { 'proxy.host': `h${at}.example.com` },
      { id: String(at).padStart(64, '0'), name: `c${at}`, state: at === 997 ? 'exited' : 'running' },
    ),
  );
  const { origin } = await pageWorld(t, { containers });
  const window = await Window.open(t, origin);
  await window.go('/');
  await window.see('500 of 1000 are shown');
  await window.see('h997.example.com', window.page.getByRole('region', { name: 'Not live, and why' }));
  assert.equal(await window.page.locator('tbody tr').count(), 500);
  await window.page.getByRole('searchbox').fill('c998');
  await window.see('h998.example.com', window.page.locator('tbody'));
  await window.see('1 of 1000');
});

test('the page of a route says where each option came from, which requests failed and why, and which were slow and where', async (t) => {
  const { origin } = await pageWorld(t, everything);
  const window = await Window.open(t, origin);
  await window.go('/?route=shop.example.com%2F');
  await window.see(
    /proxy\.limit10 in 1s.*label proxy\.limit|proxy\.limit.*label proxy\.limit/s,
    window.row('proxy.limit'),
  );
  await window.see('profile', window.row('proxy.security'));
  await window.see('fleet default FAIRLEAD_DEFAULT_RETRIES', window.row('proxy.retries'));
  await window.page.getByText('built-in').first().click();
  await window.see('built-in', window.row('proxy.compress'));
  const failed = window.row('/cart');
  for (const said of ['POST /cart', '502', 'The site does not answer', 'shop-1', '2 tries', '203.0.113.7'])
    await window.see(said, failed);
  const slowRow = window.row('/report');
  for (const said of ['GET /report', 'shop-1', '600 ms', '2 s', '1.5 s', '4.1 s']) await window.see(said, slowRow);
  await failed.getByRole('link', { name: 'backend-refused' }).click();
  await window.see('Its container runs, but nothing listens on the port');
  await window.see('let it listen on 0.0.0.0', window.row('the application listens on 127.0.0.1'));
  assert.equal(new URL(window.page.url()).search, '?reason=backend-refused');
  await window.page.goBack();
  await window.page.getByRole('link', { name: 'Explain a request to it' }).click();
  await window.see('shop.example.com is named exactly');
});

test('a backend is drained by a second press, and a first one is taken back by Escape', async (t) => {
  const drained: string[] = [];
  const setDrained = (container: string, on: boolean) => drained.push(`${container.slice(0, 3)} ${on}`);
  const { origin } = await pageWorld(t, { ...everything, setDrained });
  const window = await Window.open(t, origin);
  await window.go('/?route=shop.example.com%2F');
  const button = window.page.getByRole('button', { name: /^Drain.* shop-1/ });
  await button.press('Enter');
  await window.see('press again', button);
  await button.press('Escape');
  await window.miss('press again', button);
  await button.press('Enter');
  await window.see('press again', button);
  assert.deepEqual(drained, []);
  await button.press('Enter');
  await window.see('shop-1 gets no new requests; nothing is under way there.');
  assert.deepEqual(drained, ['aaa true']);
});

test('certificates say what happens next and what went wrong, and are ordered from here', async (t) => {
  const asked: unknown[] = [];
  const renew: NonNullable<ViewText['renew']> = async (request) => {
    asked.push(request);
    if (request.dry) return { kind: 'tried', tried: [{ names: ['shop.example.com'], issuer: 'le', problem: null }] };
    return { kind: 'begun', begun: [{ names: ['shop.example.com'], issuer: 'le' }], held: [] };
  };
  const { origin } = await pageWorld(t, { ...everything, renew });
  const window = await Window.open(t, origin);
  await window.go('/certs');
  const [first, second] = [0, 1].map((at) => window.page.getByRole('article').nth(at));
  assert.ok(first && second);
  for (const said of ['blog.example.com', 'waiting', 'tried again 2026-12-31 12:30 UTC', cause, 'Let the A record of'])
    await window.see(said, first);
  await window.see('3 failed attempts in a row', first);
  await window.see('Invalid response <b>404</b>', first);
  await window.see('renewed by itself 2026-12-31 12:30 UTC', second);
  await second.getByRole('button', { name: 'Try on staging an order for shop.example.com' }).click();
  await window.see('le would sign it.', second);
  const order = second.getByRole('button', { name: /^Order now/ });
  await order.click();
  await window.see('press again', order);
  await order.click();
  await window.see('Ordering shop.example.com from le.', second);
  assert.deepEqual(asked, [
    { host: 'shop.example.com', dry: true },
    { host: 'shop.example.com', dry: false },
  ]);
});

test('the form explains a request with method, headers and address, and leads to hosts that are near', async (t) => {
  const labels = {
    'proxy.host': 'app.example.com',
    'proxy.match': 'method=POST header:X-Canary=1',
    'proxy.deny': '10.0.0.0/8',
  };
  const { origin } = await pageWorld(t, { containers: [labelledContainer(labels, { name: 'canary' })] });
  const window = await Window.open(t, origin);
  await window.go('/explain');
  const { page } = window;
  await page.getByLabel('Which route').fill('http://ap.example.com/x');
  await page.getByRole('button', { name: 'Explain' }).click();
  await window.see('no route');
  await page.getByRole('link', { name: 'app.example.com', exact: true }).click();
  await window.see('wants method=POST, header:x-canary=1');
  await page.getByText('Method, headers, client address').click();
  await page.getByLabel('Method').fill('post');
  await page.getByLabel('Client address').fill('10.1.2.3');
  await page.getByLabel('Headers').fill('X-Canary: 1\nAuthorization: Basic eDp5\nX-Api-Key: k\nX-Other: 2');
  await page.getByRole('button', { name: 'Explain' }).click();
  const deny = page.getByRole('listitem').filter({ hasText: /^deny/ });
  await window.see('403 address-denied', deny);
  await window.see('stops here', deny);
  await window.see('not reached', page.getByRole('listitem').filter({ hasText: /^lb/ }));
  await window.see('canary');
  const { searchParams } = new URL(page.url());
  // What opens something is asked about, and stands in no address.
  assert.deepEqual(searchParams.getAll('header'), ['X-Canary: 1', 'X-Other: 2']);
  assert.match(await page.getByLabel('Headers').inputValue(), /Authorization: Basic eDp5/);
  await window.reload();
  await window.see('403 address-denied', deny);
  await page.getByLabel('Client address').fill('nobody');
  await page.getByRole('button', { name: 'Explain' }).click();
  await window.see('`ip` is the address of the client');
});

test('everything is reached by the keyboard', async (t) => {
  const { origin } = await pageWorld(t, everything);
  const window = await Window.open(t, origin);
  await window.go('/');
  await window.see('shop.example.com');
  const { keyboard } = window.page;
  const focused = () => window.page.evaluate('document.activeElement.textContent');
  await keyboard.press('/');
  await keyboard.type('shop');
  await window.miss('n8n.example.com', window.page.locator('tbody'));
  for (let presses = 0; presses < 20 && (await focused()) !== 'shop.example.com'; presses++)
    await keyboard.press('Tab');
  const outline =
    'getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth';
  assert.equal(await window.page.evaluate(outline), 'solid2px');
  await keyboard.press('Enter');
  await window.see('Failed requests');
  assert.equal(await focused(), 'shop.example.com');
  await keyboard.press('2');
  await window.see(cause);
  await keyboard.press('3');
  await window.see('Explain a request');
  await keyboard.press('?');
  const dialog = window.page.getByRole('dialog', { name: 'Keys' });
  await dialog.waitFor();
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});

test('the colours are those of the system, until somebody chooses others', async (t) => {
  const { origin } = await pageWorld(t, everything);
  const window = await Window.open(t, origin, { colorScheme: 'dark' });
  const paper = () => window.page.evaluate('getComputedStyle(document.body).backgroundColor');
  await window.go('/');
  await window.page.getByRole('button', { name: 'Colours: system' }).click();
  await window.page.getByRole('button', { name: 'Colours: light' }).waitFor();
  assert.equal(await paper(), 'rgb(251, 251, 252)');
  await window.reload();
  await window.page.getByRole('button', { name: 'Colours: light' }).click();
  await window.page.keyboard.press('t');
  await window.page.getByRole('button', { name: 'Colours: system' }).waitFor();
  assert.equal(await paper(), 'rgb(20, 23, 29)');
});

test('a lost connection is said, and found again', async (t) => {
  const world = await pageWorld(t, { containers: [shop] });
  const window = await Window.open(t, world.origin);
  await window.go('/');
  await window.see('Live', window.page.getByRole('status'));
  await world.stop();
  await window.see('Connection lost, trying again. What is shown is of', window.page.getByRole('status'));
  world.show({ containers: [blog] });
  await world.restart();
  await window.see('blog.example.com', window.page.locator('tbody'));
  await window.see('Live', window.page.getByRole('status'));
});

test('a file that did not come is asked for again', async (t) => {
  const { origin } = await pageWorld(t, { containers: [shop] });
  const window = await Window.open(t, origin);
  let aborted = 0;
  await window.page.route('**/route-table.*', (route) => (aborted++ < 2 ? route.abort() : route.continue()));
  await window.go('/');
  await window.see('shop.example.com');
  assert.ok(aborted > 2);
});

test('without script the page says what to do instead', async (t) => {
  const { origin } = await pageWorld(t, { containers: [shop] });
  const window = await Window.open(t, origin, { javaScriptEnabled: false });
  await window.go('/');
  await window.page.getByRole('link', { name: 'the routes as text' }).click();
  await window.see('shop.example.com');
});
