import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { issuerSettings } from '../support/issuer-settings.ts';
import { loopbackAddress } from '../support/loopback-address.ts';
import { startNamed } from '../support/named.ts';
import { startPebble } from '../support/pebble.ts';
import { aSite, checksOf } from '../support/pebble-proxy.ts';
import { ask } from '../support/proxy-process.ts';
import { certificates, secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

test('before an order the proxy looks where a name leads, on the ports on which issuers knock', async (t) => {
  const { mark } = testEngine(t);
  const zone = `${mark}.example.com`;
  const address = loopbackAddress();
  const named = await startNamed(t, { zones: { [zone]: [`good A ${address}`, 'elsewhere A 127.0.0.9'] } });
  const resolver = `127.0.0.1:${named.port}`;
  const pebble = await startPebble(t, { dnsServer: resolver, httpPort: 80, tlsPort: 443 });
  const proxy = await secureProxy(t, {
    ...issuerSettings(t, pebble),
    FAIRLEAD_HTTP: `${address}:80`,
    FAIRLEAD_HTTPS: `${address}:443`,
    FAIRLEAD_DNS: resolver,
  });
  /** The last failure of a name. */
  const problemOf = (name: string) =>
    eventually(`${name} has a problem`, async () => {
      const found = (await certificates(proxy)).find(({ names }) => names.includes(name));
      return found?.problem ?? undefined;
    });

  await t.test('a name that leads here gets its certificate', async (inner) => {
    const name = `good.${zone}`;
    await aSite(inner, { 'proxy.host': name });
    await standing(proxy, name, 'valid');
    const answer = await secureGet(443, name, { ca: await pebble.rootPem(), address });
    assert.deepEqual([answer.status, answer.body], [200, 'site']);
    assert.doesNotMatch(proxy.stdout, /no certificate for good/);
  });

  await t.test('a name that does not exist is told as such, and costs no order', async (inner) => {
    const name = `typo.${zone}`;
    await aSite(inner, { 'proxy.host': name });
    const { cause, remedy, type, status } = await problemOf(name);
    assert.match(cause, new RegExp(`${name.replaceAll('.', '\\.')}.* (does not exist|no address)`));
    assert.match(remedy, /A record|record/);
    assert.deepEqual([type, status], ['', null]);
    assert.ok(!pebble.log().includes(name), 'the issuer never heard of it');
    // Meanwhile it is served without.
    assert.equal((await ask(80, '/', { address, headers: { host: name } })).body, 'site');
  });

  await t.test(
    'a name that leads to a machine where nobody listens: the issuer decides, and its word is put plainly',
    async (inner) => {
      const name = `elsewhere.${zone}`;
      await aSite(inner, { 'proxy.host': name });
      const { cause, type } = await problemOf(name);
      assert.match(type, /^urn:ietf:params:acme:error:connection$/);
      assert.match(cause, /^Port 80 at .* refuses connections: nothing listens there\.$/);
      assert.equal(checksOf(pebble, name), 1);
    },
  );
});
