import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { type TestEngine, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';

const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

test('a WebSocket survives twenty starts and stops of other containers', async (t) => {
  const engine = testEngine(t);
  const host = await echoBackend(t, engine);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.httpPort}/chat?room=1`, { headers: { host } });
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'open');
  const echo = async (text: string) => {
    socket.send(text);
    const [data] = (await once(socket, 'message')) as [Buffer];
    assert.equal(data.toString(), text);
  };
  await echo('first');

  const others = await Promise.all(
    [1, 2, 3, 4].map((n) =>
      engine.container({ labels: { 'proxy.host': `other-${n}.${engine.mark}.test` }, start: false }),
    ),
  );
  for (let round = 0; round < 5; round++) {
    await Promise.all(others.map((other) => other.start()));
    await echo(`round ${round}, all run`);
    await Promise.all(others.map((other) => other.stop({ t: 1 })));
    await echo(`round ${round}, all are gone`);
  }
  await echo('x'.repeat(200_000));
  assert.equal(closed, false);
  assert.ok(proxy.swaps(`.${engine.mark}.test`).length >= 20);
  socket.close(4000, 'bye');
  assert.deepEqual((await once(socket, 'close')).map(String), ['4000', 'bye']);
});

test('with ws=false an upgrade is a 403 that says so, and everything else is served', async (t) => {
  const engine = testEngine(t);
  const host = await echoBackend(t, engine, { 'proxy.ws': 'false' });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  const client = await rawClient(t, proxy.httpPort);
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n`);
  const head = await client.head();
  assert.match(head, /^HTTP\/1\.1 403 /);
  assert.match(head, /details=ws-disabled/);
});

test('a WebSocket to a container that leaves is told, and the next one goes to its successor', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_DEFAULT_WAIT: '0' } });
  const { server, container } = await hostBackend(t, engine, { labels: { 'proxy.host': host } });
  const sockets = new WebSocketServer({ server });
  t.after(() => sockets.close());
  await proxy.live(host);
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.httpPort}/`, { headers: { host } });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  // What an application does when it is told to leave.
  await container.stop();
  for (const one of sockets.clients) one.close(1001);
  assert.equal((await closed)[0], 1001);
  const refused = await proxy.until('it is gone', host, '/', ({ status }) => status === 503);
  assert.equal(refused.reason, 'no-backend');
  await hostBackend(t, engine, { labels: { 'proxy.host': host } });
  await proxy.live(host);
});

async function echoBackend(t: TestContext, engine: TestEngine, labels: Record<string, string> = {}): Promise<string> {
  const host = `app.${engine.mark}.test`;
  const { server } = await hostBackend(t, engine, { labels: { 'proxy.host': host, ...labels } });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return host;
}
