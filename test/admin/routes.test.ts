import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerView } from '../../src/admin/docker-view.ts';
import type { ExplainView } from '../../src/admin/explain-view.ts';
import type { RouteView } from '../../src/admin/route-view.ts';
import type { Problem } from '../../src/labels/problem.ts';
import type { FailedRequest } from '../../src/proxy/failed-request.ts';
import { emptyRouteTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import type { Unrouted } from '../../src/routing/unrouted.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { attachment, engine, inContainer } from '../routing/builders.ts';
import { adminOver, labelledContainer, view } from './admin-world.ts';

interface RoutesBody {
  readonly version: number;
  readonly docker: DockerView;
  readonly routes: readonly RouteView[];
  readonly problems: readonly Problem[];
}

async function routesOf(t: Parameters<typeof adminOver>[0], about: Parameters<typeof adminOver>[1], query = '') {
  const { ask } = await adminOver(t, about);
  return (await ask(`/routes${query}`)).json<RoutesBody>();
}

const app = () => labelledContainer({ 'proxy.host': 'app.example.com' }, { name: 'app-1', service: 'app' });

test('a route has the fields of the contract', async (t) => {
  const body = await routesOf(t, { containers: [app()] });
  assert.equal(body.version, 7);
  const [route] = body.routes;
  assert.deepEqual(Object.keys(route ?? {}), [
    ...['id', 'host', 'path', 'name', 'match', 'priority', 'state', 'why', 'redirect', 'tls', 'options', 'pool'],
    ...['problems', 'stats'],
  ]);
  assert.equal(route?.id, 'app.example.com/');
  assert.equal(route?.state, 'live');
  assert.deepEqual(route?.pool.backends, [
    {
      ...{ container: 'app-1', service: 'app', address: '172.20.0.2:8080', state: 'healthy', reason: '' },
      ...{ weight: 1, inFlight: 0, fails: 0 },
    },
  ]);
  assert.deepEqual(route?.tls, { mode: 'auto', state: 'none', expires: null, next: null, error: null });
});

test('routes stand in matching order', async (t) => {
  const hosts = ['*', '*.example.com', 'app.example.com', '~^x'];
  const containers = hosts.map((host) => labelledContainer({ 'proxy.host': host }));
  const { routes } = await routesOf(t, { containers });
  assert.deepEqual(
    routes.map(({ host }) => host),
    ['app.example.com', '*.example.com', '~^x', '*'],
  );
});

test('an option says where it came from, in the words of a label', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.timeout': '90', 'proxy.use': 'calm', 'proxy.ws': 'off' };
  const env = { FAIRLEAD_DEFAULT_DRAIN: '5m', FAIRLEAD_PROFILE_CALM: 'retries=0' };
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels)], env });
  const { options } = routes[0] as RouteView;
  assert.deepEqual(options.timeout, { value: '90s', source: 'label', label: 'proxy.timeout', active: true });
  assert.deepEqual(options.ws, { value: false, source: 'label', label: 'proxy.ws', active: true });
  assert.deepEqual(options.drain, {
    value: '5m',
    source: 'fleet-default',
    label: 'FAIRLEAD_DEFAULT_DRAIN',
    active: true,
  });
  assert.equal(options.retries?.source, 'profile:calm');
  assert.equal(options.retries?.value, 0);
  assert.deepEqual(options['timeout.connect'], { value: '5s', source: 'built-in', active: true });
  assert.deepEqual(options.host?.value, ['app.example.com']);
});

test('an option whose step is to come says so', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.mirror': 'shadow:8080' };
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels)] });
  const mirror = routes[0]?.options.mirror;
  assert.equal(mirror?.active, false);
  assert.equal(mirror?.note, 'not yet active');
  assert.equal(routes[0]?.state, 'live');
});

test('no secret is in any answer', async (t) => {
  const labels = {
    'proxy.host': 'app.example.com',
    'proxy.auth': 'basic',
    'proxy.auth.users': 'ann:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC',
    'proxy.reqheader.Authorization': 'Bearer hunter2hunter2',
  };
  const { ask } = await adminOver(t, { containers: [labelledContainer(labels)] });
  for (const path of [
    '/routes',
    '/routes?format=text',
    '/route?id=app.example.com/',
    '/explain?url=app.example.com',
    '/explain?url=app.example.com&format=text',
  ]) {
    const { body } = await ask(path);
    assert.doesNotMatch(body, /c4WoMPo3|hunter2/, path);
  }
  const { routes } = (await ask('/routes')).json<RoutesBody>();
  assert.equal(routes[0]?.options['auth.users']?.value, '…');
});

test('a route whose protection is not there is closed, and says why', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.auth': 'oidc:staff' };
  const { routes, problems } = await routesOf(t, { containers: [labelledContainer(labels, { name: 'app' })] });
  assert.equal(routes[0]?.state, 'closed');
  assert.match(routes[0]?.why ?? '', /^app: proxy\.auth=…: not yet active/);
  assert.ok(problems.some(({ label, severity }) => label === 'proxy.auth' && severity === 'error'));
});

test('the backends of a closed route are shown as Docker has them, since nobody checks them', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.port': '80', 'proxy.limit': 'ten' };
  const backendState = () => ({ state: 'starting', reason: 'its check has not passed' }) as const;
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels)], backendState });
  assert.equal(routes[0]?.state, 'closed');
  assert.deepEqual(
    routes[0]?.pool.backends.map(({ state, reason }) => [state, reason]),
    [['healthy', '']],
  );
});

test('a route that no single label closes names its container alone', async (t) => {
  const surplus = Array.from({ length: 1_000 }, (_, at) => [`proxy.zz.header.X-${at}`, 'x']);
  const labels = { 'proxy.host': 'app.example.com', ...Object.fromEntries(surplus) };
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels, { name: 'app' })] });
  assert.match(routes[0]?.why ?? '', /^app: at most 1000 proxy labels/);
});

test('a problem carries who, what, what was expected and the mend', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.hots': 'b' };
  const { problems, routes } = await routesOf(t, { containers: [labelledContainer(labels, { name: 'app' })] });
  const [problem] = problems;
  assert.deepEqual(Object.keys(problem ?? {}).sort(), [
    ...['container', 'expected', 'label', 'severity', 'suggestion', 'value'],
  ]);
  assert.equal(problem?.container, 'app');
  assert.match(problem?.suggestion ?? '', /proxy\.host/);
  assert.deepEqual(routes[0]?.problems, problems);
});

test('a pool with a sick member is degraded, one without any that works is down', async (t) => {
  const labels = { 'proxy.host': 'app.example.com' };
  const well = labelledContainer(labels);
  const sick = labelledContainer(labels, { health: 'unhealthy', name: 'sick' });
  const degraded = await routesOf(t, { containers: [well, sick] });
  assert.equal(degraded.routes[0]?.state, 'degraded');
  assert.match(degraded.routes[0]?.why ?? '', /^1 of 2 take requests; sick is unhealthy/);
  const down = await routesOf(t, { containers: [sick] });
  assert.equal(down.routes[0]?.state, 'down');
});

test('one that leaves during a deployment does not make its route degraded', async (t) => {
  const labels = { 'proxy.host': 'app.example.com' };
  const leaving = labelledContainer(labels, { stopping: true });
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels), leaving] });
  assert.equal(routes[0]?.state, 'live');
  assert.deepEqual(routes[0]?.pool.backends.map(({ state }) => state).sort(), ['draining', 'healthy']);
});

test('a container on another network is unreachable, with the command that helps', async (t) => {
  const one = labelledContainer({ 'proxy.host': 'a.example.com' }, { name: 'a', attachments: [attachment('other')] });
  const { ask } = await adminOver(t, { containers: [one], place: inContainer(['web']) });
  assert.equal((await ask('/routes')).json<RoutesBody>().routes[0]?.pool.backends[0]?.state, 'unreachable');
  const { body } = await ask('/routes?format=text');
  assert.match(body, /docker network connect other fairlead/);
});

test('an alias is a live route that redirects', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.alias': 'www.example.com' };
  const { routes } = await routesOf(t, { containers: [labelledContainer(labels)] });
  const alias = routes.find(({ host }) => host === 'www.example.com');
  assert.equal(alias?.redirect?.status, 308);
  assert.equal(alias?.state, 'live');
  assert.deepEqual(alias?.pool.backends, []);
});

test('numbers come from the workers', async (t) => {
  const one = app();
  const traffic: Traffic = {
    connections: { active: 1, accepted: 2, handled: 2, requests: 10, reading: 0, writing: 1, waiting: 0 },
    routes: { 'app.example.com/': { ...emptyRouteTraffic(), requests: 10, s2xx: 8, s4xx: 1, s5xx: 1 } },
    peers: { [one.id]: { inFlight: 3, requests: 10, fails: 2 } },
    ejected: new Set(),
  };
  const recent = { 'app.example.com/': { perSecond: 1.26, p50: 4, p95: 5.656854, p99: 8 } };
  const { routes } = await routesOf(t, { containers: [one], traffic, recent });
  const [route] = routes;
  const lately = { perSecond: 1.3, p50: 4, p95: 5.66, p99: 8 };
  assert.deepEqual(route?.stats, { requests: 10, ...lately, s4xx: 1, s5xx: 1, cache: null });
  assert.equal(route?.pool.backends[0]?.inFlight, 3);
  assert.equal(route?.pool.backends[0]?.fails, 2);
});

test('the text has the half of the times and the slow ones, rounded as they are bounds', async (t) => {
  const recent = { 'app.example.com/': { perSecond: 1, p50: 2, p95: 11_585.24, p99: 11_585.24 } };
  const { ask } = await adminOver(t, { containers: [app()], recent });
  const text = (await ask('/routes?format=text')).body;
  assert.match(text, / P50 +P95 +5XX\n/);
  assert.match(text, / 2 ms +12 s +0\n/);
});

test('docker is shown with since when; of several engines the one that is away comes first', async (t) => {
  const up = engine({ engine: 'Docker 26.1', sinceMs: 0, apiVersion: '1.45' });
  const { docker } = await routesOf(t, { engines: [up] });
  assert.equal(docker.since, '1970-01-01T00:00:00.000Z');
  assert.equal(docker.endpoints, undefined);
  const away = engine({ endpoint: 'tcp://other:2375', connected: false, error: 'refused' });
  const both = (await routesOf(t, { engines: [up, away] })).docker;
  assert.equal(both.connected, false);
  assert.equal(both.error, 'refused');
  assert.deepEqual(
    both.endpoints?.map(({ endpoint }) => endpoint),
    [up.endpoint, away.endpoint],
  );
});

test('the text has the routes, who is not well, and the problems with their mend', async (t) => {
  const containers = [
    app(),
    labelledContainer({ 'proxy.host': 'b.example.com' }, { name: 'b', state: 'exited', exitCode: 3 }),
    labelledContainer({ 'proxy.host': 'c.example.com', 'proxy.tiemout': '3s' }, { name: 'c' }),
  ];
  const { ask } = await adminOver(t, { containers });
  const { body } = await ask('/routes?format=text');
  assert.match(body, /^docker unix:.* connected since 1970/);
  assert.match(body, /\nHOST +PATH +STATE +BACKENDS/);
  assert.match(body, /\napp\.example\.com +\/ +live +app-1 172\.20\.0\.2:8080/);
  assert.match(body, /\nBACKENDS NOT HEALTHY\nb is stopped: .*3/);
  assert.match(body, /\nPROBLEMS\n✗ c: proxy\.tiemout=3s\n {4}expected: .*\n {4}did you mean `proxy\.timeout/);
});

test('routes whose containers were removed come last, in one line, and nowhere else', async (t) => {
  const removed = (host: string) => labelledContainer({ 'proxy.host': host }, { name: host, state: 'removed' });
  const containers = [
    ...Array.from({ length: 7 }, (_, i) => removed(`a${i}.example.com`)),
    labelledContainer({ 'proxy.host': 'b.example.com' }, { name: 'b', state: 'exited', exitCode: 3 }),
  ];
  const { ask } = await adminOver(t, { containers });
  const { body } = await ask('/routes?format=text');
  const [, unwell = ''] = body.split('NOT LIVE\n');
  assert.deepEqual(
    unwell
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' (')[0]),
    [
      'b.example.com/ is down: b is stopped',
      '7 routes whose containers were removed, gone within 1m: ' +
        'a0.example.com/, a1.example.com/, a2.example.com/, a3.example.com/, a4.example.com/ and 2 more',
      '',
      'BACKENDS NOT HEALTHY',
      'b is stopped: exited with code 3; see `docker logs b`',
    ],
  );
});

test('containers with labels and without a route are told, with the reason and the mend', async (t) => {
  const containers = [
    app(),
    labelledContainer(
      { 'proxy.host': 'http://b.example.com', 'proxy.auth.users': 'ann:{SHA}secret' },
      { name: 'b', image: 'shop' },
    ),
    labelledContainer({ 'proxy.enable': 'false', 'proxy.host': 'c.example.com' }, { name: 'c', state: 'exited' }),
    labelledContainer({ 'com.example.unrelated': 'yes' }, { name: 'd' }),
  ];
  const { ask } = await adminOver(t, { containers });
  const { unrouted } = (await ask('/routes')).json<{ unrouted: Unrouted[] }>();
  const [b, c, ...rest] = unrouted;
  assert.deepEqual(rest, []);
  assert.deepEqual([b?.container, b?.state, b?.image, b?.id.length], ['b', 'running', 'shop', 64]);
  assert.match(b?.why ?? '', /^`proxy\.host=http:\/\/b\.example\.com`: expected: /);
  assert.match(b?.suggestion ?? '', /b\.example\.com/);
  assert.deepEqual(b?.labels, [
    { name: 'proxy.auth.users', value: '…' },
    { name: 'proxy.host', value: 'http://b.example.com' },
  ]);
  assert.deepEqual([c?.container, c?.why, c?.suggestion], ['c', '`proxy.enable=false` hides it', '']);
  const { body } = await ask('/routes?format=text');
  assert.match(
    body,
    /\nUNROUTED\nb \(running\): `proxy\.host=.*\n {4}.*b\.example\.com.*\nc \(exited\): `proxy\.enable=false` hides it\n/,
  );
});

test('a large table is sent in pieces, with only the options that somebody set', async (t) => {
  const containers = Array.from({ length: 1_500 }, (_, i) => labelledContainer({ 'proxy.host': `h${i}.example.com` }));
  const { ask } = await adminOver(t, { containers });
  const large = (await ask('/routes')).json<RoutesBody>();
  assert.equal(large.routes.length, 1_500);
  assert.deepEqual(Object.keys(large.routes[0]?.options ?? {}), ['host']);
});

test('the pool says how it is balanced, and who is left out for its failures or has no weight', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.lb': 'hash:header:X-Tenant' };
  const containers = [
    labelledContainer(labels, { name: 'app-1' }),
    labelledContainer({ ...labels, 'proxy.weight': '0' }, { name: 'app-2' }),
    labelledContainer({ ...labels, 'proxy.maxfails': '5', 'proxy.failtimeout': '1m' }, { name: 'app-3' }),
    labelledContainer(labels, { name: 'app-4', state: 'exited' }),
  ];
  const connections = { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 };
  const [built] = view({ containers }).built().table.routes;
  const backends = built?.serving.kind === 'pool' ? built.serving.backends : assert.fail();
  const ejected = new Set(backends.slice(2).map(peerId));
  const traffic: Traffic = { connections, routes: {}, peers: {}, ejected };
  const { routes } = await routesOf(t, { containers, traffic });
  assert.equal(routes[0]?.pool.policy, 'hash:header:X-Tenant');
  const states = routes[0]?.pool.backends.map(({ container, state, reason }) => [container, state, reason]);
  assert.deepEqual(states, [
    ['app-1', 'healthy', ''],
    ['app-2', 'draining', 'proxy.weight=0'],
    ['app-3', 'ejected', '5 tries failed there within 1m; while there are others, one request in 1m tries it'],
    ['app-4', 'stopped', 'exited with code 0; see `docker logs app-4`'],
  ]);
});

test('a backend whose check fails is shown as such everywhere, with the reason', async (t) => {
  const reason = 'connect refused on 172.20.0.2:8080 (12 times, last 0.4 s ago); does it listen on 127.0.0.1 alone?';
  const told = 'connect refused on 172.20.0.2:8080 (12 times, last 0.4 s ago)';
  const backendState = () => ({ state: 'starting', reason: told }) as const;
  const { ask } = await adminOver(t, { containers: [app()], backendState });
  const [route] = (await ask('/routes')).json<RoutesBody>().routes;
  assert.deepEqual([route?.state, route?.why], ['down', `app-1 is starting (${reason})`]);
  assert.deepEqual([route?.pool.backends[0]?.state, route?.pool.backends[0]?.reason], ['starting', reason]);
  const explained = (await ask('/explain?url=app.example.com')).json<ExplainView>();
  assert.equal(explained.answer?.reason, 'backend-starting');
  assert.deepEqual([explained.backends[0]?.takes, explained.backends[0]?.reason], [false, reason]);
  for (const path of ['/routes?format=text', '/explain?url=app.example.com&format=text'])
    assert.ok((await ask(path)).body.replaceAll(/\s+/g, ' ').includes(reason), path);
});

test('a route whose every backend fails is degraded, with what failed and what to do, wherever it is shown', async (t) => {
  const containers = [labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.health': 'off' }, { name: 'app-1' })];
  const [built] = view({ containers }).built().table.routes;
  const [backend] = built?.serving.kind === 'pool' ? built.serving.backends : [];
  const connections = { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 };
  const ejected = new Set([peerId(backend ?? assert.fail())]);
  const traffic: Traffic = { connections, routes: {}, peers: {}, ejected };
  const lastFailure = () => ({ reason: 'backend-refused' }) as FailedRequest;
  const { ask } = await adminOver(t, { containers, traffic, lastFailure });
  const cause =
    'connect refused on 172.20.0.2:8080 (3 tries within 30s); check proxy.port; does it listen on 127.0.0.1 alone?';
  const [route] = (await ask('/routes')).json<RoutesBody>().routes;
  assert.deepEqual([route?.state, route?.why], ['degraded', `every backend fails: ${cause}`]);
  assert.deepEqual([route?.pool.backends[0]?.state, route?.pool.backends[0]?.reason], ['ejected', cause]);
  const explained = (await ask('/explain?url=http://app.example.com')).json<ExplainView>();
  assert.equal(explained.picked, 'app-1');
  assert.ok(explained.pickedBy.endsWith(`; every backend fails: ${cause}`), explained.pickedBy);
  assert.deepEqual([explained.backends[0]?.state, explained.backends[0]?.reason], ['ejected', cause]);
  assert.match(
    (await ask('/routes?format=text')).body,
    /NOT LIVE\napp\.example\.com\/ is degraded: every backend fails/,
  );
  assert.match((await ask('/metrics')).body, /fairlead_backends\{state="ejected"\} 1/);
});

test('one backend of several that is left out makes its route degraded, and what is not known is not said', async (t) => {
  const labels = { 'proxy.host': 'app.example.com', 'proxy.health': 'off' };
  const containers = ['app-1', 'app-2'].map((name) => labelledContainer(labels, { name }));
  const [built] = view({ containers }).built().table.routes;
  const [, backend] = built?.serving.kind === 'pool' ? built.serving.backends : [];
  const connections = { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 };
  const ejected = new Set([peerId(backend ?? assert.fail())]);
  const { routes } = await routesOf(t, { containers, traffic: { connections, routes: {}, peers: {}, ejected } });
  const why = '1 of 2 take requests; app-2 is ejected (3 tries failed there within 30s)';
  assert.deepEqual([routes[0]?.state, routes[0]?.why], ['degraded', why]);
});
