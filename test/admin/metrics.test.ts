import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ContainerSeries } from '../../src/admin/container-series.ts';
import { metricText } from '../../src/admin/metric-text.ts';
import { RouteSeries, routesWithSeriesMax } from '../../src/admin/route-series.ts';
import { emptyRouteTraffic, latencyBucket, type RouteTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { engine } from '../routing/builders.ts';
import { metricValue, readMetrics } from '../support/prometheus.ts';
import { fc } from '../support/properties.ts';
import { adminOver, certificate, labelledContainer, type ViewText, view } from './admin-world.ts';

const connections = { active: 5, accepted: 16, handled: 15, requests: 31, reading: 1, writing: 2, waiting: 2 };
const quiet: Traffic = { connections, routes: {}, peers: {}, ejected: new Set() };
const served = (about: Partial<RouteTraffic>): RouteTraffic => ({ ...emptyRouteTraffic(), ...about });

async function metricsOf(t: TestContext, about: ViewText) {
  const { ask } = await adminOver(t, about);
  const { status, headers, body } = await ask('/metrics');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const families = readMetrics(body);
  return {
    families,
    of: (name: string, labels?: Record<string, string>) => metricValue(families, `fairlead_${name}`, labels),
  };
}

test('what a route has served is told by host, route and class of status', async (t) => {
  const { cache, latency } = emptyRouteTraffic();
  for (const [ms, count] of [
    [0.1, 1],
    [4, 6],
    [50_000, 2],
  ] as const)
    latency[latencyBucket(ms)] = count;
  const counts = { requests: 10, s2xx: 6, s4xx: 1, s5xx: 2, tunnels: 1, waiting: 3, held: 4, retries: 5, limited: 1 };
  const numbers = { ...counts, bytes: 700, latencyMs: 100_024, latency, cache: { ...cache, HIT: 3, MISS: 1 } };
  const routes = { 'app.example.com/': served(numbers) };
  const containers = [labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.cache': 'on' })];
  const { of } = await metricsOf(t, { containers, traffic: { ...quiet, routes } });
  const route = { host: 'app.example.com', route: 'app.example.com/' };
  for (const [status, count] of [
    ['1xx', 1],
    ['2xx', 6],
    ['3xx', 0],
    ['4xx', 1],
    ['5xx', 2],
  ] as const)
    assert.equal(of('requests_total', { ...route, status }), count);
  const bucket = (le: string) => of('request_duration_seconds_bucket', { ...route, le });
  assert.deepEqual(['0.0005', '0.002', '0.004', '32.768', '+Inf'].map(bucket), [1, 1, 7, 7, 9]);
  assert.equal(of('request_duration_seconds_sum', route), 100.024);
  assert.equal(of('request_duration_seconds_count', route), 9);
  const names = ['tunnels', 'waiting_requests', 'held_requests_total', 'retries_total', 'limited_requests_total'];
  assert.deepEqual(
    [...names, 'response_body_bytes_total'].map((name) => of(name, route)),
    [1, 3, 4, 5, 1, 700],
  );
  assert.equal(of('cache_requests_total', { ...route, result: 'hit' }), 3);
  assert.equal(of('cache_requests_total', { ...route, result: 'bypass' }), 0);
});

test('a route that nobody has asked for is there with zeros, so that its first request is seen', async (t) => {
  const { of } = await metricsOf(t, { containers: [labelledContainer({ 'proxy.host': 'app.example.com' })] });
  assert.equal(of('requests_total', { route: 'app.example.com/', status: '5xx' }), 0);
  assert.equal(of('request_duration_seconds_count', { route: 'app.example.com/' }), 0);
});

test('names from labels cannot break a line or add a label', async (t) => {
  const host = '~^a"b\\\\c.{1,2}$';
  const { families } = await metricsOf(t, { containers: [labelledContainer({ 'proxy.host': host })] });
  const hosts = families.get('fairlead_requests_total')?.series.map(({ labels }) => labels.host);
  assert.deepEqual([...new Set(hosts)], [host, '(other)']);
  const samples = [{ labels: { host: 'a"\\\n} 1' }, value: 0.5 }];
  const text = [...metricText([{ name: 'fairlead_x', type: 'gauge', help: 'one\\two\nthree', samples }])].join('');
  assert.equal(
    text,
    '# HELP fairlead_x one\\\\two\\nthree\n# TYPE fairlead_x gauge\nfairlead_x{host="a\\"\\\\\\n} 1"} 0.5\n',
  );
});

test('whoever asks gets the same form', async (t) => {
  const { ask } = await adminOver(t);
  for (const accept of ['text/html', 'application/json', 'application/openmetrics-text;version=1.0.0,*/*;q=0.1'])
    assert.match(
      String((await ask('/metrics', { headers: { accept } })).headers['content-type']),
      /^text\/plain; version/,
    );
  const { status, body } = await ask('/metrics', { method: 'HEAD' });
  assert.deepEqual([status, body], [200, '']);
});

test('where the admin API has a token, it is needed here too', async (t) => {
  const { ask } = await adminOver(t, {}, { adminToken: 'secret-token' });
  assert.equal((await ask('/metrics')).status, 401);
  const { status, body } = await ask('/metrics', { headers: { authorization: 'Bearer secret-token' } });
  assert.equal(status, 200);
  assert.ok(!body.includes('secret-token'));
});

test('a route with proxy.metrics=false is counted among the others', async (t) => {
  const containers = [
    labelledContainer({ 'proxy.host': 'loud.example.com' }),
    labelledContainer({ 'proxy.host': 'quiet.example.com', 'proxy.metrics': 'false' }),
  ];
  const routes = {
    'loud.example.com/': served({ requests: 2, s2xx: 2 }),
    'quiet.example.com/': served({ requests: 5, s2xx: 5, tunnels: 1 }),
  };
  const { families, of } = await metricsOf(t, { containers, traffic: { ...quiet, routes } });
  assert.equal(of('requests_total', { host: 'loud.example.com', status: '2xx' }), 2);
  assert.equal(of('requests_total', { host: '(other)', route: '(other)', status: '2xx' }), 5);
  assert.equal(of('tunnels', { host: '(other)' }), 1);
  const hosts = [...families.values()].flatMap(({ series }) => series.map(({ labels }) => labels.host));
  assert.ok(!hosts.includes('quiet.example.com'));
});

test('routes beyond the bound are summed up, however many there are', async (t) => {
  const many = routesWithSeriesMax + 5;
  const hosts = Array.from({ length: many }, (_, i) => `h${i}.example.com`);
  const containers = hosts.map((host) => labelledContainer({ 'proxy.host': host }));
  const routes = Object.fromEntries(hosts.map((host) => [`${host}/`, served({ requests: 1, s2xx: 1 })]));
  const { families, of } = await metricsOf(t, { containers, traffic: { ...quiet, routes } });
  const shown = families.get('fairlead_requests_total')?.series.filter(({ labels }) => labels.status === '2xx') ?? [];
  assert.equal(shown.length, routesWithSeriesMax + 1);
  assert.equal(of('requests_total', { host: '(other)', status: '2xx' }), 5);
  assert.equal(
    shown.reduce((sum, { value }) => sum + value, 0),
    many,
  );
});

test('a backend is up where it takes requests, and its numbers go by its name', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.health': 'off' };
  const containers = [
    labelledContainer(labels, { name: 'app-1' }),
    labelledContainer(labels, { name: 'app-2' }),
    labelledContainer(labels, { name: 'app-3', state: 'exited' }),
  ];
  const { serving } = view({ containers }).built().table.routes[0] ?? assert.fail();
  const backends = serving.kind === 'pool' ? serving.backends : [];
  const second = backends.find(({ container }) => container === 'app-2') ?? assert.fail();
  const peers = { [containers[0]?.id as string]: { inFlight: 3, requests: 9, fails: 2 } };
  const traffic = { ...quiet, peers, ejected: new Set([peerId(second)]) };
  const { of } = await metricsOf(t, { containers, traffic });
  const up = (container: string) => of('backend_up', { container, route: 'app.example.com/' });
  assert.deepEqual(['app-1', 'app-2', 'app-3'].map(up), [1, 0, 0]);
  const states = ['healthy', 'ejected', 'stopped', 'starting'].map((state) => of('backends', { state }));
  assert.deepEqual(states, [1, 1, 1, 0]);
  const numbers = ['in_flight_requests', 'requests_total', 'failures_total'].map((name) =>
    of(`backend_${name}`, { container: 'app-1' }),
  );
  assert.deepEqual(numbers, [3, 9, 2]);
  assert.equal(of('routes', { state: 'degraded' }), 1);
});

const aStanding = {
  ...{ address: 'redis://redis:6379', connected: false, sinceMs: 0, why: 'refused' },
  ...{ limits: { shared: false, why: 'refused' }, purges: { untold: 0, why: '' } },
};

test('the proxy itself: connections, cache, certificates, engines, problems, tables', async (t) => {
  const { of } = await metricsOf(t, {
    containers: [labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.hots': 'x' })],
    engines: [engine(), { ...engine(), endpoint: 'tcp://b:2375', connected: false }],
    traffic: quiet,
    tracing: () => ({ collector: '', exportedSpans: 90, droppedSpans: 3, fault: null }),
    accessLog: () => ({ droppedLines: 12, warnings: [] }),
    store: () => aStanding,
    cache: async () => ({
      memory: { bytes: 10, entries: 1 },
      disk: { bytes: 20, entries: 2, bytesMax: 100 },
      purged: 0,
    }),
    certificates: [
      certificate(),
      certificate({ names: ['old.example.com'], state: 'unused' }),
      certificate({ names: ['new.example.com'], state: 'ordering', notAfter: null }),
    ],
    dataPlane: { appliedVersion: 6, restarts: { workers: 2, dataPlane: 1 } },
  });
  assert.deepEqual(
    ['active', 'accepted_total', 'handled_total'].map((name) => of(`connections_${name}`)),
    [5, 16, 15],
  );
  assert.equal(of('connections', { state: 'writing' }), 2);
  assert.equal(of('received_requests_total'), 31);
  assert.deepEqual([of('cache_bytes', { store: 'memory' }), of('cache_bytes', { store: 'disk' })], [10, 20]);
  assert.equal(of('cache_disk_max_bytes'), 100);
  const expiry = Date.parse('2027-01-30T00:00:00.000Z') / 1_000;
  assert.equal(of('certificate_expiry_timestamp_seconds'), expiry);
  assert.deepEqual([of('certificates', { state: 'unused' }), of('certificates', { state: 'ordering' })], [1, 1]);
  assert.equal(of('docker_connected', { endpoint: 'tcp://b:2375' }), 0);
  assert.equal(of('store_connected'), 0);
  assert.equal(of('problems', { severity: 'error' }), 1);
  assert.deepEqual([of('table_version', { plane: 'control' }), of('table_version', { plane: 'data' })], [7, 6]);
  assert.equal(of('table_swaps_total'), 7);
  assert.equal(of('build_info', { engine: 'h1' }), 1);
  assert.deepEqual([of('restarts_total', { part: 'worker' }), of('restarts_total', { part: 'data_plane' })], [2, 1]);
  assert.deepEqual(
    ['data_plane_up', 'log_lines_dropped_total', 'spans_exported_total', 'spans_dropped_total'].map((name) => of(name)),
    [1, 12, 90, 3],
  );
});

test('what the data plane does not tell is left out, and the rest is there', async (t) => {
  const { families, of } = await metricsOf(t, { dataPlane: { pid: null }, cache: async () => null });
  assert.equal(of('data_plane_up'), 0);
  assert.deepEqual(families.get('fairlead_cache_bytes')?.series, []);
});

/** Tables and counts as they come one after the other: which routes there are, who wants series, how much each has served since. */
const scrapes = fc.array(
  fc.array(fc.record({ id: fc.nat(5), wants: fc.boolean(), isThere: fc.boolean(), requests: fc.nat(9) }), {
    maxLength: 6,
  }),
  { maxLength: 12 },
);

test('whatever routes do, the sum of the others grows by what those have served since that have no series', () => {
  fc.assert(
    fc.property(scrapes, (steps) => {
      const series = new RouteSeries({ max: 2 });
      const counts = new Map<string, number>();
      const known = new Map<string, number>();
      let others = 0;
      for (const step of steps) {
        const wanted = new Map<string, boolean>();
        for (const { id, wants, isThere, requests } of step) {
          if (isThere) wanted.set(`r${id}`, wants);
          counts.set(`r${id}`, (counts.get(`r${id}`) ?? 0) + requests);
        }
        const ids = [...counts.keys()];
        const before = new Map(ids.map((id) => [id, known.get(id) ?? 0]));
        const routes = Object.fromEntries(
          [...counts].map(([id, requests]) => [id, served({ requests, latencyMs: requests })]),
        );
        const seen = series.look(wanted, routes);
        assert.ok(seen.own.size <= 2);
        assert.ok([...seen.own].every((id) => wanted.get(id) === true));
        const since = ids.filter((id) => !seen.own.has(id)).map((id) => (counts.get(id) ?? 0) - (before.get(id) ?? 0));
        assert.equal(
          seen.others.requests,
          since.reduce((sum, count) => sum + count, others),
        );
        assert.equal(seen.others.latencyMs, seen.others.requests);
        others = seen.others.requests;
        for (const [id, count] of counts) known.set(id, count);
      }
    }),
  );
});

test('a route that was forgotten and counts from zero again adds what it has served since', () => {
  const series = new RouteSeries({ max: 0 });
  const look = (requests: number) => series.look(new Map(), { r: served({ requests }) }).others.requests;
  assert.deepEqual([look(10), look(12), look(3), look(4)], [10, 12, 15, 16]);
});

test('a container that takes the place of another of its name counts on', () => {
  const series = new ContainerSeries({ max: 1 });
  const of = (requests: number) => ({ inFlight: 1, requests, fails: 0 });
  const first = series.look(new Map([['a', 'web-1']]), { a: of(10) });
  assert.deepEqual([...first], [['web-1', { requests: 10, fails: 0, inFlight: 1 }]]);
  const both = new Map([
    ['a', 'web-1'],
    ['b', 'web-1'],
    ['c', 'web-2'],
  ]);
  const second = series.look(both, { a: of(11), b: of(5), c: of(7) });
  assert.deepEqual([...second], [['web-1', { requests: 16, fails: 0, inFlight: 2 }]]);
  const third = series.look(new Map([['b', 'web-1']]), { a: of(11), b: of(6) });
  assert.deepEqual([...third], [['web-1', { requests: 17, fails: 0, inFlight: 1 }]]);
});
