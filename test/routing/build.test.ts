import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../src/labels/problem.ts';
import { fc } from '../support/properties.ts';
import { backends, build, closing, ids, inContainer, type Labelled, labelled, type SpecText } from './builders.ts';

function texts(problems: readonly Problem[]): string[] {
  return problems.map(({ container, label, expected }) => `${container} ${label}: ${expected}`);
}

test('a container with a host becomes a route with one backend', () => {
  const built = build([labelled({}, { name: 'app', service: 'web' })]);
  assert.deepEqual(ids(built), ['app.example.com/']);
  const [backend] = backends(built, 'app.example.com/');
  assert.deepEqual(
    [backend?.container, backend?.service, backend?.host, backend?.port, backend?.state, backend?.weight],
    ['app', 'web', '172.20.0.2', 8080, 'healthy', 1],
  );
  assert.deepEqual(built.problems, []);
  assert.equal(built.table.version, 1);
});

test('each host with each path is a route of its own', () => {
  const built = build([labelled({ host: 'a.example,b.example', path: '/x,=/y' })]);
  assert.deepEqual(ids(built), ['a.example=/y', 'a.example/x', 'b.example=/y', 'b.example/x']);
});

test('routes stand in matching order', () => {
  const specs: SpecText[] = [
    { name: 'a', host: '*', path: '/' },
    { name: 'b', host: '~^x', path: '/' },
    { name: 'c', host: '*.example.com', path: '/' },
    { name: 'd', host: '*.app.example.com', path: '/' },
    { name: 'e', path: '~^/r' },
    { name: 'f', path: '/' },
    { name: 'g', path: '/api' },
    { name: 'h', path: '/api/v1' },
    { name: 'i', path: '=/api' },
    { name: 'j', path: '/api', match: 'method=POST' },
    { name: 'k', path: '/api', match: 'method=PUT', priority: 1 },
    { name: 'l', path: '/api', match: 'method=PUT header:x' },
  ];
  assert.deepEqual(ids(build(specs.map((one) => labelled(one)))), [
    'app.example.com=/api',
    'app.example.com/api/v1',
    'app.example.com/api header:x method=PUT',
    'app.example.com/api method=PUT',
    'app.example.com/api method=POST',
    'app.example.com/api',
    'app.example.com~^/r',
    'app.example.com/',
    '*.app.example.com/',
    '*.example.com/',
    '~^x /',
    '*/',
  ]);
});

test('of routes that are alike the one of the oldest container comes first', () => {
  const old = labelled({ match: 'query:z' });
  const young = labelled({ match: 'query:a' });
  assert.deepEqual(ids(build([young, old])), ['app.example.com/ query:z', 'app.example.com/ query:a']);
});

test('the same host, path and match from several containers is one pool', () => {
  const built = build([
    labelled({}, { name: 'app-10', service: 'app' }),
    labelled({}, { name: 'app-2', service: 'app' }),
    labelled({ match: 'method=GET' }, { name: 'other' }),
  ]);
  assert.equal(built.table.routes.length, 2);
  assert.deepEqual(
    backends(built, 'app.example.com/').map(({ container }) => container),
    ['app-2', 'app-10'],
  );
});

test('predicates in another order are the same match', () => {
  const built = build([
    labelled({ match: 'method=GET,PUT header:X-A' }),
    labelled({ match: 'header:x-a method=PUT,GET' }),
  ]);
  assert.equal(built.table.routes.length, 1);
});

test('where options differ in a pool the newest container wins, and the problem names both with their values', () => {
  const old = labelled({ options: { retries: 3 } }, { name: 'old' });
  const young = labelled({ options: { retries: 0 } }, { name: 'young' });
  const built = build([young, old]);
  assert.equal(built.table.routes[0]?.policy.retries, 0);
  assert.equal(built.details.get('app.example.com/')?.winner.container.name, 'young');
  const [problem, ...more] = built.problems;
  assert.deepEqual(more, []);
  assert.deepEqual(
    [problem?.container, problem?.label, problem?.value, problem?.severity],
    ['old', 'proxy.retries', '3', 'warning'],
  );
  assert.match(problem?.expected ?? '', /young, the newest, has 0 and wins over 3 of old/);
});

test('where the newest container of a pool says nothing, the problem names the default as the documentation does', () => {
  const built = build([labelled({ options: { wait: 5_000 } }, { name: 'old' }), labelled({}, { name: 'young' })]);
  assert.match(built.problems[0]?.expected ?? '', /young, the newest, has the default 10s and wins over/);
});

test('a hundred containers that differ from the newest are one problem per option', () => {
  const old = Array.from({ length: 100 }, () => labelled({ options: { retries: 3 } }));
  const built = build([...old, labelled({ options: { retries: 0 } })]);
  assert.equal(built.problems.length, 1);
  assert.match(built.problems[0]?.expected ?? '', /and 99 more/);
});

test('what belongs to each container may differ in a pool', () => {
  const one = labelled({ options: { port: 1000, weight: 5, network: 'web', health: { kind: 'off' } } });
  const two = labelled({ options: { port: 2000, scheme: 'https', 'scheme.sni': 'inner' } });
  const built = build([one, two]);
  assert.deepEqual(built.problems, []);
  assert.deepEqual(
    backends(built, 'app.example.com/').map(({ port, weight, scheme, sni }) => [port, weight, scheme, sni]),
    [
      [1000, 5, 'http', null],
      [2000, 1, 'https', 'inner'],
    ],
  );
});

test('values of headers are not repeated in a problem', () => {
  const secret = [{ name: 'Authorization', value: 'Bearer hush', how: 'set' }] as const;
  const built = build([labelled({ options: { reqheader: secret } }), labelled({})]);
  assert.equal(built.problems.length, 1);
  assert.doesNotMatch(JSON.stringify(built.problems), /hush/);
});

test('an option of time that is not set follows proxy.timeout', () => {
  const built = build([labelled({ options: { timeout: 7000, 'timeout.send': 5 } })]);
  const { readMs, sendMs } = built.table.routes[0]?.policy ?? {};
  assert.deepEqual([readMs, sendMs], [7000, 5]);
});

test('proxy.strip removes the prefix of the path, or the one that is named', () => {
  const strip = (path: string, value: boolean | string) =>
    build([labelled({ path, options: { strip: value } })]).table.routes[0]?.policy.strip;
  assert.deepEqual(
    [strip('/api', true), strip('/', true), strip('=/api/x', true), strip('/api', '/v1/'), strip('/api', false)],
    ['/api', '', '/api/x', '/v1', ''],
  );
  const built = build([labelled({ path: '~^/v[0-9]', options: { strip: true } })]);
  assert.match(built.problems[0]?.expected ?? '', /is a pattern and has none/);
});

test('proxy.redirect answers without a backend, and then nobody asks for a port', () => {
  const redirect = { status: 302, location: 'https://else.example{uri}' };
  const built = build([labelled({ options: { redirect } }, { exposedPorts: [] })]);
  assert.deepEqual(built.table.routes[0]?.serving, { kind: 'redirect', ...redirect });
  assert.deepEqual(built.problems, []);
});

test('what is for a backend alone has no part in a redirect: a path that none would get is redirected all the same', () => {
  const rewrite = { kind: 'regex', source: '^/api/(.*)$', replacement: '$1' } as const;
  const reqheader = [{ name: 'X-A', value: 'b', how: 'set' }] as const;
  const forBackends = { strip: '/api', rewrite, reqheader };
  const redirect = { status: 302, location: 'https://else.example{uri}' };
  const built = build([labelled({ alias: 'www.example.com', options: { ...forBackends, redirect } })]);
  assert.equal(built.table.routes.length, 2);
  for (const { policy } of built.table.routes)
    assert.deepEqual([policy.strip, policy.rewrite, policy.requestHeaders], ['', null, []]);
});

test('a route whose containers all lack a port keeps its place with unreachable backends', () => {
  const built = build([labelled({}, { name: 'a', exposedPorts: [] }), labelled({}, { name: 'b', exposedPorts: [] })]);
  assert.deepEqual(
    backends(built, 'app.example.com/').map(({ state }) => state),
    ['unreachable', 'unreachable'],
  );
  assert.deepEqual(
    built.problems.map(({ container, label }) => [container, label]),
    [
      ['a', 'proxy.port'],
      ['b', 'proxy.port'],
    ],
  );
});

test('a container with many routes complains of its port once', () => {
  const built = build([labelled({ host: 'a.example,b.example', path: '/x,/y' }, { exposedPorts: [1000, 2000] })]);
  assert.equal(built.problems.length, 1);
  assert.equal(built.details.get('a.example/x')?.problems.length, 1);
});

test('a protective label that cannot be honoured closes its route', () => {
  const built = build([labelled({ closedBy: [closing] }), labelled({ host: 'open.example' })]);
  assert.deepEqual(built.details.get('app.example.com/')?.route.serving, { kind: 'refuse', reason: 'label-invalid' });
  assert.equal(built.details.get('open.example/')?.route.serving.kind, 'pool');
  assert.deepEqual(built.problems, [closing]);
});

test('a new container with a bad label closes the pool, and so does an old one', () => {
  const kind = (readings: Parameters<typeof build>[0]) => build(readings).table.routes[0]?.serving.kind;
  assert.equal(kind([labelled({}), labelled({ closedBy: [closing] })]), 'refuse');
  assert.equal(kind([labelled({ closedBy: [closing] }), labelled({})]), 'refuse');
});

test('a container that has ended or is leaving neither closes the route of its successor nor changes its options', () => {
  for (const about of [{ state: 'exited' }, { state: 'removed' }, { stopping: true }] as const) {
    const left = labelled({ closedBy: [closing], options: { retries: 9 } }, { ...about, createdMs: 1e12 });
    const built = build([labelled({}), left]);
    assert.equal(built.table.routes[0]?.serving.kind, 'pool');
    assert.equal(built.table.routes[0]?.policy.retries, 1);
  }
});

test('a closed route stays closed while its only container is down', () => {
  for (const state of ['created', 'exited', 'removed'] as const) {
    assert.equal(build([labelled({ closedBy: [closing] }, { state })]).table.routes[0]?.serving.kind, 'refuse');
  }
});

test('a removed container lingers only where nobody else has the route', () => {
  const gone = labelled({}, { name: 'gone', state: 'removed' });
  assert.equal(backends(build([gone]), 'app.example.com/')[0]?.reason, 'the container was removed');
  const names = backends(build([gone, labelled({}, { name: 'here' })]), 'app.example.com/').map(
    ({ container }) => container,
  );
  assert.deepEqual(names, ['here']);
});

test('a route knows when something last changed in the lives of its containers, those that have a successor included', () => {
  const here = labelled({}, { changedMs: 5 });
  const gone = labelled({}, { changedMs: 7, state: 'removed' });
  const changedMs = (readings: readonly Labelled[]) => build(readings).table.routes[0]?.changedMs;
  assert.equal(changedMs([here]), 5);
  assert.equal(changedMs([gone, here]), 7);
  assert.equal(changedMs([gone]), 7);
  assert.equal(backends(build([gone, here]), 'app.example.com/')[0]?.changedMs, 5);
});

test('an alias is a permanent redirect to the first exact host', () => {
  const built = build([labelled({ host: '*.example.com,app.example.com', alias: 'www.example.org', path: '/api' })]);
  const detail = built.details.get('www.example.org/');
  assert.deepEqual(detail?.route.serving, {
    kind: 'redirect',
    status: 308,
    location: '{scheme}://app.example.com{port}{uri}',
  });
  assert.equal(detail?.aliasOf, 'app.example.com');
});

test('the alias of the base is not claimed again by routes that inherit it', () => {
  const alias = 'www.example.org';
  const built = build([labelled([{ name: 'api', host: 'api.example.com', alias }, { alias }])]);
  assert.equal(built.details.get('www.example.org/')?.aliasOf, 'app.example.com');
  assert.deepEqual(built.problems, []);
});

test('a host wins over an alias of the same name, and the alias is a problem', () => {
  const built = build([
    labelled({ alias: 'www.example.org' }, { name: 'a' }),
    labelled({ host: 'www.example.org' }, { name: 'b' }),
  ]);
  assert.equal(built.details.get('www.example.org/')?.route.serving.kind, 'pool');
  assert.deepEqual(texts(built.problems), [
    'a proxy.alias: a name that nobody serves: www.example.org is a host of container b, and that wins',
  ]);
});

test('an alias wins over a host that only lingers', () => {
  const built = build([
    labelled({ alias: 'www.example.org' }),
    labelled({ host: 'www.example.org' }, { state: 'removed' }),
  ]);
  assert.equal(built.details.get('www.example.org/')?.route.serving.kind, 'redirect');
  assert.deepEqual(built.problems, []);
});

test('an alias of an IPv6 host leads to it in brackets', () => {
  const built = build([labelled({ host: '[::1]', alias: 'six.localhost' })]);
  assert.deepEqual(ids(built), ['[::1]/', 'six.localhost/']);
  assert.equal(built.details.get('six.localhost/')?.aliasOf, '[::1]');
});

test('an alias without an exact host to go to is a problem', () => {
  const built = build([labelled({ host: '*.example.com', alias: 'www.example.org' })]);
  assert.deepEqual(ids(built), ['*.example.com/']);
  assert.match(built.problems[0]?.expected ?? '', /an exact host to redirect to/);
});

test('an alias that two containers send to different hosts goes where the newest says, and is a problem', () => {
  const alias = 'www.example.org';
  const built = build([
    labelled({ host: 'a.example', alias }, { name: 'a' }),
    labelled({ host: 'b.example', alias }, { name: 'b' }),
  ]);
  assert.equal(built.details.get('www.example.org/')?.aliasOf, 'b.example');
  assert.match(
    built.problems[0]?.expected ?? '',
    /b, the newest, redirects it to b\.example and wins over a\.example of a/,
  );
});

test('a route that another one of its container hides is a problem', () => {
  const built = build([labelled([{}, { name: 'api' }], { name: 'app' })]);
  assert.deepEqual(ids(built), ['app.example.com/']);
  assert.match(texts(built.problems)[0] ?? '', /^app proxy\.api\.path: .*proxy\.api is never reached/);
  const higher = build([labelled([{}, { name: 'api', priority: 1 }])]);
  assert.equal(higher.table.routes[0]?.name, 'api');
});

test('a route that hides a closed one is closed', () => {
  assert.equal(build([labelled([{}, { name: 'api', closedBy: [closing] }])]).table.routes[0]?.serving.kind, 'refuse');
});

test('a route shows the problems of its own labels, not those of its siblings', () => {
  const ofApi = { ...closing, label: 'proxy.api.retries', value: 'x' };
  const ofAll = { ...closing, label: 'proxy.hots', value: 'y' };
  const built = build([labelled([{}, { name: 'api', path: '/api' }], {}, [ofApi, ofAll])]);
  assert.deepEqual(built.details.get('app.example.com/')?.problems, [ofAll]);
  assert.deepEqual(built.details.get('app.example.com/api')?.problems, [ofApi, ofAll]);
  assert.deepEqual(built.problems, [ofApi, ofAll]);
});

test('networks are looked up where the proxy is', () => {
  const built = build([labelled({}, { name: 'app' })], inContainer(['edge']));
  assert.equal(backends(built, 'app.example.com/')[0]?.state, 'unreachable');
  assert.equal(built.problems[0]?.suggestion, 'docker network connect web fairlead');
});

const anySpec = fc.record({
  name: fc.constantFrom('', 'api', 'b'),
  host: fc.constantFrom('a.example', 'a.example,b.example', '*.example', '~^a/b', '*', 'c.example'),
  path: fc.constantFrom('/', '/api', '/,/api', '=/api', '~^/a b', '*.js'),
  match: fc.constantFrom('', 'method=GET', 'header:x method=GET'),
  alias: fc.constantFrom('www.example', 'a.example', 'c.example,d.example'),
  priority: fc.integer({ min: 0, max: 1 }),
  closedBy: fc.constantFrom([], [], [closing]),
});
const anyReading = fc.tuple(
  fc.uniqueArray(anySpec, { maxLength: 3, selector: ({ name }) => name }),
  fc.record({
    state: fc.constantFrom('running', 'exited', 'removed'),
    exposedPorts: fc.constantFrom([], [80], [1, 2]),
  }),
);

test('a table depends on what the containers ask for, not on the order in which they are listed', () => {
  fc.assert(
    fc.property(fc.array(anyReading, { maxLength: 6 }), fc.nat(), (asked, shift) => {
      const readings = asked.map(([specs, about]) => labelled(specs, about));
      const at = readings.length === 0 ? 0 : shift % readings.length;
      const built = build(readings);
      assert.deepEqual(build([...readings.slice(at), ...readings.slice(0, at)]), built);
      const all = ids(built);
      assert.equal(new Set(all).size, all.length);
      assert.deepEqual([...built.details.keys()], all);
    }),
  );
});
