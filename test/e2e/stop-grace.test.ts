import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually, fairleadImage, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

test('a WebSocket is told to come again before Docker kills its container, however long proxy.drain is', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const { server, container } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host, 'proxy.drain': '30s' },
    command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
    stopTimeout: 4,
  });
  const sockets = new WebSocketServer({ server });
  t.after(() => sockets.close());
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.httpPort}/`, { headers: { host } });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  const [inside] = sockets.clients;
  const closedInside = once(inside as WebSocket, 'close');

  let killed = false;
  const stopped = container.stop().then(() => {
    killed = true;
  });
  assert.equal((await closed)[0], 1001);
  assert.equal((await closedInside)[0], 1001);
  assert.equal(killed, false);
  await stopped;
  assert.equal((await container.inspect()).State.ExitCode, 137);
});

test('what a container has in hand when it is killed is repeated where that is safe, else it is a 502 or visibly cut', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.port': '3000' };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const leaving = await engine.container({
    image: fairleadImage(),
    command: ['whoami', '--port', '3000'],
    labels,
    host: { Init: false },
    // It would let its requests finish for 8 s.
    stopTimeout: 1,
  });
  await proxy.live(host);
  const got = proxy.get(host, '/?wait=60s');
  const posted = proxy.get(host, '/?wait=60s', { method: 'POST', body: 'order' });
  const about = { host: '127.0.0.1', port: proxy.httpPort, path: '/?bytes=10g', headers: { host }, agent: false };
  const asked = httpGet(about);
  const [download] = (await once(asked, 'response')) as [IncomingMessage];
  asked.on('error', () => {});
  const cut = once(download, 'error');
  // Not read, so that it is not over; nor is its end seen.
  download.pause();
  await eventually('all three are under way', async () => {
    return (await proxy.route(host))?.pool.backends[0]?.inFlight === 3;
  });
  await engine.container({ labels, env: { NAME: 'staying' } });
  await proxy.until('the other one serves', host, '/', ({ body }) => body === 'staying\n');
  await leaving.stop();
  download.resume();

  const answer = await got;
  assert.deepEqual([answer.status, answer.body], [200, 'staying\n']);
  const refused = await posted;
  assert.deepEqual([refused.status, refused.reason], [502, 'backend-reset']);
  assert.equal(((await cut)[0] as NodeJS.ErrnoException).code, 'ECONNRESET');
  assert.equal((await leaving.inspect()).State.ExitCode, 137);
});
