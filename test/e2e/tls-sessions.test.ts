import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sClient } from '../engine/support/openssl.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { aSite } from '../support/pebble-proxy.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

/** That so many connections all go to one of two workers happens once in two thousand times. */
const many = 12;

test('a session is taken up again by whichever worker the client comes to, and none of a killed data plane', async (t) => {
  const proxy = await secureProxy(t, { FAIRLEAD_WORKERS: '2' });
  const host = `app.${testEngine(t).mark}.test`;
  await aSite(t, { 'proxy.host': host });
  await standing(proxy, host, 'valid');
  const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const visit = (...args: string[]) => sClient(proxy.httpsPort, ['-servername', host, ...args], request);
  await eventually('all workers serve it', async () => {
    const said = await Promise.all(Array.from({ length: many }, () => visit()));
    return said.every((one) => /^HTTP\/1\.1 200 /m.test(one));
  });
  for (const version of ['-tls1_2', '-tls1_3']) {
    const session = join(testFolder(t), 'session');
    assert.match(await visit(version, '-sess_out', session), /^New, TLSv1\.[23], Cipher/m);
    const visits = await Promise.all(Array.from({ length: many }, () => visit(version, '-sess_in', session)));
    for (const said of visits) {
      assert.match(said, /^Reused, TLSv1\.[23], Cipher/m);
      assert.match(said, /^HTTP\/1\.1 200 /m);
    }
  }

  const session = join(testFolder(t), 'session');
  await visit('-sess_out', session);
  const { pid } = (await proxy.status()).dataPlane;
  process.kill(pid ?? 0, 'SIGKILL');
  // Its keys were in its memory alone: a session is made anew, and the client notices nothing else.
  const after = await eventually('it is served again', async () => {
    const said = await visit('-sess_in', session, '-sess_out', session);
    return /^HTTP\/1\.1 200 /m.test(said) && said;
  });
  assert.match(after, /^New, TLSv1\.3, Cipher/m);
  assert.match(await visit('-sess_in', session), /^Reused, TLSv1\.3, Cipher/m);
});
