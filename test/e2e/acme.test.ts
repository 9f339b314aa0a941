import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { type Pebble, type PebbleWish, startPebble } from '../support/pebble.ts';
import type { ProxyProcess } from '../support/proxy-process.ts';
import { quietPort } from '../support/quiet-port.ts';
import { certificates, secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

/** Settings of a proxy whose issuer is that pebble, and which listens where pebble looks. */
async function pebbleAndEnv(
  t: TestContext,
  wish: PebbleWish = {},
): Promise<{ pebble: Pebble; env: Readonly<Record<string, string>> }> {
  const [httpPort, tlsPort] = [await quietPort(), await quietPort()];
  const pebble = await startPebble(t, { httpPort, tlsPort, ...wish });
  const caFile = join(await folder(t), 'ca.pem');
  writeFileSync(caFile, pebble.caPem);
  const env = {
    FAIRLEAD_HTTP: `127.0.0.1:${httpPort}`,
    FAIRLEAD_HTTPS: `127.0.0.1:${tlsPort}`,
    FAIRLEAD_ACME_EMAIL: 'admin@example.com',
    FAIRLEAD_ACME_DIRECTORY: pebble.directoryUrl,
    FAIRLEAD_ACME_CA_FILE: caFile,
    FAIRLEAD_ACME_PREFLIGHT: 'off',
  };
  return { pebble, env };
}

async function folder(t: TestContext): Promise<string> {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const dir = mkdtempSync(join(tmpdir(), 'fl-acme-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** How often pebble has been asked to check a name: once for each order with it. Other tests' containers are ordered for, too. */
const checksOf = (pebble: Pebble, host: string): number =>
  pebble
    .log()
    .split(`Pulled a task from the Tasks queue: &va.vaTask{Identifier:acme.Identifier{Type:"dns", Value:"${host}"}`)
    .length - 1;

async function aSite(t: TestContext, labels: Record<string, string>): Promise<void> {
  const engine = testEngine(t);
  await hostBackend(t, engine, { labels, answer: (_, response) => response.end('site') });
}

const name = (t: TestContext, word = 'app') => `${word}.${testEngine(t).mark}.example.com`;

async function served(proxy: ProxyProcess, pebble: Pebble, host: string): Promise<void> {
  const answer = await secureGet(proxy.httpsPort, host, { ca: await pebble.rootPem() });
  assert.deepEqual([answer.status, answer.body], [200, 'site']);
}

test('a host in a label is all it takes: certificate by HTTP-01, then HTTPS, and port 80 redirects', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const proxy = await secureProxy(t, env);
  const host = name(t);
  await aSite(t, { 'proxy.host': `${host},www.${host}`, 'proxy.alias': `old.${host}` });
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

test('a certificate by TLS-ALPN-01, with port 80 switched off', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const proxy = await secureProxy(t, { ...env, FAIRLEAD_HTTP: 'off' });
  const host = name(t);
  await aSite(t, { 'proxy.host': host });
  await standing(proxy, host, 'valid');
  await served(proxy, pebble, host);
});

test('certificates that live for 120 seconds are renewed without a connection noticing', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t, { validitySeconds: 20 });
  const proxy = await secureProxy(t, env);
  const host = name(t);
  await aSite(t, { 'proxy.host': host });
  const first = await standing(proxy, host, 'valid');
  const before = await secureGet(proxy.httpsPort, host, { ca: await pebble.rootPem() });
  await eventually(
    'it is renewed',
    async () =>
      (await certificates(proxy)).find(({ notAfter }) => notAfter !== null && notAfter > (first.notAfter ?? '')),
    40_000,
  );
  const after = await eventually('the new one is shown', async () => {
    const answer = await secureGet(proxy.httpsPort, host, { ca: await pebble.rootPem() });
    return answer.certificate.fingerprint256 !== before.certificate.fingerprint256 && answer;
  });
  assert.equal(after.status, 200);
});

test('a proxy that starts again uses what it has, and orders nothing', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const dataDir = await folder(t);
  const host = name(t);
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

test('a name that does not lead here fails with its cause, is not tried again at once, and harms no other', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const proxy = await secureProxy(t, env);
  const [good, bad] = [name(t, 'good'), name(t, 'bad')];
  await pebble.dns?.setAddresses(bad, ['127.0.0.9']);
  await aSite(t, { 'proxy.host': bad });
  const view = await standing(proxy, bad, 'waiting');
  const failed = await eventually('it says why', async () =>
    (await certificates(proxy)).find(({ names, problem }) => names.includes(bad) && problem !== null),
  );
  assert.equal(view.notAfter, null);
  assert.match(failed.problem?.type ?? '', /^urn:ietf:params:acme:error:/);
  assert.ok(failed.nextAttempt !== null && Date.parse(failed.nextAttempt) > Date.now());
  await aSite(t, { 'proxy.host': good });
  await standing(proxy, good, 'valid');
  assert.deepEqual([checksOf(pebble, bad), checksOf(pebble, good)], [1, 1]);
});

test('a handshake for a name that only a wildcard route takes waits for its certificate, ordered once', async (t) => {
  const { pebble, env } = await pebbleAndEnv(t);
  const proxy = await secureProxy(t, env);
  const domain = name(t, 'shops');
  await aSite(t, { 'proxy.host': `*.${domain}` });
  await proxy.until('the route is live', `one.${domain}`, '/', ({ status }) => status === 200);
  await Promise.all([1, 2, 3].map(() => served(proxy, pebble, `one.${domain}`)));
  assert.equal(checksOf(pebble, `one.${domain}`), 1);
});
