import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FakeEngine } from '../docker/fake-engine.ts';
import { eventually } from '../support/engine.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { certificates, secureGet, secureGetOnce } from '../support/secure-proxy.ts';

const hosts = 1_000;

test('a thousand hosts have a certificate of the internal CA each, and are served', async (t) => {
  const backend = createServer((_, response) => response.end('site')).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  const port = String((backend.address() as AddressInfo).port);
  const engine = await FakeEngine.start(t);
  for (let at = 0; at < hosts; at += 1)
    engine.add(`site${at}`, {
      networkMode: 'host',
      addresses: { host: '' },
      labels: { 'proxy.host': `site${at}.test`, 'proxy.port': port },
    });
  const proxy = await ProxyProcess.start(t, {
    endpoint: engine.endpoint,
    env: { FAIRLEAD_HTTPS: '127.0.0.1:0' },
    ready: false,
  });
  // They are signed in their order. Not by /certs: to tell of a thousand again and again would take the time that they need.
  const ca = await eventually(
    'the last one is served',
    async () => {
      const root = (await proxy.admin('/certs/root.pem')).body;
      return secureGetOnce(proxy.httpsPort, `site${hosts - 1}.test`, { ca: root }).then(
        () => root,
        () => undefined,
      );
    },
    60_000,
  );
  await eventually('all have one', async () => {
    const views = await certificates(proxy);
    return views.length === hosts && views.every(({ state }) => state === 'valid');
  });
  for (let at = 0; at < hosts; at += 50) {
    const { status, body, certificate } = await secureGet(proxy.httpsPort, `site${at}.test`, { ca });
    assert.deepEqual([status, body, certificate.subjectaltname], [200, 'site', `DNS:site${at}.test`]);
  }
  engine.add('late', {
    networkMode: 'host',
    addresses: { host: '' },
    labels: { 'proxy.host': 'late.test', 'proxy.port': port },
  });
  engine.emit('start', 'late');
  await eventually('one more is served', () =>
    secureGet(proxy.httpsPort, 'late.test', { ca }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});
