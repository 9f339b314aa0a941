import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SharedStanding } from '../../src/admin/shared-standing.ts';
import type { Traffic } from '../../src/proxy/traffic.ts';
import { adminOver } from './admin-world.ts';

const connections = { active: 3, accepted: 16, handled: 15, requests: 31, reading: 1, writing: 2, waiting: 0 };
const traffic: Traffic = { connections, routes: {}, peers: {}, ejected: new Set() };

test('the numbers of stub_status, and how the data plane is doing', async (t) => {
  const { ask } = await adminOver(t, {
    ...{ traffic, dataPlane: { warnings: ['runs as root'] } },
    failures: { of: () => [], untold: 7 },
  });
  const { dataPlane, version, uptimeSeconds, warnings, store, accessLog, failedRequests, tracing, ...numbers } = (
    await ask('/status')
  ).json<Record<string, unknown>>();
  assert.deepEqual(numbers, connections);
  assert.deepEqual([store, tracing], [null, null]);
  assert.deepEqual(warnings, ['runs as root']);
  assert.deepEqual(accessLog, { droppedLines: 0 });
  assert.deepEqual(failedRequests, { untold: 7 });
  assert.ok(Number(uptimeSeconds) >= 60);
  assert.match(String(version), /^\d+\.\d+\.\d+/);
  assert.equal((dataPlane as { pid: number }).pid, 4711);
});

test('how spans are delivered, and a warning while they are not', async (t) => {
  const standing = { collector: 'http://collector:4318', exportedSpans: 9, droppedSpans: 3, fault: 'ECONNREFUSED' };
  const { ask } = await adminOver(t, { tracing: () => standing });
  const { tracing, warnings } = (await ask('/status')).json<Record<string, unknown>>();
  assert.deepEqual(tracing, standing);
  assert.deepEqual(warnings, ['spans cannot be delivered to http://collector:4318: ECONNREFUSED']);
});

test('as text it is what nginx says, to the last blank', async (t) => {
  const { ask } = await adminOver(t, { traffic });
  const { body } = await ask('/status', { headers: { accept: 'text/plain' } });
  assert.equal(
    body,
    'Active connections: 3 \nserver accepts handled requests\n 16 15 31 \nReading: 1 Writing: 2 Waiting: 0 \n',
  );
});

test('what is shared with other proxies, and since when it is not', async (t) => {
  const standing: SharedStanding = {
    ...{ address: 'redis://redis:6379', connected: false, sinceMs: 1_800_000_000_000, why: 'nobody listens there' },
    limits: { shared: false, why: 'nobody listens there' },
    purges: { untold: 2, why: 'nobody listens there' },
  };
  const { ask } = await adminOver(t, { store: () => standing });
  const { sinceMs, ...rest } = standing;
  assert.deepEqual((await ask('/status')).json<{ store: object }>().store, {
    ...rest,
    since: new Date(sinceMs).toISOString(),
  });
});
