import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NumbersView, OverviewView, RouteDetailView } from '../../src/admin/live/live-view.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { type EventStream, listenTo } from '../support/event-stream.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

/** Takes events until one of that name is as wanted. */
async function heard<View>(stream: EventStream, name: string, isWanted: (view: View) => boolean): Promise<View> {
  for (;;) {
    const event = await stream.next();
    assert.ok(event !== null, `the stream ended before such an event ${name}`);
    const view = event.data as unknown as View;
    if (event.event === name && isWanted(view)) return view;
  }
}

test('whoever looks on sees why a container has no route, until it goes', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const stream = await listenTo(t, { port: proxy.adminPort, path: '/live' });
  const begin = async (labels: Record<string, string>, start = true) => {
    const container = await engine.container({ labels, start });
    return { container, name: (await container.inspect()).Name.slice(1) };
  };
  const misspelt = await begin({ 'porxy.host': host });
  const hidden = await begin({ 'proxy.host': host, 'proxy.enable': 'false' });
  const broken = await begin({ 'proxy.host': host, 'proxy.path': '~(' }, false);
  const routed = await begin({ 'proxy.host': host });
  const all = [misspelt, hidden, broken, routed];
  const { unrouted } = await heard<OverviewView>(stream, 'overview', (view) =>
    all.slice(0, 3).every(({ name }) => view.unrouted.some(({ container }) => container === name)),
  );
  const of = ({ name }: { name: string }) => {
    const one = unrouted.find(({ container }) => container === name);
    return one === undefined ? null : [one.state, one.why, one.suggestion];
  };
  assert.deepEqual(of(misspelt), [
    ...['running', '`porxy.host`: expected: a label that begins with `proxy.`: this one is not read'],
    'did you mean `proxy.host`?',
  ]);
  assert.deepEqual(of(hidden), ['running', '`proxy.enable=false` hides it', '']);
  assert.deepEqual(of(broken)?.[0], 'created');
  assert.match(of(broken)?.[1] ?? '', /^`proxy\.path=~\(`: expected: /);
  assert.equal(of(routed), null);
  assert.match(
    (await proxy.admin('/routes?format=text')).body,
    new RegExp(`\nUNROUTED\n(.*\n)*${hidden.name} \\(running\\)`),
  );
  await hidden.container.remove({ force: true });
  await heard<OverviewView>(
    stream,
    'overview',
    (view) => !view.unrouted.some(({ container }) => container === hidden.name),
  );
});

test('whoever looks at a route sees its rate, its latency and the requests that failed, also without a log', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.log': 'off', 'proxy.limit': '1/m burst=5' };
  const { container } = await hostBackend(t, engine, {
    labels,
    answer: (incoming, response) => {
      response.statusCode = incoming.url?.startsWith('/broken') ? 500 : 200;
      response.end('hello');
    },
  });
  const name = (await container.inspect()).Name.slice(1);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  await proxy.backend(host, 'healthy');
  const id = `${host}/`;
  const stream = await listenTo(t, { port: proxy.adminPort, path: `/live?route=${encodeURIComponent(id)}` });
  const first = await heard<RouteDetailView>(stream, 'route', () => true);
  assert.deepEqual([first.route?.state, first.failures, first.numbers?.p95], ['live', [], null]);
  const statuses: number[] = [];
  for (const path of ['/', '/', '/', '/', '/broken?token=secret', '/', '/late'])
    statuses.push((await proxy.get(host, path)).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 500, 200, 429]);
  const { failures, numbers } = await heard<RouteDetailView>(stream, 'route', (view) => view.failures.length === 2);
  const of = (status: number) => failures.find((failure) => failure.status === status);
  const broken = of(500);
  assert.deepEqual([broken?.path, broken?.reason, broken?.container, broken?.tries], ['/broken', null, name, 1]);
  const refused = of(429);
  assert.deepEqual(
    [refused?.path, refused?.reason, refused?.container, refused?.tries],
    ['/late', 'rate-limited', null, 0],
  );
  assert.deepEqual([numbers?.requests, numbers?.s2xx, numbers?.s4xx, numbers?.s5xx], [7, 5, 1, 1]);
  assert.ok((numbers?.perSecond ?? 0) > 0 && (numbers?.p95 ?? 0) >= (numbers?.p50 ?? Number.NaN));
  const { stats } = (await proxy.route(host)) ?? assert.fail();
  assert.ok(stats.p95 !== null && stats.p99 !== null && stats.perSecond > 0);
  const detail = await eventually('its first slot has ended', async () => {
    const { status, body } = await proxy.admin(`/route?id=${encodeURIComponent(id)}`);
    assert.equal(status, 200);
    const view = JSON.parse(body) as RouteDetailView;
    return view.history.at.length > 0 ? view : undefined;
  });
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const { s2xx, s4xx, s5xx } = detail.history;
  assert.deepEqual([sum(s2xx), sum(s4xx), sum(s5xx)], [5, 1, 1]);
  assert.doesNotMatch(JSON.stringify(detail), /secret/);
  await heard<NumbersView>(stream, 'numbers', ({ connections }) => connections.requests >= 7);
});
