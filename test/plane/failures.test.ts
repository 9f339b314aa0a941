import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DataPlaneEvents } from '../../src/plane/data-plane-options.ts';
import { FailureBook, failingRoutesMax } from '../../src/plane/failure-book.ts';
import { FailurePassage } from '../../src/plane/failure-passage.ts';
import { FailureTeller } from '../../src/plane/failure-teller.ts';
import type { FailuresMessage } from '../../src/plane/messages.ts';
import { SlowBook, slowRoutesMax } from '../../src/plane/slow-book.ts';
import type { FailedRequest } from '../../src/proxy/failed-request.ts';
import type { Journey } from '../../src/proxy/journey.ts';
import { type SlowRequest, slowFromMs } from '../../src/proxy/slow-request.ts';
import type { RoutePolicy } from '../../src/routing/table.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { rawClient } from '../support/raw-client.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';
import { quietPlane } from './quiet-plane.ts';

function aJourney(route: string, status = 502, about: Partial<Journey> = {}): Journey {
  return {
    ...{ requestId: 'id', method: 'GET', target: '/', status, reason: 'backend-reset' },
    ...{ live: { route: { id: route } }, client: { address: '203.0.113.9' }, peer: null },
    ...{ startedMs: 0, upstreamMs: null, tries: 1, waitMs: 0, responseBytes: 0 },
    ...about,
  } as unknown as Journey;
}

/** A worker's teller, and what it has said. */
function aTeller() {
  const clock = new FakeClock();
  const said: FailuresMessage[] = [];
  return { clock, said, teller: new FailureTeller({ clock, say: (message) => said.push(message) }) };
}

test('failures of half a second are told together, and then nothing until there are others', () => {
  const { clock, said, teller } = aTeller();
  assert.equal(clock.pending, 0);
  teller.note(aJourney('a/'), 12.345);
  clock.advance(499);
  teller.note(aJourney('b/'), 20);
  assert.equal(said.length, 0);
  clock.advance(1);
  assert.deepEqual(
    said.map(({ failed, more }) => [failed.map(({ route, request }) => [route, request.totalMs]), more]),
    [
      [
        [
          ['a/', 12.35],
          ['b/', 20],
        ],
        0,
      ],
    ],
  );
  clock.advance(10_000);
  assert.deepEqual([said.length, clock.pending], [1, 0]);
});

test('a route that fails all the time leaves room for others, and its refusals for what is worse', () => {
  const { clock, said, teller } = aTeller();
  for (let i = 0; i < 10_000; i++) teller.note(aJourney('flooded/', 429, { reason: 'rate-limited' }), 1);
  teller.note(aJourney('flooded/', 502), 1);
  teller.note(aJourney('other/', 500, { reason: null }), 1);
  clock.advance(500);
  const [message] = said;
  assert.deepEqual(
    [message?.failed.length, message?.more, message?.failed.slice(-2).map(({ request }) => request.status)],
    [17, 9_985, [502, 500]],
  );
});

test('a worker tells fifty at a time at most, and counts the rest', () => {
  const { clock, said, teller } = aTeller();
  for (let i = 0; i < 80; i++) teller.note(aJourney(`${i}/`), 1);
  teller.hand();
  clock.advance(10_000);
  assert.deepEqual(
    said.map(({ failed, more }) => [failed.length, more]),
    [[50, 30]],
  );
});

test('slow requests are told apart from failed ones, ten a second of a route, and push none of those out', () => {
  const { clock, said, teller } = aTeller();
  const slow = (route: string) => aJourney(route, 200, { reason: null });
  for (let i = 0; i < 1_000; i++) teller.note(slow('slow/'), 1_000);
  for (let i = 0; i < 1_000; i++) teller.note(slow(`${i}/`), 1_000);
  for (let i = 0; i < 15; i++) teller.note(aJourney('slow/'), 1_000);
  teller.note(slow('quick/'), 999);
  clock.advance(500);
  const [first] = said;
  assert.deepEqual([first?.failed.length, first?.more, first?.slow.length], [15, 0, 20]);
  assert.equal(first?.slow.filter(({ route }) => route === 'slow/').length, 5);
  clock.advance(10_000);
  assert.deepEqual([said.length, clock.pending], [1, 0]);
});

test('what has no route, went well or was left by its client is not told', () => {
  const { clock, said, teller } = aTeller();
  teller.note(aJourney('a/', 404, { live: null }), 1);
  teller.note(aJourney('a/', 499, { reason: 'client-aborted' }), 1);
  teller.note(aJourney('a/', 302, { reason: 'auth-required' }), 1);
  teller.note(aJourney('a/', 404, { reason: null }), 1);
  clock.advance(10_000);
  assert.deepEqual(said, []);
});

test('a path is cut, and a name and password in an address are hidden', () => {
  const { clock, said, teller } = aTeller();
  teller.note(aJourney('a/', 502, { target: `/${'x'.repeat(300)}` }), 1);
  teller.note(aJourney('a/', 502, { target: 'http://ann:secret@app.test/a?b=c' }), 1);
  clock.advance(500);
  const paths = said[0]?.failed.map(({ request }) => request.path);
  assert.deepEqual(paths, [`/${'x'.repeat(198)}…`, 'http://***@app.test/a']);
});

test('what a busy control plane does not take is counted, and told with what it takes next', () => {
  const takes: (() => void)[] = [];
  const sent: FailuresMessage[] = [];
  const passage = new FailurePassage((message, taken) => {
    sent.push(message);
    takes.push(taken);
  });
  const request = { status: 502 } as FailedRequest;
  const failed = [{ route: 'a/', request }];
  for (let i = 0; i < 10; i++) passage.pass({ type: 'failures', failed, more: 2, slow: [] });
  assert.equal(sent.length, 8);
  takes[0]?.();
  passage.pass({ type: 'failures', failed, more: 0, slow: [] });
  assert.deepEqual([sent.length, sent[8]?.more], [9, 6]);
});

/** A failed request at the i-th second. */
const at = (i: number, status = 502) =>
  ({ at: new Date(i * 1_000).toISOString(), status, requestId: `${i}` }) as FailedRequest;
const message = (route: string, ...requests: FailedRequest[]): FailuresMessage => ({
  ...{ type: 'failures', more: 1 },
  failed: requests.map((request) => ({ route, request })),
  slow: [],
});

test('of each route the last fifty are kept, the newest first', () => {
  const book = new FailureBook();
  for (let i = 0; i < 60; i++) book.hear(message('a/', at(i)));
  book.hear(message('b/', at(1)));
  const ids = book.of('a/').map(({ requestId }) => requestId);
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [50, '59', '10']);
  assert.deepEqual([book.of('b/').length, book.of('c/'), book.untold], [1, [], 61]);
});

test('refusals do not push out what has broken, nor the other way round', () => {
  const book = new FailureBook();
  for (let i = 0; i < 10; i++) book.hear(message('a/', at(i)));
  for (let i = 10; i < 1_000; i++) book.hear(message('a/', at(i, 401)));
  const shares = () => [book.of('a/').filter(({ status }) => status === 502).length, book.of('a/').length];
  assert.deepEqual(shares(), [10, 50]);
  for (let i = 1_000; i < 2_000; i++) book.hear(message('a/', at(i)));
  assert.deepEqual(shares(), [25, 50]);
});

test('failures are kept of a thousand routes, those that failed last', () => {
  const book = new FailureBook();
  for (let i = 0; i < failingRoutesMax; i++) book.hear(message(`${i}/`, at(i)));
  book.hear(message('0/', at(1)));
  book.hear(message('new/', at(2)));
  assert.deepEqual(
    ['0/', '1/', '2/', 'new/'].map((route) => book.of(route).length),
    [2, 0, 1, 1],
  );
});

test('of each of a thousand routes the last twenty slow requests are kept, the newest first', () => {
  const book = new SlowBook();
  const hear = (route: string, i: number) => {
    const request = { at: new Date(i * 1_000).toISOString(), requestId: `${i}` } as SlowRequest;
    book.hear({ ...message(route), slow: [{ route, request }] });
  };
  for (let i = 0; i < 30; i++) hear('a/', i);
  const ids = book.of('a/').map(({ requestId }) => requestId);
  assert.deepEqual([ids.length, ids[0], ids.at(-1), book.of('b/')], [20, '29', '10', []]);
  for (let i = 1; i < slowRoutesMax; i++) hear(`${i}/`, i);
  hear('a/', 30);
  hear('new/', 31);
  assert.deepEqual(
    ['a/', '1/', '2/', 'new/'].map((route) => book.of(route).length),
    [20, 0, 1, 1],
  );
});

/** Two workers that serve app.test from a backend, and tell of what failed or was slow. @returns the port. */
async function servingPlane(
  t: TestContext,
  backend: RawBackend,
  about: { readonly onFailures: DataPlaneEvents['onFailures']; readonly policy?: Partial<RoutePolicy> },
): Promise<number> {
  let isListening = false;
  const onListening = (): void => {
    isListening = true;
  };
  const { onFailures } = about;
  const { dataPlane, port } = await quietPlane(t, { workers: 2, events: { onListening, onFailures } });
  const serving = { kind: 'pool', backends: [aBackend({ id: 'c', container: 'app-1', port: backend.port })] } as const;
  const policy = { ...aRoute().policy, ...about.policy };
  const host = { kind: 'exact', text: 'app.test', name: 'app.test' } as const;
  dataPlane.publish({ version: 1, routes: [aRoute({ id: 'app.test/', host, serving, policy })] });
  dataPlane.start();
  await eventually('it serves', async () => isListening && dataPlane.status().appliedVersion === 1);
  return port;
}

test('requests that fail in any worker come to the control plane, whatever is logged', async (t) => {
  const backend = (await RawBackend.open(t)).always('HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n');
  const book = new FailureBook();
  const port = await servingPlane(t, backend, {
    onFailures: (failures) => book.hear(failures),
    policy: { accessLog: 'off' },
  });
  for (let i = 0; i < 20; i++) {
    const client = await rawClient(t, port);
    client.write(`GET /${i}?token=secret HTTP/1.1\r\nHost: app.test\r\n\r\n`);
    await client.head();
  }
  await eventually('all have come', async () => book.of('app.test/').length === 20);
  const failures = book.of('app.test/');
  assert.deepEqual(
    new Set(failures.map(({ container, status, reason }) => `${container} ${status} ${reason}`)),
    new Set(['app-1 500 null']),
  );
  assert.deepEqual(failures.map(({ path }) => path).sort(), Array.from({ length: 20 }, (_, i) => `/${i}`).sort());
});

test('requests that are slow in any worker come to the control plane', async (t) => {
  const backend = await RawBackend.open(t);
  const book = new SlowBook();
  const port = await servingPlane(t, backend, { onFailures: (failures) => book.hear(failures) });
  const client = await rawClient(t, port);
  client.write('GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n');
  const upstream = await backend.next();
  await upstream.head();
  setTimeout(() => upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), slowFromMs + 50);
  await client.head();
  const [slow] = await eventually('it has come', async () => {
    const requests = book.of('app.test/');
    return requests.length > 0 ? requests : undefined;
  });
  const { path, container, upstreamMs, totalMs, bytes } = slow ?? assert.fail();
  assert.deepEqual([path, container, bytes], ['/slow', 'app-1', 2]);
  assert.ok((upstreamMs ?? 0) >= slowFromMs && totalMs >= (upstreamMs ?? 0));
});
