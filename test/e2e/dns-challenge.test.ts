import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dnsRelay } from '../support/dns-relay.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { loopbackAddress } from '../support/loopback-address.ts';
import { type NamedKey, startNamed } from '../support/named.ts';
import { aSite, checksOf, pebbleProxy, publicName, served } from '../support/pebble-proxy.ts';
import { certificates, standing } from '../support/secure-proxy.ts';

test('wildcards by dynamic update of BIND, and what they spare', async (t) => {
  const { mark } = testEngine(t);
  const zone = `${mark}.example.com`;
  const address = loopbackAddress();
  const named = await startNamed(t, { zones: { [zone]: [] }, address });
  await dnsRelay(t, address, named);
  const { secret, name } = named.keys[0] as NamedKey;
  const { pebble, proxy } = await pebbleProxy(t, {
    wish: { dnsServer: `${address}:53` },
    env: {
      FAIRLEAD_ACME_DNS: `rfc2136://${name}@${address}`,
      FAIRLEAD_ACME_DNS_SECRET: secret,
      FAIRLEAD_DNS: address,
      FAIRLEAD_LINGER: '1s',
    },
  });

  await t.test('a wildcard host is one certificate, proven by a record that goes again', async (inner) => {
    await aSite(inner, { 'proxy.host': `*.shop.${zone}` });
    const { names } = await standing(proxy, `*.shop.${zone}`, 'valid');
    assert.deepEqual(names, [`*.shop.${zone}`]);
    assert.equal(await served(proxy, pebble, `any.shop.${zone}`), `DNS:*.shop.${zone}`);
    assert.equal(checksOf(pebble, `*.shop.${zone}`), 1);
    await eventually('the record is gone', async () => (await named.txt(`_acme-challenge.shop.${zone}`)).length === 0);
    assert.doesNotMatch(proxy.stdout, /not all name servers|nobody checked/);
  });

  await t.test('`proxy.tls.wildcard` orders the wildcard above, and a neighbour needs no order', async (inner) => {
    const [one, two] = [`one.wide.${zone}`, `two.wide.${zone}`];
    await aSite(inner, { 'proxy.host': one, 'proxy.tls.wildcard': 'true' });
    await standing(proxy, `*.wide.${zone}`, 'valid');
    assert.equal(await served(proxy, pebble, one), `DNS:*.wide.${zone}`);
    await aSite(inner, { 'proxy.host': two });
    await proxy.until('the neighbour redirects', two, '/', ({ status }) => status === 301);
    assert.equal(await served(proxy, pebble, two), `DNS:*.wide.${zone}`);
    assert.equal(checksOf(pebble, `*.wide.${zone}`), 1);
    assert.deepEqual([checksOf(pebble, one), checksOf(pebble, two)], [0, 0]);
  });

  await t.test(
    'a wildcard that is held spares a host below it an order, though its own route is gone',
    async (inner) => {
      await inner.test('the wildcard comes and goes', async (first) => {
        await aSite(first, { 'proxy.host': `*.left.${zone}` });
        await standing(proxy, `*.left.${zone}`, 'valid');
      });
      await standing(proxy, `*.left.${zone}`, 'unused');
      const host = `app.left.${zone}`;
      await aSite(inner, { 'proxy.host': host });
      await proxy.until('the host redirects', host, '/', ({ status }) => status === 301);
      assert.equal(await served(proxy, pebble, host), `DNS:*.left.${zone}`);
      assert.equal(checksOf(pebble, host), 0);
      const views = await certificates(proxy);
      assert.equal(views.find(({ names }) => names.includes(host))?.state, 'valid');
      const unused = views.filter(({ state, names }) => state === 'unused' && names.includes(`*.left.${zone}`));
      assert.deepEqual(unused, [], 'it is in use again');
    },
  );
});

test('a command of the operator sets the record, and takes it away', async (t) => {
  const dir = testFolder(t);
  const [hook, calls] = [join(dir, 'set-txt'), join(dir, 'calls')];
  const { pebble, proxy } = await pebbleProxy(t, { env: { FAIRLEAD_ACME_DNS: `exec:${hook}` } });
  const zone = publicName(t);
  const management = pebble.dns?.managementUrl;
  const tell = `require('node:http').request('${management}/' + (process.argv[2] === 'present' ? 'set-txt' : 'clear-txt'), { method: 'POST' })
  .end(JSON.stringify({ host: process.argv[3] + '.', value: process.argv[4] }));
require('node:fs').appendFileSync('${calls}', [process.argv[2], process.argv[3], process.env.FAIRLEAD_DNS_NAME].join(' ') + '\\n');`;
  writeFileSync(hook, `#!${process.execPath}\n${tell}\n`);
  chmodSync(hook, 0o755);
  await aSite(t, { 'proxy.host': `*.${zone}` });
  await standing(proxy, `*.${zone}`, 'valid');
  assert.equal(await served(proxy, pebble, `a.${zone}`), `DNS:*.${zone}`);
  const record = `_acme-challenge.${zone}`;
  await eventually('it was called for the clean-up', async () =>
    readFileSync(calls, 'utf8').includes(`cleanup ${record}`),
  );
  assert.equal(readFileSync(calls, 'utf8'), `present ${record} ${zone}\ncleanup ${record} ${zone}\n`);
});
