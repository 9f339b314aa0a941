import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLimit } from '../../src/plane/limit-reading.ts';

const terms = { intervalMs: 1_000, burst: 2 };
const question = { scope: 'app.test/', key: '192.0.2.1', terms };
const own = (backlogMs: number | null) => ({ backlog: async () => backlogMs });

test('a limit of one proxy is what its own table says', async () => {
  assert.deepEqual(await readLimit({ own: own(500), shared: null }, question), {
    backlogMs: 500,
    countedBy: 'this-proxy',
  });
  assert.equal(await readLimit({ own: own(null), shared: null }, question), null);
});

test('a limit of several proxies is what their store says, or the own table where that does not answer', async () => {
  const shared = { peek: async () => 1_500 };
  assert.deepEqual(await readLimit({ own: own(500), shared }, question), {
    backlogMs: 1_500,
    countedBy: 'all-proxies',
  });
  assert.deepEqual(await readLimit({ own: own(500), shared: { peek: async () => null } }, question), {
    backlogMs: 500,
    countedBy: 'this-proxy-alone',
  });
});

test('the store is not asked about whoever is known to have had enough', async () => {
  const asked: string[] = [];
  const shared = {
    peek: async ({ bucket }: { bucket: string }) => {
      asked.push(bucket);
      return 0;
    },
  };
  assert.equal((await readLimit({ own: own(2_500), shared }, question))?.countedBy, 'this-proxy');
  assert.deepEqual(asked, []);
  await readLimit({ own: own(0), shared }, question);
  assert.match(asked[0] ?? '', /^[\w-]{22}$/);
});
