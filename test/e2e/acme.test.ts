import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { aSite, checksOf, pebbleAndEnv, pebbleProxy, publicName, served } from '../support/pebble-proxy.ts';
import { secureClient } from '../support/secure-client.ts';
import { certificates, secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

test('a host in a label is all it takes', async (t) => {
  const { pebble, proxy } = await pebbleProxy(t);

  await t.test('hosts and aliases of a route share a certificate by HTTP-01, and port 80 redirects', async (inner) => {
    const host = publicName(inner);
    await aSite(inner, { 'proxy.host': `${host},www.${host}`, 'proxy.alias': `old.${host}` });
    const view = await standing(proxy, host, 'valid');
    assert.deepEqual(view.names, [host, `old.${host}`, `www.${host}`]);
    assert.deepEqual(
      view.names.map((one) => checksOf(pebble, one)),
      [1, 1, 1],
    );
    await served(proxy, pebble, host);
    const sent = await proxy.until('it redirects', host, '/a?b', ({ status }) => status === 301);
    assert.equal(sent.headers.location, `https://${host}/a?b`);
    const alias = await secureGet(proxy.httpsPort, `old.${host}`, { ca: await pebble.rootPem() });
    assert.deepEqual([alias.status, alias.headers.location], [308, `https://${host}/`]);
  });

  await t.test(
    'challenges are answered on port 80 whatever the labels say of paths and of plain HTTP',
    async (inner) => {
      const host = publicName(inner);
      const labels = { 'proxy.host': host, 'proxy.path': '/shop', 'proxy.http': 'off', 'proxy.tls.challenge': 'http' };
      await aSite(inner, labels);
      await standing(proxy, host, 'valid');
      assert.equal(checksOf(pebble, host), 1);
      const plain = await proxy.get(host, '/shop');
      assert.deepEqual([plain.status, plain.reason], [403, 'https-required']);
      const { status, body } = await secureGet(proxy.httpsPort, host, { ca: await pebble.rootPem(), path: '/shop' });
      assert.deepEqual([status, body], [200, 'site']);
    },
  );

  await t.test(
    'a name that does not lead here fails with its cause, is not tried at once, and harms no other',
    async (inner) => {
      const [good, bad] = [publicName(inner, 'good'), publicName(inner, 'bad')];
      await pebble.dns?.setAddresses(bad, ['127.0.0.9']);
      await aSite(inner, { 'proxy.host': bad });
      const failed = await eventually('it says why', async () =>
        (await certificates(proxy)).find(({ names, problem }) => names.includes(bad) && problem !== null),
      );
      assert.deepEqual([failed.state, failed.notAfter], ['waiting', null]);
      assert.match(failed.problem?.type ?? '', /^urn:ietf:params:acme:error:/);
      assert.ok(failed.nextAttempt !== null && Date.parse(failed.nextAttempt) > Date.now());
      await aSite(inner, { 'proxy.host': good });
      await standing(proxy, good, 'valid');
      assert.deepEqual([checksOf(pebble, bad), checksOf(pebble, good)], [1, 1]);
    },
  );

  await t.test(
    'a handshake for a name that only a wildcard takes waits for its certificate, ordered once',
    async (inner) => {
      const domain = publicName(inner, 'shops');
      await aSite(inner, { 'proxy.host': `*.${domain}` });
      await proxy.until('the route is live', `one.${domain}`, '/', ({ status }) => status === 200);
      await Promise.all([1, 2, 3].map(() => served(proxy, pebble, `one.${domain}`)));
      assert.equal(checksOf(pebble, `one.${domain}`), 1);
    },
  );
});

test('a certificate by TLS-ALPN-01, with port 80 switched off', async (t) => {
  const { pebble, proxy } = await pebbleProxy(t, { env: { FAIRLEAD_HTTP: 'off' } });
  const host = publicName(t);
  await aSite(t, { 'proxy.host': host });
  await standing(proxy, host, 'valid');
  await served(proxy, pebble, host);
});

test('certificates that live for seconds are renewed without a connection noticing', async (t) => {
  const { pebble, proxy } = await pebbleProxy(t, { wish: { validitySeconds: 20 } });
  const host = publicName(t);
  await aSite(t, { 'proxy.host': host });
  const first = await standing(proxy, host, 'valid');
  const ca = await pebble.rootPem();
  const open = await secureClient(t, proxy.httpsPort, { ca, servername: host });
  const ask = async () => {
    open.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.match(await open.until('site'), /^HTTP\/1\.1 200 /);
  };
  await ask();
  await eventually(
    'it is renewed',
    async () =>
      (await certificates(proxy)).find(({ notAfter }) => notAfter !== null && notAfter > (first.notAfter ?? '')),
    40_000,
  );
  const before = open.socket.getPeerCertificate().fingerprint256;
  const after = await eventually('the new one is shown', async () => {
    const answer = await secureGet(proxy.httpsPort, host, { ca });
    return answer.certificate.fingerprint256 !== before && answer;
  });
  assert.equal(after.status, 200);
  await ask();
  assert.equal(open.socket.getPeerCertificate().fingerprint256, before);
});

test('a proxy that starts again uses what it has, and orders nothing', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const dataDir = testFolder(t);
  const host = publicName(t);
  await aSite(t, { 'proxy.host': host });
  const first = await secureProxy(t, { ...env, FAIRLEAD_DATA: dataDir });
  await standing(first, host, 'valid');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await secureProxy(t, { ...env, FAIRLEAD_DATA: dataDir });
  await standing(second, host, 'valid');
  await served(second, pebble, host);
  assert.equal(checksOf(pebble, host), 1);
});
