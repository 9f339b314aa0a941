import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { aPolicy } from '../cache/builders.ts';
import { eventually } from '../support/engine.ts';
import { ask } from '../support/proxy-process.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';
import { quietPlane } from './quiet-plane.ts';

const large = 'x'.repeat(3_000_000);
const anything = { host: null, path: null, prefix: null, tag: null };

/** Two workers in front of a backend that counts, and a directory that outlives them. */
async function plane(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'fl-plane-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  let asked = 0;
  const held = Promise.withResolvers<void>();
  const backend = createServer((request, response) => {
    asked++;
    response.setHeader('Cache-Control', 'max-age=600');
    response.setHeader('Cache-Tag', 'all');
    const body = request.url === '/large' ? large : `answer ${asked}`;
    if (request.url === '/held') void held.promise.then(() => response.end(body));
    else response.end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => backend.once('listening', resolve));
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  let listening = 0;
  const events = { onListening: () => listening++ };
  const { dataPlane, port } = await quietPlane(t, { workers: 2, cacheBytesMax: 2 ** 27, dataDir, events });
  const route = aRoute({
    id: 'app.test/',
    host: { kind: 'exact', text: 'app.test', name: 'app.test' },
    serving: { kind: 'pool', backends: [aBackend({ port: (backend.address() as AddressInfo).port })] },
  });
  const policy = { ...route.policy, cache: aPolicy() };
  dataPlane.publish({ version: 1, routes: [{ ...route, policy }] });
  dataPlane.start();
  const serving = (times: number) =>
    eventually('all workers serve', async () => listening >= times && dataPlane.status().appliedVersion === 1);
  await serving(1);
  const get = async (path: string, method = 'GET') => {
    const { headers, body } = await ask(port, path, { method, headers: { host: 'app.test' } });
    return { word: headers['x-cache-status'], body };
  };
  return {
    dataPlane,
    serving,
    get,
    asked: () => asked,
    /** What is held back until then. */
    hold: { release: () => held.resolve() },
    /** Asks on so many connections that both workers get some, and says in which words they were answered. */
    async words(path: string): Promise<readonly unknown[]> {
      const answers = [];
      for (let i = 0; i < 32; i++) answers.push((await get(path)).word);
      return [...new Set(answers)];
    },
    /** Waits until the answer to a path is on disk for all to see. */
    async stored(path: string): Promise<void> {
      await get(path);
      await eventually('all workers have it', async () => {
        const before = asked;
        for (let i = 0; i < 32; i++) await get(path);
        return asked === before;
      });
    },
  };
}

test('what one worker has fetched is there for all', async (t) => {
  const { stored, words } = await plane(t);
  for (const path of ['/small', '/large']) {
    await stored(path);
    assert.deepEqual(await words(path), ['HIT']);
  }
});

test('it is still there after the data plane was killed', async (t) => {
  const { stored, get, words, dataPlane, serving, asked } = await plane(t);
  await stored('/small');
  await stored('/large');
  const before = asked();
  process.kill(dataPlane.status().pid ?? 0, 'SIGKILL');
  await serving(2);
  assert.deepEqual(await words('/small'), ['HIT']);
  const answer = await get('/large');
  assert.equal(answer.word, 'HIT');
  assert.equal(answer.body, large);
  assert.equal(asked(), before);
});

test('all workers together fetch once what all ask for at the same time', async (t) => {
  const { get, asked, hold } = await plane(t);
  const answers = Array.from({ length: 32 }, () => get('/held'));
  await eventually('it is fetched', async () => asked() > 0);
  hold.release();
  const bodies = (await Promise.all(answers)).map(({ body }) => body);
  assert.deepEqual([...new Set(bodies)], ['answer 1']);
  assert.equal(asked(), 1);
});

test('a change that one worker has passed on is known to all', async (t) => {
  const { stored, get } = await plane(t);
  await stored('/small');
  const { body: old } = await get('/small');
  assert.equal((await get('/small', 'POST')).word, 'BYPASS');
  await eventually('no worker has it any more', async () => {
    const bodies = [];
    for (let i = 0; i < 32; i++) bodies.push((await get('/small')).body);
    return !bodies.includes(old);
  });
});

test('a purge reaches all workers and the disk, and is over when it is answered', async (t) => {
  const { stored, get, dataPlane } = await plane(t);
  await stored('/a');
  await stored('/b');
  await stored('/large');
  const [{ body: a }, { body: b }] = [await get('/a'), await get('/b')];
  const numbers = await dataPlane.cache({ ...anything, path: '/a', beforeMs: Date.now() }, 30_000);
  assert.equal(numbers?.purged, 1);
  for (let i = 0; i < 32; i++) assert.notEqual((await get('/a')).body, a);
  assert.equal((await get('/b')).body, b);
  const all = await dataPlane.cache({ ...anything, tag: 'ALL', beforeMs: Date.now() }, 30_000);
  assert.equal(all?.purged, 3);
  assert.equal(all?.memory.entries, 0);
  for (let i = 0; i < 32; i++) assert.notEqual((await get('/b')).body, b);
});

test('what it holds is told, over all workers', async (t) => {
  const { stored, dataPlane } = await plane(t);
  await stored('/large');
  const numbers = await dataPlane.cache(null, 30_000);
  assert.ok((numbers?.disk?.bytes ?? 0) > large.length);
  assert.equal(numbers?.disk?.bytesMax, 2 ** 27);
  assert.equal(numbers?.purged, 0);
});

test('the words of its answers are counted for the route', async (t) => {
  const { stored, words, dataPlane } = await plane(t);
  await stored('/small');
  await words('/small');
  await eventually('they are counted', async () => {
    const { cache } = (await dataPlane.numbers.traffic(5_000)).routes['app.test/'] ?? {};
    return cache !== undefined && cache.HIT >= 32 && cache.MISS >= 1;
  });
});
