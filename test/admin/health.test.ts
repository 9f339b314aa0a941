import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminOver } from './admin-world.ts';

test('who answers is alive, whatever else is not', async (t) => {
  const { ask } = await adminOver(t, { complete: false, dataPlane: { pid: null } });
  assert.equal((await ask('/healthz')).status, 200);
});

test('ready is who has read Docker, listens, and serves a table', async (t) => {
  const cases = [
    { about: {}, status: 200, reason: null },
    { about: { complete: false }, status: 503, reason: 'the first scan of Docker is not done' },
    { about: { dataPlane: { listening: [] } }, status: 503, reason: 'no listener is open yet' },
    { about: { dataPlane: { pid: null } }, status: 503, reason: 'the data plane does not run' },
    { about: { dataPlane: { appliedVersion: 0 } }, status: 503, reason: 'the workers have no route table yet' },
  ];
  for (const { about, status, reason } of cases) {
    const { ask } = await adminOver(t, about);
    const answer = await ask('/readyz');
    assert.equal(answer.status, status);
    assert.deepEqual(answer.json<{ reasons: string[] }>().reasons, reason === null ? [] : [reason]);
  }
});

test('a proxy that was told not to listen is ready without a listener', async (t) => {
  const { ask } = await adminOver(t, { dataPlane: { listening: [] } }, { http: null, https: null });
  assert.equal((await ask('/readyz')).status, 200);
});
