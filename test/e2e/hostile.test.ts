import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';

const limits = {
  FAIRLEAD_WORKERS: '2',
  FAIRLEAD_LIMIT_CONNECTIONS: '40',
  FAIRLEAD_LIMIT_CONNECTIONS_PER_ADDRESS: '40',
  FAIRLEAD_LIMIT_URI: '1k',
  FAIRLEAD_LIMIT_HEADERS: '20',
  FAIRLEAD_TIMEOUT_HEAD: '2s',
  FAIRLEAD_TIMEOUT_STALL: '2s',
};

for (const engineName of ['h1', 'node']) {
  test(`with FAIRLEAD_ENGINE=${engineName}, limits reach every worker, and a flood leaves the proxy serving`, async (t) => {
    const engine = testEngine(t);
    const host = `app.${engine.mark}.test`;
    const held: ServerResponse[] = [];
    await hostBackend(t, engine, {
      labels: { 'proxy.host': host },
      answer: (request, response) => {
        if (request.url === '/hold') held.push(response);
        else request.on('end', () => response.end('ok\n')).resume();
      },
    });
    const env = { ...limits, FAIRLEAD_ENGINE: engineName };
    const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env });
    await proxy.live(host);

    for (let i = 0; i < 6; i++) {
      const { status, reason } = await proxy.get(host, `/${'a'.repeat(1_100)}`);
      assert.deepEqual([status, reason], [414, 'uri-too-long']);
    }
    const headers = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`x-${i}`, 'y']));
    assert.equal((await proxy.get(host, '/', { headers })).reason, 'headers-too-large');

    // Slow heads and slow bodies: each is told, at its deadline, and whoever behaves is served meanwhile.
    const slow = await Promise.all(Array.from({ length: 20 }, () => rawClient(t, proxy.httpPort)));
    for (const [i, client] of slow.entries()) {
      client.write(`POST /slow HTTP/1.1\r\nHost: ${host}\r\n${i % 2 === 0 ? 'X-' : 'Content-Length: 9999\r\n\r\nabc'}`);
    }
    await eventually('/status says that they are being read', async () => (await numbers(proxy)).reading === 20);
    assert.equal((await proxy.get(host)).status, 200);
    for (const client of slow) {
      assert.match(await client.rest(), /^HTTP\/1.1 408 [\s\S]*request-timeout/);
      client.end();
    }
    const told408 = () =>
      proxy.accesses(host).filter(({ status, reason }) => status === 408 && reason === 'request-timeout');
    await eventually('the slow bodies stand in the log as what they were', async () => told408().length === 10);
    await eventually('they have gone', async () => (await numbers(proxy)).active === 0);

    // All places taken by requests that are being answered: the next is closed, and those under way do not notice.
    const busy = await Promise.all(Array.from({ length: 40 }, () => rawClient(t, proxy.httpPort)));
    for (const client of busy) client.write(`GET /hold HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await eventually('all are being answered', async () => held.length === 40);
    const before = await numbers(proxy);
    assert.deepEqual([before.active, before.writing, before.waiting], [40, 40, 0]);
    for (let i = 0; i < 30; i++) assert.equal(await (await rawClient(t, proxy.httpPort)).rest(), '');
    const after = await numbers(proxy);
    assert.equal(after.accepted - before.accepted, 30);
    assert.equal(after.handled, before.handled);
    for (const response of held) response.end('held\n');
    for (const client of busy) assert.match(await client.until('held\n'), /^HTTP\/1.1 200 /);
    for (const client of busy) client.reset();
    await proxy.live(host);

    const told = proxy.lines().filter(({ message }) => message?.includes('FAIRLEAD_LIMIT_CONNECTIONS'));
    assert.ok(told.length >= 1 && told.length <= 2, `${told.length} lines for 30 connections`);
    assert.deepEqual((await proxy.status()).dataPlane.restarts, { workers: 0, dataPlane: 0 });
  });
}

interface Numbers {
  readonly active: number;
  readonly accepted: number;
  readonly handled: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

async function numbers(proxy: ProxyProcess): Promise<Numbers> {
  return JSON.parse((await proxy.admin('/status')).body) as Numbers;
}
