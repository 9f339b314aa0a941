import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PurgeRule } from '../../src/cache/purge.ts';
import { adminOver } from './admin-world.ts';

const numbers = { memory: { bytes: 10, entries: 1 }, disk: { bytes: 20, entries: 2, bytesMax: 30 }, purged: 3 };

test('the cache tells what it holds', async (t) => {
  const { ask } = await adminOver(t, { cache: async () => numbers });
  const { memory, disk } = numbers;
  assert.deepEqual((await ask('/cache')).json(), { memory, disk });
  assert.match(
    (await ask('/cache?format=text')).body,
    /memory {2}1 entries, 10 bytes\ndisk {4}2 entries, 20 of 30 bytes/,
  );
});

test('a purge is told as it was meant', async (t) => {
  const rules: (PurgeRule | null)[] = [];
  const { ask } = await adminOver(t, {
    cache: async (rule) => {
      rules.push(rule);
      return numbers;
    },
  });
  const purge = async (query: string) => {
    const { status } = await ask(`/cache${query}`, { method: 'DELETE' });
    assert.equal(status, 200, query);
    const { beforeMs, ...rule } = rules.at(-1) ?? assert.fail();
    assert.ok(Math.abs(beforeMs - Date.now()) < 60_000);
    return rule;
  };
  const nothing = { host: null, path: null, prefix: null, tag: null };
  assert.deepEqual(await purge('?host=App.example.com&path=/a%2e/b'), {
    ...nothing,
    host: 'app.example.com',
    path: '/a./b',
  });
  assert.deepEqual(await purge('?host=&path=&prefix=/a&tag=news'), { ...nothing, prefix: '/a', tag: 'news' });
  assert.deepEqual(await purge(''), nothing);
});

test('a purge that is not clear drops nothing', async (t) => {
  const { ask } = await adminOver(t, { cache: () => assert.fail('nothing was to be dropped') });
  for (const query of ['hots=a.test', 'host=a/b', 'path=a', 'prefix=../x'])
    assert.equal((await ask(`/cache?${query}`, { method: 'DELETE' })).status, 400, query);
});

test('a data plane that does not answer is told', async (t) => {
  const { ask } = await adminOver(t, { cache: async () => null });
  assert.equal((await ask('/cache')).status, 503);
});
