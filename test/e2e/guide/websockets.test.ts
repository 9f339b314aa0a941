import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { fairleadImage } from '../../support/engine.ts';
import { rawClient } from '../../support/raw-client.ts';
import { GuideSite } from './guide-site.ts';

test('WebSockets: Upgrade, Connection "upgrade", proxy_read_timeout 86400s', async (t) => {
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['n8n', 'coolify'],
    // What ends an ordinary request ends no WebSocket (n8n), and what ends a WebSocket is its own time (Coolify).
    sooner: { n8n: { 'proxy.timeout': '1s' }, coolify: { 'proxy.ws.timeout': '1s' } },
  });
  const open = async (inner: TestContext, name: string, scheme: 'ws' | 'wss') => {
    const servername = site.host(name);
    // Whoever asks over TLS must be known to the workers.
    if (scheme === 'wss') await site.secureGet(name);
    const tls = scheme === 'wss' ? { ca: await site.rootPem(), servername } : {};
    const socket = new WebSocket(`${scheme}://${site.address}/push`, { headers: { host: servername }, ...tls });
    inner.after(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  };
  const echoed = async (socket: WebSocket, word: string) => {
    socket.send(word);
    const [data] = (await once(socket, 'message')) as [Buffer];
    assert.equal(data.toString(), word);
  };

  await t.test(
    'one that is silent for longer than `proxy.timeout` is still there, over TLS as without',
    async (inner) => {
      const sockets = [await open(inner, 'n8n', 'ws'), await open(inner, 'n8n', 'wss')];
      const waited = site.get('n8n', '/?wait=20s');
      for (const socket of sockets) await echoed(socket, 'before');
      assert.equal((await waited).status, 504);
      // Longer than any request of that site may be silent.
      await sleep(1_500);
      for (const socket of sockets) await echoed(socket, 'after');
    },
  );

  await t.test('`proxy.ws.timeout` is what ends it', async (inner) => {
    const socket = await open(inner, 'coolify', 'ws');
    await echoed(socket, 'before');
    const startedMs = performance.now();
    await once(socket, 'close');
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs > 900 && tookMs < 10_000, `${tookMs} ms`);
  });

  await t.test('a plain request of the same site is no upgrade, and its connection is kept', async (inner) => {
    const client = await rawClient(inner, 80, site.address);
    for (let asked = 0; asked < 2; asked += 1) {
      client.write(`GET /rest HTTP/1.1\r\nHost: ${site.host('n8n')}\r\n\r\n`);
      const head = await client.head();
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.doesNotMatch(head, /^connection: close/im);
      const body = await client.bytes(Number(/^content-length: (\d+)/im.exec(head)?.[1]));
      assert.match(body, /^GET \/rest HTTP\/1\.1$/m);
      assert.doesNotMatch(body, /upgrade/i);
    }
  });
});
