import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, fairleadImage, testEngine } from '../../support/engine.ts';
import { testFolder } from '../../support/issuer-settings.ts';
import { startPebble } from '../../support/pebble.ts';
import { checksOf, publicName } from '../../support/pebble-proxy.ts';
import { quietPort } from '../../support/quiet-port.ts';
import { secureClient, secureClientOnce } from '../../support/secure-client.ts';
import { type SecureAnswer, secureGet } from '../../support/secure-proxy.ts';
import { GuideSite } from './guide-site.ts';

test('HTTPS: certbot, listen 443 ssl http2, ssl_protocols, return 301', async (t) => {
  const engine = testEngine(t);
  const ports = { http: await quietPort(), https: await quietPort() };
  // The issuer and the proxy's container meet at this machine's end of the engine's own network.
  const { IPAM } = await engine.docker.getNetwork('bridge').inspect();
  const pebble = await startPebble(t, {
    address: IPAM?.Config?.[0]?.Gateway ?? assert.fail('the bridge has no gateway'),
    httpPort: ports.http,
    tlsPort: ports.https,
  });
  const caFile = join(testFolder(t), 'ca.pem');
  writeFileSync(caFile, pebble.caPem);
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['app-1'],
    domain: publicName(t, 'guide'),
    ports,
    volumes: [`${caFile}:/issuer/ca.pem:ro`],
    env: {
      FAIRLEAD_ACME_DIRECTORY: pebble.directoryUrl,
      FAIRLEAD_ACME_STAGING: pebble.directoryUrl,
      FAIRLEAD_ACME_CA_FILE: '/issuer/ca.pem',
      // It would knock on ports 80 and 443 of this machine.
      FAIRLEAD_ACME_PREFLIGHT: 'off',
    },
  });
  const host = site.host('app');
  const ca = await pebble.rootPem();
  const get = (path: string): Promise<SecureAnswer> => secureGet(443, host, { ca, path, address: site.address });

  await t.test('an e-mail address is all it takes: one order for both names, and the site is served', async () => {
    const sent = await eventually('port 80 sends to HTTPS', async () => {
      const answer = await site.get('app', '/a%20b?c=d&e=%2F');
      return answer.status === 301 && answer;
    });
    assert.equal(sent.headers.location, `https://${host}/a%20b?c=d&e=%2F`);
    const { status, body, certificate } = await get('/');
    assert.equal(status, 200);
    assert.equal(certificate.subjectaltname, `DNS:${host}, DNS:${site.host('www.app')}`);
    assert.match(body, /^X-Forwarded-Proto: https$/m);
    assert.deepEqual(
      [host, site.host('www.app')].map((name) => checksOf(pebble, name)),
      [1, 1],
    );
  });

  await t.test('a form that is sent to port 80 keeps its method and its body', async () => {
    const { status, headers } = await site.get('app', '/form', { method: 'POST', body: 'a=b' });
    assert.deepEqual([status, headers.location], [308, `https://${host}/form`]);
  });

  await t.test(
    'HSTS waits for an issuer that browsers know, which this one is not; the other headers are there',
    async () => {
      for (const { headers } of [await get('/'), await site.get('app')]) {
        assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
        assert.equal(headers['strict-transport-security'], undefined);
      }
    },
  );

  await t.test('TLS 1.2 and 1.3, nothing older, and HTTP/2 for who asks', async (inner) => {
    const about = { host: site.address, ca, servername: host };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { socket } = await secureClient(inner, 443, {
        ...about,
        minVersion: version,
        maxVersion: version,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
      assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, 'h2']);
    }
    const old = { ...about, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(secureClientOnce(inner, 443, old), /protocol version/);
  });

  await t.test('certbot renew --dry-run is POST /certs/renew?dry=1', async () => {
    const { status, body } = await site.admin(`/certs/renew?host=${host}&dry=1`, { method: 'POST' });
    assert.deepEqual([status, (JSON.parse(body) as { ok: boolean }).ok], [200, true]);
  });
});
