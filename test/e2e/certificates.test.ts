import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/engine.ts';
import { issuerSettings } from '../support/issuer-settings.ts';
import { startPebble } from '../support/pebble.ts';
import { aSite, checksOf, pebbleAndEnv, publicName } from '../support/pebble-proxy.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { certificates, secureProxy, standing } from '../support/secure-proxy.ts';

test('how certificates stand, what is wrong with which, and orders by hand', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const { httpPort, tlsPort } = pebble;
  const staging = await startPebble(t, { httpPort, tlsPort });
  const both = { directoryUrl: pebble.directoryUrl, caPem: `${pebble.caPem}${staging.caPem}` };
  const proxy = await secureProxy(t, {
    ...env,
    ...issuerSettings(t, both),
    FAIRLEAD_ACME_STAGING: staging.directoryUrl,
  });
  const [good, bad, wild] = [publicName(t, 'good'), publicName(t, 'bad'), publicName(t, '*')];
  const [local, mine, off] = [`local${good.slice(4, 14)}.test`, publicName(t, 'mine'), publicName(t, 'off')];
  for (const { dns } of [pebble, staging]) await dns?.setAddresses(bad, ['127.0.0.9']);
  await aSite(t, { 'proxy.host': good });
  await aSite(t, { 'proxy.host': bad });
  await aSite(t, { 'proxy.host': wild });
  await aSite(t, { 'proxy.host': local });
  await aSite(t, { 'proxy.host': mine, 'proxy.tls': 'cert:nowhere' });
  await aSite(t, { 'proxy.host': off, 'proxy.tls': 'off' });
  await standing(proxy, good, 'valid');
  await standing(proxy, local, 'valid');
  await standing(proxy, mine, 'missing');
  await eventually('the last one is routed', async () =>
    (await proxy.routes()).routes.some(({ host }) => host === off),
  );
  await eventually('the bad one has failed', async () =>
    (await certificates(proxy)).some(({ names, failures }) => names.includes(bad) && failures === 1),
  );
  const said = (inner: TestContext, ...args: string[]) => command(inner, proxy, args);

  await t.test('each route has the state of its certificate', async () => {
    const { routes } = await proxy.routes();
    const stateOf = (name: string) => routes.find(({ host }) => host === name)?.tls;
    assert.deepEqual(
      [good, local, bad, mine, off, wild].map((name) => [stateOf(name)?.mode, stateOf(name)?.state]),
      [
        ['auto', 'valid'],
        ['auto', 'valid'],
        ['auto', 'waiting'],
        ['cert:nowhere', 'missing'],
        ['off', 'off'],
        ['auto', 'on-demand'],
      ],
    );
    assert.equal(stateOf(good)?.error, null);
    assert.ok(Date.parse(stateOf(good)?.expires ?? '') > Date.now());
    assert.ok(Date.parse(stateOf(good)?.next ?? '') > Date.now());
    assert.match(stateOf(bad)?.error ?? '', /nothing listens there.*Publish port 80/);
    assert.match(stateOf(mine)?.error ?? '', /cert:nowhere: /);
  });

  await t.test('`fairlead certs` says it in full, with what to do', async (inner) => {
    const { code, out } = await said(inner, 'certs');
    assert.equal(code, 0);
    assert.match(out, /^NAMES +STATE +ISSUER +EXPIRES +NEXT ATTEMPT$/m);
    assert.match(out, new RegExp(`^${good} +valid +Pebble Intermediate CA`, 'm'));
    const trouble = out.slice(out.indexOf(`${bad} is waiting (1 failed attempt in a row)`));
    assert.match(trouble, /^ {4}cause: {2}Port 80 at .* refuses connections/m);
    assert.match(trouble, /^ {4}to do: {2}Publish port 80/m);
    assert.match(trouble, /^ {4}said: {3}.*urn:ietf:params:acme:error:/m);
    const json = JSON.parse((await said(inner, 'certs', '--json')).out) as { certificates: unknown[] };
    assert.equal(json.certificates.length, (await certificates(proxy)).length);
  });

  await t.test('`explain` says which certificate a client is shown, and why there is none', async () => {
    const of = async (url: string) => (await proxy.explain(url)).tls;
    assert.match((await of(`https://${good}/`)).does, /is shown the certificate of good\..*, signed by Pebble/);
    const sent = `its certificate is there, so the client is sent to https://${good}/a`;
    assert.equal((await of(`http://${good}/a`)).does, sent);
    assert.match(
      (await of(`http://${bad}/`)).does,
      /^served over plain HTTP: there is no certificate to send the client to yet: .*nothing listens there/,
    );
    assert.match((await of(`https://${off}/`)).does, /refused: proxy\.tls=off/);
    assert.match((await of(`https://a${wild.slice(1)}/`)).does, /ordered at the first handshake/);
    assert.match((await of('https://nobody.example/')).does, /nobody claims nobody\.example.*unrecognized_name/);
  });

  await t.test('a dry run goes through staging, and the issuer never hears of it', async (inner) => {
    const before = checksOf(pebble, good);
    const { code, out } = await said(inner, 'certs', 'renew', good, '--dry');
    assert.deepEqual([code, out], [0, `✓ ${good} by default: ok\n`]);
    assert.deepEqual([checksOf(staging, good), checksOf(pebble, good)], [1, before]);
    assert.equal((await standing(proxy, good, 'valid')).failures, 0);
  });

  await t.test('a dry run that fails says why, and ends with 1', async (inner) => {
    const { code, out } = await said(inner, 'certs', 'renew', bad, '--dry');
    assert.equal(code, 1);
    assert.match(out, new RegExp(`^✗ ${bad} by default$`, 'm'));
    assert.match(out, /^ {4}to do: {2}Publish port 80/m);
    const answer = await proxy.admin(`/certs/renew?host=${bad}&dry=1`, { method: 'POST' });
    const { ok, tried } = JSON.parse(answer.body) as { ok: boolean; tried: { ok: boolean }[] };
    assert.deepEqual([answer.status, ok, tried.map((one) => one.ok)], [200, false, [false]]);
    const view = (await certificates(proxy)).find(({ names }) => names.includes(bad));
    assert.equal(view?.failures, 1, 'it counts for nothing');
  });

  await t.test('an order by hand replaces a certificate that is good', async (inner) => {
    const before = await standing(proxy, good, 'valid');
    const { code, out } = await said(inner, 'certs', 'renew', good);
    assert.deepEqual([code, out], [0, `ordering ${good} from default; /certs shows how it ends\n`]);
    await eventually('there is a new one', async () => {
      const view = (await certificates(proxy)).find(({ names }) => names.includes(good));
      return view?.state === 'valid' && checksOf(pebble, good) === 2;
    });
    assert.ok(Date.parse((await standing(proxy, good, 'valid')).notAfter ?? '') >= Date.parse(before.notAfter ?? ''));
  });

  await t.test('an order by hand does not wait for the pause after a failure', async (inner) => {
    const { code } = await said(inner, 'certs', 'renew', bad);
    assert.equal(code, 0);
    await eventually('it has failed again', async () =>
      (await certificates(proxy)).some(({ names, failures }) => names.includes(bad) && failures === 2),
    );
    assert.equal(checksOf(pebble, bad), 2);
  });

  await t.test('what cannot be ordered is refused with the reason, and ends with 2', async (inner) => {
    const unknown = await said(inner, 'certs', 'renew', `${good.replace('good', 'goood')}`);
    assert.deepEqual([unknown.code, unknown.out], [2, '']);
    assert.match(unknown.err, new RegExp(`no certificate is for .*; near it are\\n {2}${good}`));
    for (const [name, why] of [
      [local, /internal CA, which renews it by itself/],
      [mine, /the files of cert:nowhere: replace them/],
    ] as const) {
      const { code, err } = await said(inner, 'certs', 'renew', name);
      assert.equal(code, 2);
      assert.match(err, why);
      assert.equal((await proxy.admin(`/certs/renew?host=${name}`, { method: 'POST' })).status, 409);
    }
    assert.equal((await proxy.admin(`/certs/renew?host=${good}`)).status, 405);
  });
});

/** A command as a user types it beside the running proxy. */
async function command(
  t: TestContext,
  { dataDir }: ProxyProcess,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const run = ProxyProcess.spawn(t, { args, env: { FAIRLEAD_DATA: dataDir } });
  const { code } = await run.ended;
  return { code, out: run.stdout, err: run.stderr };
}
