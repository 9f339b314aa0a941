import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { bucketScope } from '../../src/limit/bucket-table.ts';
import type { ForesightQuestion } from '../../src/proxy/foresight.ts';
import type { Route } from '../../src/routing/table.ts';
import { aPolicy } from '../cache/builders.ts';
import { eventually } from '../support/engine.ts';
import { ask } from '../support/proxy-process.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';
import { quietPlane } from './quiet-plane.ts';

/** A data plane with one route to a backend that lets its answers be kept for ten minutes. */
async function plane(t: TestContext, policy: Partial<Route['policy']>, workers = 1) {
  const backend = createServer((request, response) => {
    response.setHeader('Cache-Control', request.url === '/stale' ? 'max-age=0, must-revalidate' : 'max-age=600');
    if (request.url === '/stale') response.setHeader('ETag', '"one"');
    response.end('answer');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => backend.once('listening', resolve));
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  let listening = 0;
  const { dataPlane, port } = await quietPlane(t, { workers, events: { onListening: () => listening++ } });
  const route = aRoute({
    id: 'app.test/',
    host: { kind: 'exact', text: 'app.test', name: 'app.test' },
    serving: { kind: 'pool', backends: [aBackend({ port: (backend.address() as AddressInfo).port })] },
  });
  dataPlane.publish({ version: 1, routes: [{ ...route, policy: { ...route.policy, ...policy } }] });
  dataPlane.start();
  await eventually('all serve', async () => listening > 0 && dataPlane.status().appliedVersion === 1);
  const question = (about: Partial<ForesightQuestion> = {}): ForesightQuestion => ({
    ...{ route: 'app.test/', method: 'GET', target: '/', host: 'app.test', path: about.target ?? '/', query: '' },
    ...{ port: null, scheme: 'http', clientAddress: '127.0.0.1', headers: [], bodyLength: 0, tunnel: false },
    ...about,
  });
  return {
    dataPlane,
    get: (path: string) => ask(port, path, { headers: { host: 'app.test' } }),
    foresee: async (about: Partial<ForesightQuestion> = {}) => dataPlane.inquiry.foresee(question(about)),
  };
}

test('what the cache would say is foreseen, and is the same the next time', async (t) => {
  const { get, foresee } = await plane(t, { cache: aPolicy() });
  const cache = async (about: Partial<ForesightQuestion> = {}) => (await foresee(about))?.foresights[0]?.cache;
  const missed = { word: 'MISS', status: null, refused: false, ageSeconds: null, ttlSeconds: null };
  for (let times = 0; times < 3; times++) assert.deepEqual(await cache(), missed);
  assert.equal((await get('/')).headers['x-cache-status'], 'MISS');
  for (let times = 0; times < 3; times++) {
    const hit = await cache();
    assert.deepEqual([hit?.word, hit?.status], ['HIT', 200]);
    assert.ok((hit?.ttlSeconds ?? 0) > 590);
  }
  assert.equal((await get('/')).headers['x-cache-status'], 'HIT');
  assert.equal((await cache({ method: 'POST' }))?.word, 'BYPASS');
  assert.equal(await cache({ tunnel: true }), null);
  assert.equal((await cache({ headers: ['Cache-Control', 'no-cache'] }))?.word, 'EXPIRED');
  assert.equal((await cache({ target: '/other', headers: ['Cache-Control', 'only-if-cached'] }))?.refused, true);
  assert.equal((await cache({ headers: ['Range', 'bytes=0-1'] }))?.status, 206);
  await get('/stale');
  assert.equal((await cache({ target: '/stale' }))?.word, 'EXPIRED');
});

test('all workers say what they would do, and nobody knows a route that is not there', async (t) => {
  const { foresee } = await plane(t, {}, 2);
  const told = await foresee();
  assert.equal(told?.workers, 2);
  assert.deepEqual(
    told?.foresights.map((one) => one?.pick.kind),
    ['peer', 'peer'],
  );
  assert.deepEqual((await foresee({ route: 'nowhere.test/' }))?.foresights, [null, null]);
});

test('a bucket is read without a token being taken', async (t) => {
  const limit = {
    ...{ scope: 'app.test/', rate: { count: 1, perMs: 3_600_000 }, burst: 1, delay: false, status: 429 },
    key: { kind: 'ip' } as const,
  };
  const { dataPlane, get } = await plane(t, { guards: { ...aRoute().policy.guards, limit } });
  const backlog = () => dataPlane.inquiry.backlog(bucketScope('app.test/'), '127.0.0.1');
  for (let times = 0; times < 5; times++) assert.equal(await backlog(), 0);
  assert.deepEqual([(await get('/')).status, (await get('/')).status], [200, 200]);
  assert.ok(((await backlog()) ?? 0) > 1.9 * 3_600_000);
  assert.equal((await get('/')).status, 429);
});

test('a data plane that is not there is not waited for', async (t) => {
  const { dataPlane } = await quietPlane(t, { workers: 1 });
  assert.equal(await dataPlane.inquiry.backlog(1, 'key'), null);
});
