import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecureContext, createServer } from 'node:tls';
import { makeIdentity } from '../../bench/identity.ts';
import { showCertificates } from '../../bench/show-certificates.ts';

const hosts = ['a.bench.test', 'b.bench.test'];

/** A server that shows the certificate of `shownFor(host)`. */
async function server(t: TestContext, shownFor: (host: string) => string) {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-identities-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const made = await Promise.all(hosts.map((host) => makeIdentity(dir, { name: host, host })));
  const contexts = new Map(
    made.map(({ certFile, keyFile }, at) => [
      hosts[at],
      createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) }),
    ]),
  );
  const shown: string[] = [];
  // Told by the server while the handshake goes on, so that it is known when the client has its end.
  const choose = (host: string) => {
    shown.push(host);
    return contexts.get(shownFor(host));
  };
  const listening = createServer({ SNICallback: (host, done) => done(null, choose(host)) }, (socket) => socket.end());
  listening.listen(0, '127.0.0.1');
  t.after(() => listening.close());
  await once(listening, 'listening');
  return { port: (listening.address() as AddressInfo).port, shown };
}

const atOnce = { withinMs: 0, signal: AbortSignal.any([]) };

test('every host is shown its own certificate once', async (t) => {
  const { port, shown } = await server(t, (host) => host);
  await showCertificates(port, hosts, atOnce);
  assert.deepEqual(shown.toSorted(), hosts);
});

test('a host that is shown the certificate of another is told', async (t) => {
  const { port } = await server(t, () => 'a.bench.test');
  await assert.rejects(showCertificates(port, hosts, atOnce), /b\.bench\.test was not shown .* but a\.bench\.test/);
});

test('a port where nobody shows anything is told', async (t) => {
  const { port } = await server(t, () => 'nobody');
  await assert.rejects(showCertificates(port, hosts.slice(1), atOnce), /b\.bench\.test was not shown/);
});
