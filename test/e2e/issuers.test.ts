import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/engine.ts';
import { issuerSettings, testFolder } from '../support/issuer-settings.ts';
import { aSite, checksOf, pebbleAndEnv, publicName, served } from '../support/pebble-proxy.ts';
import { quietPort } from '../support/quiet-port.ts';
import { certificates, secureGet, secureProxy, standing } from '../support/secure-proxy.ts';
import { FakeAcme } from '../tls/fake-acme/fake-acme.ts';

const dayMs = 24 * 60 * 60_000;

test('a second issuer, with an account that is bound: picked by its name, and where the first is down', async (t) => {
  const eab = { kid: 'kid-1', hmacKey: Buffer.from('thirty-two bytes that nobody knows').toString('base64url') };
  const { pebble, env } = await pebbleAndEnv(t, { eab });
  const proxy = await secureProxy(t, {
    ...env,
    FAIRLEAD_ACME_DIRECTORY: `https://127.0.0.1:${await quietPort()}/dir`,
    ...issuerSettings(t, pebble, 'FAIRLEAD_ISSUER_OUR_CA'),
    FAIRLEAD_ISSUER_OUR_CA_EAB_KID: eab.kid,
    FAIRLEAD_ISSUER_OUR_CA_EAB_HMAC: eab.hmacKey,
  });

  await t.test('a label picks it, and the first one is not asked', async (inner) => {
    const host = publicName(inner);
    await aSite(inner, { 'proxy.host': host, 'proxy.tls': 'our-ca' });
    await standing(proxy, host, 'valid');
    await served(proxy, pebble, host);
    assert.equal(checksOf(pebble, host), 1);
    assert.equal((await proxy.route(host))?.tls.mode, 'our-ca');
  });

  await t.test('where no label picks one, the next is tried', async (inner) => {
    const host = publicName(inner);
    await aSite(inner, { 'proxy.host': host });
    const view = await standing(proxy, host, 'valid');
    assert.match(view.issuer ?? '', /Pebble/);
    await served(proxy, pebble, host);
  });

  await t.test('a label that names none is a problem of its container, with what was meant', async (inner) => {
    const host = publicName(inner);
    await aSite(inner, { 'proxy.host': host, 'proxy.tls': 'our-cab' });
    const view = await standing(proxy, host, 'no-issuer');
    assert.match(view.why, /there is no issuer our-cab; did you mean our-ca\?/);
    const problem = await eventually('it is told', async () =>
      (await proxy.routes()).problems.find(({ value }) => value === 'our-cab'),
    );
    assert.equal(problem.suggestion, 'did you mean `proxy.tls=our-ca`?');
    assert.match(proxy.stdout, /proxy\.tls=our-cab: expected: an issuer of the settings \(default, our-ca\)/);
  });
});

test('profiles, and renewal when the issuer wants it', async (t) => {
  const at = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
  const profiles = ['shortlived'];
  // A slow issuer: each state is asked for again, at the pace that it wants.
  const acme = await FakeAcme.start(t, { profiles, pendingPolls: 1, retryAfter: '1' }, { secure: true });
  const host = publicName(t);
  const ordersOf = () => acme.issuer.orders.filter(({ names }) => names.includes(host));
  // The first certificate is to be replaced early, its successor in its time.
  const [past, later] = [
    { start: at(-2), end: at(-1) },
    { start: at(30), end: at(31) },
  ];
  acme.issuer.settings = {
    ...acme.issuer.settings,
    get renewalWindow() {
      return ordersOf().length < 2 ? past : later;
    },
  };
  const env = {
    ...issuerSettings(t, acme),
    FAIRLEAD_ACME_PREFLIGHT: 'off',
    FAIRLEAD_ACME_PROFILE: 'shortlived',
    FAIRLEAD_DATA: testFolder(t),
  };
  await aSite(t, { 'proxy.host': host });
  const before = await secureProxy(t, env);
  await standing(before, host, 'valid');
  await acme.asked('renewal-info');
  // What was just signed is not ordered again, whatever the issuer says; at the next start it is no longer that fresh.
  assert.equal(ordersOf().length, 1);
  await before.stop();
  const proxy = await secureProxy(t, env);
  await eventually('the second certificate is in use, to be renewed when the issuer wants it', async () => {
    const view = (await certificates(proxy)).find(({ names }) => names.includes(host));
    const nextMs = Date.parse(view?.nextAttempt ?? '');
    const isInTime = Date.parse(later.start) <= nextMs && nextMs <= Date.parse(later.end);
    return ordersOf().length === 2 && view?.state === 'valid' && isInTime;
  });
  const [first, second] = ordersOf();
  assert.deepEqual([first?.profile, second?.profile], ['shortlived', 'shortlived']);
  assert.equal(first?.replaces, undefined);
  // The issuer was asked about the certificate that the second order replaces, among those of other tests.
  assert.ok(acme.issuer.renewalIds.includes(second?.replaces ?? ''));
  const answer = await secureGet(proxy.httpsPort, host, { ca: acme.caPem });
  assert.deepEqual([answer.status, answer.body], [200, 'site']);
});
