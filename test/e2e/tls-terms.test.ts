import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { aSite } from '../support/pebble-proxy.ts';
import { secureClient, secureClientOnce } from '../support/secure-client.ts';
import { isRefusedName, secureGet, secureGetOnce, secureProxy, standing } from '../support/secure-proxy.ts';
import { TestAuthority } from '../support/test-authority.ts';

test('the terms on which a host is served over TLS', async (t) => {
  const proxy = await secureProxy(t, { FAIRLEAD_LINGER: '1s', FAIRLEAD_WORKERS: '1' });
  const port = proxy.httpsPort;
  const authority = await TestAuthority.create(testFolder(t));
  const nameOf = (inner: TestContext, word = 'app') => `${word}.${testEngine(inner).mark}.test`;
  const rootOf = async () => (await proxy.admin('/certs/root.pem')).body;
  /** A site that is served with a certificate of the internal CA. */
  const internal = async (inner: TestContext, labels: Readonly<Record<string, string>> = {}, word?: string) => {
    const name = nameOf(inner, word);
    await aSite(inner, { 'proxy.host': name, ...labels });
    await standing(proxy, name, 'valid');
    await secureGet(port, name, { ca: await rootOf() });
    return name;
  };

  await t.test('files of the operator are shown, and new ones as soon as they are there', async (inner) => {
    const certs = join(proxy.dataDir, 'certs');
    mkdirSync(certs, { recursive: true });
    const host = nameOf(inner);
    const put = async () => {
      const { certPem, keyPem } = await authority.issue([host]);
      writeFileSync(join(certs, 'shop.key'), keyPem, { mode: 0o600 });
      writeFileSync(join(certs, 'shop.crt'), certPem);
    };
    await aSite(inner, { 'proxy.host': host, 'proxy.tls': 'cert:shop' });
    assert.match((await standing(proxy, host, 'missing')).why, /^cert:shop: /);
    await put();
    await standing(proxy, host, 'valid');
    const ca = authority.certPem;
    const shown = async () => (await secureGet(port, host, { ca })).certificate.fingerprint256;
    const open = await secureClient(inner, port, { ca, servername: host });
    const ask = async () => {
      open.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assert.match(await open.head(), /^HTTP\/1\.1 200 /);
      assert.match(await open.until('site'), /site$/);
    };
    await ask();
    const before = open.socket.getPeerCertificate().fingerprint256;
    assert.equal(await shown(), before);
    await put();
    await eventually('the new one is shown', async () => (await shown()) !== before);
    await ask();
    assert.equal(open.socket.getPeerCertificate().fingerprint256, before);

    writeFileSync(join(certs, 'shop.crt'), 'half a certifi');
    await eventually('it is told', async () =>
      /cannot be used: cert:shop: /.test((await standing(proxy, host, 'valid')).why),
    );
    assert.notEqual(await shown(), before, 'the last good one is in use');
    await put();
    await eventually(
      'it is well again',
      async () => !/cannot be used/.test((await standing(proxy, host, 'valid')).why),
    );
  });

  await t.test('`proxy.tls.min=1.3` refuses TLS 1.2, and its neighbour does not', async (inner) => {
    const host = await internal(inner, { 'proxy.tls.min': '1.3' });
    const neighbour = await internal(inner, {}, 'old');
    const ca = await rootOf();
    const old = { ca, maxVersion: 'TLSv1.2' } as const;
    await assert.rejects(secureClient(inner, port, { ...old, servername: host }), /protocol version/);
    assert.equal((await secureClient(inner, port, { ca, servername: host })).socket.getProtocol(), 'TLSv1.3');
    assert.equal((await secureClient(inner, port, { ...old, servername: neighbour })).socket.getProtocol(), 'TLSv1.2');
  });

  await t.test(
    '`proxy.tls.client` lets in who shows a certificate of its authority, and nobody else',
    async (inner) => {
      const file = join(testFolder(inner), 'clients.pem');
      writeFileSync(file, authority.certPem);
      const name = testEngine(inner).mark;
      const labels = { 'proxy.tls': 'cert:pair', 'proxy.tls.client': `@${file}` };
      const [closed, open] = [`closed.${name}.test`, `open.${name}.test`];
      // One certificate for both, so that a browser would use one connection for both.
      const pair = await authority.issue([closed, open]);
      writeFileSync(join(proxy.dataDir, 'certs', 'pair.pem'), `${pair.certPem}${pair.keyPem}`);
      const { container } = await aSite(inner, { 'proxy.host': closed, ...labels });
      await aSite(inner, { 'proxy.host': open, 'proxy.tls': 'cert:pair' });
      await standing(proxy, closed, 'valid');
      const ca = authority.certPem;
      await eventually('the open one is served', async () =>
        secureGet(port, open, { ca }).then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const asked = async (options: object, connect = secureClient) => {
        const client = await connect(inner, port, { ca, servername: closed, ...options });
        client.write(get(closed));
        return client.rest();
      };

      const mine = await authority.issue(['somebody'], { usage: 'client' });
      assert.match(await asked({ cert: mine.certPem, key: mine.keyPem }), /^HTTP\/1\.1 200 .*site/s);
      // In TLS 1.3 a client learns of it only after its side of the handshake.
      assert.equal(await asked({}), '');
      const stranger = await TestAuthority.create(testFolder(inner));
      const forged = await stranger.issue(['somebody'], { usage: 'client' });
      assert.equal(await asked({ cert: forged.certPem, key: forged.keyPem }), '');
      await assert.rejects(asked({ maxVersion: 'TLSv1.2' }), /handshake failure/);

      const around = await secureClient(inner, port, { ca, servername: open });
      around.write(get(closed));
      assert.match(await around.rest(), /^HTTP\/1\.1 421 .*details=misdirected/s);
      const plain = await proxy.get(closed);
      assert.deepEqual([plain.status, plain.headers.location], [301, `https://${closed}/`]);

      rmSync(file);
      // Authorities are read anew with the next table.
      await internal(inner, {}, 'next');
      await eventually('the host is closed', () =>
        asked({ cert: mine.certPem, key: mine.keyPem }, secureClientOnce).then(() => false, isRefusedName),
      );
      assert.deepEqual([(await proxy.get(closed)).status, (await proxy.get(closed)).reason], [403, 'https-required']);
      const { expected, severity } = await proxy.problem((await container.inspect()).Name.slice(1), 'proxy.tls.client');
      assert.equal(severity, 'error');
      assert.match(expected, /authorities as PEM that the proxy can read: .*ENOENT.*; until then nobody is let in/);
      assert.match(proxy.stdout, /proxy\.tls\.client: no authority can be read there, so its hosts stay closed/);
      assert.equal((await secureGet(port, open, { ca })).status, 200);
    },
  );

  await t.test(
    '`proxy.tls=off` refuses handshakes and serves the rest, and a wildcard does not take its place',
    async (inner) => {
      const { mark } = testEngine(inner);
      const host = `plain.${mark}.test`;
      await aSite(inner, { 'proxy.host': `*.${mark}.test` });
      await standing(proxy, `*.${mark}.test`, 'valid');
      await aSite(inner, { 'proxy.host': host, 'proxy.tls': 'off' });
      await proxy.live(host);
      const ca = await rootOf();
      assert.equal((await secureGet(port, `other.${mark}.test`, { ca })).body, 'site');
      await eventually('its handshakes are refused', () =>
        secureGetOnce(port, host, { ca }).then(() => false, isRefusedName),
      );
      assert.equal((await secureGet(port, `other.${mark}.test`, { ca, host })).status, 421);
      assert.equal((await proxy.route(host))?.tls.state, 'off');
    },
  );

  await t.test('browsers are not told to insist on HTTPS for a certificate that they do not know', async (inner) => {
    const host = await internal(inner, { 'proxy.security': 'true' });
    const { headers } = await secureGet(port, host, { ca: await rootOf() });
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
    assert.equal(headers['strict-transport-security'], undefined);
  });

  await t.test('who names no host is refused', async (inner) => {
    await internal(inner);
    await assert.rejects(secureClientOnce(inner, port, { rejectUnauthorized: false }), /unrecognized name/);
  });
});
