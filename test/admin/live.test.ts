import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AdminSettings } from '../../src/admin/admin-context.ts';
import { liveListenersMax } from '../../src/admin/live/live-feed.ts';
import { LiveListener } from '../../src/admin/live/live-listener.ts';
import type { NumbersView, OverviewView, RouteDetailView } from '../../src/admin/live/live-view.ts';
import { emptyRouteTraffic, type RouteTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import { eventually } from '../support/engine.ts';
import { type EventStream, listenTo } from '../support/event-stream.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { adminOver, certificate, labelledContainer, type ViewText } from './admin-world.ts';

const app = labelledContainer(
  { 'proxy.host': 'app.example.com', 'proxy.cache': 'on' },
  { id: 'a'.repeat(64), name: 'app-1' },
);
const api = labelledContainer(
  { 'proxy.host': 'api.example.com', 'proxy.path': '/v1', 'proxy.timout': '5s' },
  { id: 'b'.repeat(64), name: 'api-1', service: 'api' },
);
const appId = 'app.example.com/';
const apiId = 'api.example.com/v1';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function trafficOf(routes: Readonly<Record<string, Partial<RouteTraffic>>>, more: Partial<Traffic> = {}): Traffic {
  return {
    connections: { active: 3, accepted: 5, handled: 5, requests: 9, reading: 0, writing: 1, waiting: 2 },
    routes: Object.fromEntries(Object.entries(routes).map(([id, some]) => [id, { ...emptyRouteTraffic(), ...some }])),
    ...{ peers: {}, ejected: new Set<string>() },
    ...more,
  };
}

/** An admin API whose numbers and warnings a test may change while somebody looks on. */
async function world(t: TestContext, more: ViewText = {}, settings: Partial<AdminSettings> = {}) {
  const clock = new FakeClock();
  const about: Mutable<ViewText> = { containers: [app, api], traffic: trafficOf({}), clock, ...more };
  let looks = 0;
  Object.defineProperty(about, 'traffic', {
    get: () => {
      looks++;
      return traffic;
    },
  });
  let traffic = more.traffic ?? trafficOf({});
  const admin = await adminOver(t, about, settings);
  const follow = async (path: string) => {
    const stream = await listenTo(t, { port: admin.port as number, path });
    assert.equal(stream.response.statusCode, 200, path);
    return stream;
  };
  return {
    about,
    clock,
    admin,
    follow,
    looks: () => looks,
    serve: (now: Traffic) => {
      traffic = now;
    },
    /** Resolves once things were looked at again. */
    async second(): Promise<void> {
      const before = looks;
      await eventually('the look before has ended', async () => clock.pending === 1);
      clock.advance(1_000);
      await eventually('things were looked at', async () => looks > before && clock.pending === 1);
    },
  };
}

async function told<View>(stream: EventStream, event: string): Promise<View> {
  const heard = await stream.next();
  assert.equal(heard?.event, event);
  return heard?.data as unknown as View;
}

test('whoever looks on is told at once how everything is, and its numbers', async (t) => {
  const peers = { [app.id]: { inFlight: 2, requests: 10, fails: 1 } };
  const cache = { HIT: 6, MISS: 1, EXPIRED: 1, STALE: 0, UPDATING: 0, REVALIDATED: 0, BYPASS: 5 };
  const counted = { requests: 13, s2xx: 10, s3xx: 1, s4xx: 1, s5xx: 1, tunnels: 4, waiting: 1, cache };
  const hidden = labelledContainer({ 'proxy.enable': 'false' }, { id: 'd'.repeat(64), name: 'hidden-1' });
  const { follow, clock } = await world(t, {
    containers: [app, api, hidden],
    traffic: trafficOf({ [appId]: counted }, { peers }),
    recent: { [appId]: { perSecond: 2.34, p50: 3, p95: 4, p99: 8 } },
    certificates: [certificate()],
    dataPlane: { warnings: ['runs as root'] },
    accessLog: () => ({ droppedLines: 0, warnings: ['the disk is full'] }),
  });
  const stream = await follow('/live');
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.equal(stream.response.headers['cache-control'], 'no-store');
  const overview = await told<OverviewView>(stream, 'overview');
  assert.equal(overview.at, new Date(clock.now()).toISOString());
  assert.deepEqual(
    [overview.version, overview.docker.connected, overview.routesTotal, overview.routesFound],
    [7, true, 2, 2],
  );
  assert.deepEqual(overview.warnings, ['runs as root', 'the disk is full']);
  const [second, first] = overview.routes;
  assert.deepEqual(
    [first?.id, first?.state, first?.hasCache, first?.problems, first?.policy],
    [appId, 'live', true, 0, 'roundrobin'],
  );
  assert.deepEqual([second?.id, second?.hasCache, second?.problems], [apiId, false, 1]);
  assert.deepEqual(
    first?.backends.map(({ container, state, inFlight }) => [container, state, inFlight]),
    [['app-1', 'healthy', 2]],
  );
  assert.deepEqual([overview.problems[0]?.label, overview.problemsTotal], ['proxy.timout', 1]);
  assert.deepEqual([overview.unrouted[0]?.container, overview.unroutedTotal], ['hidden-1', 1]);
  assert.deepEqual([overview.certificates[0]?.names, overview.certificatesTotal], [['app.example.com'], 1]);
  const numbers = await told<NumbersView>(stream, 'numbers');
  assert.deepEqual([numbers.connections.active, numbers.perSecond], [3, 2.3]);
  const { backends, ...of } = numbers.routes[appId] ?? assert.fail();
  assert.deepEqual(of, {
    ...{ perSecond: 2.3, p50: 3, p95: 4, p99: 8 },
    ...{ requests: 13, s2xx: 10, s3xx: 1, s4xx: 1, s5xx: 1 },
    ...{ cacheHitRatio: 0.75, sockets: 4, waiting: 1 },
  });
  assert.deepEqual(backends, { 'app-1': { inFlight: 2, fails: 1 } });
  assert.equal(numbers.routes[apiId]?.cacheHitRatio, null);
});

test('numbers come every second, with the routes that have changed; the overview comes when it has', async (t) => {
  const { follow, second, serve, about } = await world(t);
  const stream = await follow('/live');
  await told(stream, 'overview');
  assert.deepEqual(Object.keys((await told<NumbersView>(stream, 'numbers')).routes), [apiId, appId]);
  await second();
  assert.deepEqual((await told<NumbersView>(stream, 'numbers')).routes, {});
  serve(trafficOf({ [apiId]: { requests: 1 } }, { peers: { [api.id]: { inFlight: 7, requests: 1, fails: 0 } } }));
  await second();
  const { routes } = await told<NumbersView>(stream, 'numbers');
  assert.deepEqual([Object.keys(routes), routes[apiId]?.backends], [[apiId], { 'api-1': { inFlight: 7, fails: 0 } }]);
  about.dataPlane = { warnings: ['something new'] };
  await second();
  assert.deepEqual((await told<OverviewView>(stream, 'overview')).warnings, ['something new']);
  await told(stream, 'numbers');
});

test('things are looked at once a second for all who look on, and not at all when nobody does', async (t) => {
  const { follow, second, looks, clock } = await world(t);
  const streams = await Promise.all(['/live', '/live', '/live?q=api', `/live?route=${appId}`].map(follow));
  for (const stream of streams) await stream.next();
  assert.equal(looks(), 1);
  await second();
  assert.equal(looks(), 2);
  for (const stream of streams) stream.leave();
  await eventually('no timer is left', async () => clock.pending === 0);
  clock.advance(10_000);
  assert.equal(looks(), 2);
  await (await follow('/live')).next();
  assert.equal(looks(), 3);
});

test('words find routes by host, path, name and container', async (t) => {
  const named = labelledContainer(
    { 'proxy.host': 'x.example.com', 'proxy.login.path': '/enter' },
    { id: 'c'.repeat(64), name: 'Third-1' },
  );
  const { follow, admin } = await world(t, { containers: [app, api, named] });
  const found = async (words: string) => {
    const overview = await told<OverviewView>(await follow(`/live?q=${encodeURIComponent(words)}`), 'overview');
    assert.deepEqual([overview.routesTotal, overview.routesFound], [4, overview.routes.length]);
    return overview.routes.map(({ id }) => id);
  };
  assert.deepEqual(await found('API.EXAMPLE'), [apiId]);
  assert.deepEqual(await found('/v1'), [apiId]);
  assert.deepEqual(await found('login'), ['x.example.com/enter']);
  assert.deepEqual(await found('third-1'), ['x.example.com/enter', 'x.example.com/']);
  assert.deepEqual(await found('nowhere'), []);
  assert.equal((await admin.ask(`/live?q=${'x'.repeat(201)}`)).status, 400);
});

test('of a large table five hundred routes are shown, and all are counted', async (t) => {
  const hosts = Array.from({ length: 600 }, (_, i) => `h${i}.example.com`);
  const many = hosts.map((host, i) =>
    labelledContainer({ 'proxy.host': host }, { id: `${i}`.padStart(64, '0'), name: host }),
  );
  const { follow } = await world(t, { containers: many });
  const stream = await follow('/live');
  const { routes, routesFound, routesTotal } = await told<OverviewView>(stream, 'overview');
  assert.deepEqual([routes.length, routesFound, routesTotal], [500, 600, 600]);
  assert.equal(Object.keys((await told<NumbersView>(stream, 'numbers')).routes).length, 500);
});

test('a route is told with all there is to it, again when that changes', async (t) => {
  const columns = { perSecond: [0.2], p50: [1], p95: [1], p99: [null], s2xx: [1], s3xx: [0], s4xx: [0], s5xx: [0] };
  const history = { at: [1_800_000_000], ...columns };
  const { follow, second, serve, admin } = await world(t, {
    certificates: [certificate({ names: ['api.example.com'], routes: [apiId] })],
    history: () => history,
  });
  const stream = await follow(`/live?route=${encodeURIComponent(apiId)}`);
  const first = await told<RouteDetailView>(stream, 'route');
  assert.deepEqual(
    [first.route?.id, first.route?.options.path?.value, first.route?.options.limit?.source],
    [apiId, ['/v1'], 'built-in'],
  );
  assert.deepEqual(
    [first.route?.problems.length, first.certificate?.names, first.history],
    [1, ['api.example.com'], history],
  );
  assert.deepEqual(Object.keys((await told<NumbersView>(stream, 'numbers')).routes), [apiId]);
  await second();
  await told(stream, 'numbers');
  serve(trafficOf({ [apiId]: { requests: 1, s5xx: 1 } }));
  await second();
  const then = await told<RouteDetailView>(stream, 'route');
  assert.deepEqual([then.numbers?.s5xx, then.route?.stats.s5xx], [1, 1]);
  const { status, body } = await admin.ask(`/route?id=${encodeURIComponent(apiId)}`);
  assert.deepEqual([status, JSON.parse(body)], [200, then]);
});

test('a route that there is not is null, and 404 for who asks once', async (t) => {
  const { follow, admin } = await world(t);
  const stream = await follow('/live?route=nowhere/');
  const { route, numbers, certificate: of } = await told<RouteDetailView>(stream, 'route');
  assert.deepEqual([route, numbers, of], [null, null, null]);
  const answer = await admin.ask('/route?id=nowhere/');
  assert.deepEqual([answer.status, answer.json<RouteDetailView>().route], [404, null]);
  const without = await admin.ask('/route');
  assert.equal(without.status, 400);
  assert.match(without.body, /`id` is missing/);
});

test('as many look on as may, strangers do not, and HEAD takes no place', async (t) => {
  const { follow, admin } = await world(t);
  const streams = await Promise.all(Array.from({ length: liveListenersMax }, () => follow('/live')));
  const refused = await admin.ask('/live');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '10']);
  streams[0]?.leave();
  await eventually('there is room', async () => (await admin.ask('/live', { method: 'HEAD' })).status === 200);
  await eventually('HEAD has left', async () => (await follow('/live')) !== null);
  const guarded = await adminOver(t, {}, { adminToken: 'secret' });
  assert.equal((await guarded.ask('/live')).status, 401);
  assert.equal((await guarded.ask('/route?id=x')).status, 401);
});

test('a listener that is behind gets the newest and never a queue', async () => {
  let news = 'first';
  const listener = new LiveListener({ refresh: () => {}, since: (heard) => (heard < 9 ? news : '') }, () => {});
  assert.equal((await listener.next()).value, 'retry: 3000\n\nfirst');
  for (let look = 1; look <= 9; look++) {
    news = `look ${look}`;
    listener.looked(look);
  }
  assert.equal((await listener.next()).value, 'look 9');
  const waiting = listener.next();
  await listener.return();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});

test('who does not read costs nothing more, and hears the newest once it does', async (t) => {
  const hosts = Array.from({ length: 500 }, (_, i) => `h${i}.example.com`);
  const many = hosts.map((host, i) =>
    labelledContainer({ 'proxy.host': host }, { id: `${i}`.padStart(64, '0'), name: host }),
  );
  const { admin, about, clock, second, looks } = await world(t, { containers: many });
  const socket = connect(admin.port as number, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.pause().write('GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await eventually('it looks on', async () => clock.pending === 1);
  for (let i = 1; i <= 60; i++) {
    about.dataPlane = { warnings: [`warning ${i}`] };
    await second();
  }
  assert.equal(looks(), 61);
  let heard = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece;
  });
  socket.resume();
  await eventually('it hears the newest', async () => heard.includes('"warning 60"'));
  const overviews = heard.split('event: overview').length - 1;
  assert.ok(overviews < 50, `${overviews} of 61 overviews were kept for it`);
});
