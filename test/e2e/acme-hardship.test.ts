import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CertificateProblem } from '../../src/tls/certificate-view.ts';
import { eventually, type TestEngine, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { certificates, secureGetSoon, standing } from '../support/secure-proxy.ts';
import { underSmallDisk } from '../support/small-disk.ts';
import { FakeAcme } from '../tls/fake-acme/fake-acme.ts';

/** An issuer in the test's hands, and proxies that know it, on one data directory. */
class Hardship {
  readonly acme: FakeAcme;
  readonly dataDir: string;
  readonly host: string;
  readonly #t: TestContext;
  readonly #engine: TestEngine;
  readonly #caFile: string;

  static async begin(t: TestContext): Promise<Hardship> {
    return new Hardship(t, await FakeAcme.start(t, {}, { secure: true }));
  }

  private constructor(t: TestContext, acme: FakeAcme) {
    this.#t = t;
    this.#engine = testEngine(t);
    this.acme = acme;
    this.dataDir = mkdtempSync(join(tmpdir(), 'fl-hardship-'));
    t.after(() => rmSync(this.dataDir, { recursive: true, force: true }));
    // Beside the data directory, which one test mounts a disk over.
    this.#caFile = `${this.dataDir}.pem`;
    writeFileSync(this.#caFile, acme.caPem);
    t.after(() => rmSync(this.#caFile));
    this.host = this.name('app');
  }

  name(word: string): string {
    return `${word}.${this.#engine.mark}.example.com`;
  }

  async site(host = this.host, labels: Record<string, string> = {}): Promise<void> {
    await hostBackend(this.#t, this.#engine, {
      labels: { 'proxy.host': host, 'proxy.tls': 'hard', ...labels },
      answer: (_, response) => response.end('site'),
    });
  }

  proxy(under: readonly string[] = []): Promise<ProxyProcess> {
    return ProxyProcess.start(this.#t, {
      endpoint: this.#engine.endpoint,
      ...{ dataDir: this.dataDir, under },
      env: {
        FAIRLEAD_HTTPS: '127.0.0.1:0',
        FAIRLEAD_WORKERS: '2',
        // Other tests have containers on the engine too, for which nothing is to be ordered.
        FAIRLEAD_DEFAULT_TLS: 'off',
        FAIRLEAD_ISSUER_HARD_EMAIL: 'admin@example.com',
        FAIRLEAD_ISSUER_HARD_DIRECTORY: this.acme.directoryUrl,
        FAIRLEAD_ISSUER_HARD_CA_FILE: this.#caFile,
        FAIRLEAD_ACME_PREFLIGHT: 'off',
      },
    });
  }

  /** Orders that the issuer has made for a host. */
  ordersFor(host = this.host): number {
    return this.acme.issuer.orders.filter(({ names }) => names.includes(host)).length;
  }

  /** Until `acme.mend()` the issuer does not say how its checks have gone. */
  undecided(): void {
    this.acme.always('authorization', { kind: 'change', change: (json) => ({ ...json, status: 'pending' }) });
  }

  async served(proxy: ProxyProcess): Promise<void> {
    const { status, body } = await secureGetSoon(proxy.httpsPort, this.host, { ca: this.acme.caPem });
    assert.deepEqual([status, body], [200, 'site']);
  }
}

async function killed(proxy: ProxyProcess): Promise<void> {
  proxy.child.kill('SIGKILL');
  await proxy.ended;
}

/** A person asks; resolves once the route is known. */
function renewed(proxy: ProxyProcess, host: string): Promise<{ status: number; headers: Record<string, unknown> }> {
  return eventually('there is something to renew', async () => {
    const answer = await proxy.admin(`/certs/renew?host=${host}`, { method: 'POST' });
    return answer.status !== 404 && answer;
  });
}

function problemOf(proxy: ProxyProcess, host: string): Promise<CertificateProblem> {
  return eventually('it says what is wrong', async () => {
    const view = (await certificates(proxy)).find(({ names }) => names.includes(host));
    return view?.problem ?? undefined;
  });
}

test('a kill -9 in the middle of an order, and another one later in it, cost no second order', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  acme.next('challenge', { kind: 'hang' });
  await hard.site();
  const first = await hard.proxy();
  await acme.asked('challenge');
  await killed(first);
  acme.next('finalize', { kind: 'hang', done: true });
  const second = await hard.proxy();
  const waiting = await standing(second, host, 'waiting');
  assert.match(waiting.why, /failed once/);
  assert.equal((await renewed(second, host)).status, 202);
  await acme.asked('finalize');
  await killed(second);
  const third = await hard.proxy();
  assert.equal((await renewed(third, host)).status, 202);
  await standing(third, host, 'valid');
  await hard.served(third);
  assert.deepEqual([hard.ordersFor(), acme.issuer.accounts.size], [1, 1]);
});

test('while an issuer hangs all else goes on, and who is stopped then need not wait at the next start', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  acme.always('new-order', { kind: 'hang' });
  await hard.site();
  await hard.site(hard.name('local'), { 'proxy.tls': 'internal' });
  const first = await hard.proxy();
  await acme.asked('new-order');
  assert.equal((await standing(first, host, 'ordering')).notAfter, null);
  assert.equal((await first.live(host)).body, 'site');
  await standing(first, hard.name('local'), 'valid');
  const ca = (await first.admin('/certs/root.pem')).body;
  assert.equal((await secureGetSoon(first.httpsPort, hard.name('local'), { ca })).body, 'site');
  assert.deepEqual(await first.stop(), { code: 0, signal: null });
  assert.equal(first.lines().at(-1)?.message, 'fairlead has stopped');
  acme.mend();
  const second = await hard.proxy();
  await standing(second, host, 'valid');
  await hard.served(second);
});

test('an issuer that answers nonsense is asked once, told in plain words, and works when it is mended', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  acme.always('directory', { kind: 'body', body: '<html>welcome</html>', type: 'text/html' });
  await hard.site();
  const proxy = await hard.proxy();
  const { cause, remedy } = await problemOf(proxy, host);
  assert.match(cause, /does not speak ACME/);
  assert.match(remedy, /FAIRLEAD_ISSUER_HARD_DIRECTORY/);
  const { requests } = acme;
  // As long as it takes to start and serve another site.
  await hard.site(hard.name('other'));
  await proxy.live(hard.name('other'));
  await standing(proxy, hard.name('other'), 'waiting');
  assert.equal(acme.requests, requests);
  acme.mend();
  assert.equal((await renewed(proxy, host)).status, 202);
  await standing(proxy, host, 'valid');
  assert.equal(hard.ordersFor(), 1);
});

test('a rate limit is told with its end, and neither persons nor restarts ask before', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  const detail = 'too many certificates already issued for this exact set of identifiers';
  acme.always('new-order', { kind: 'problem', type: 'rateLimited', status: 429, detail, retryAfter: '7200' });
  await hard.site();
  const first = await hard.proxy();
  const problem = await problemOf(first, host);
  const waitMs = Date.parse(problem.retryAfter ?? '') - Date.now();
  assert.ok(waitMs > 7_000_000 && waitMs <= 7_200_000, problem.retryAfter ?? 'nothing');
  assert.deepEqual([problem.status, problem.detail], [429, detail]);
  const { nextAttempt, state } = await standing(first, host, 'waiting');
  assert.ok(Date.parse(nextAttempt ?? '') >= Date.parse(problem.retryAfter ?? '') - 1_000, `${state} ${nextAttempt}`);
  const { requests } = acme;
  for (let i = 0; i < 3; i++) {
    const { status, headers } = await renewed(first, host);
    assert.equal(status, 429);
    assert.ok(Number(headers['retry-after']) > 7_000);
  }
  await killed(first);
  const second = await hard.proxy();
  assert.equal((await renewed(second, host)).status, 429);
  assert.equal(acme.requests, requests);
});

test('a disk that is full costs no certificate that was just signed, and no order that could not be written down', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  hard.undecided();
  await hard.site();
  const proxy = await hard.proxy(underSmallDisk({ directory: hard.dataDir, kib: 2_048 }));
  await acme.asked('challenge');
  // As the proxy sees its directory: the disk is mounted for it alone.
  const ballast = `/proc/${proxy.child.pid}/root${hard.dataDir}/ballast`;
  assert.throws(() => {
    for (let i = 0; i < 4_096; i++) writeFileSync(ballast, Buffer.alloc(512), { flag: 'a' });
  }, /ENOSPC/);
  acme.mend();
  await standing(proxy, host, 'valid');
  await hard.served(proxy);
  await hard.site(hard.name('later'));
  const later = await standing(proxy, hard.name('later'), 'waiting');
  assert.match(later.why, /disk is full|cannot be written/);
  assert.deepEqual([hard.ordersFor(), hard.ordersFor(hard.name('later'))], [1, 0]);
  assert.ok(proxy.lines().some(({ message }) => message?.includes('served from memory')));
  assert.equal((await proxy.live(hard.name('later'))).body, 'site');
});

test('a data plane that is killed in the middle of an order shows the challenge again, and the order goes on', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  hard.undecided();
  const token = Buffer.from(`http-01 ${host}`).toString('base64url');
  const path = `/.well-known/acme-challenge/${token}`;
  await hard.site();
  const proxy = await hard.proxy();
  await acme.asked('challenge');
  const before = await proxy.get(host, path);
  const { pid } = (await proxy.status()).dataPlane;
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  const after = await proxy.until('the challenge is answered again', host, path, ({ status }) => status === 200);
  assert.equal(after.body, before.body);
  assert.ok(after.body.startsWith(`${token}.`));
  acme.mend();
  await standing(proxy, host, 'valid');
  await hard.served(proxy);
  assert.equal(hard.ordersFor(), 1);
});

test('a placeholder is shown where the label asks, nobody is sent to it, and the certificate takes its place', async (t) => {
  const hard = await Hardship.begin(t);
  const { acme, host } = hard;
  acme.always('new-order', { kind: 'problem', type: 'rejectedIdentifier', status: 403, detail: 'not this one' });
  await hard.site(host, { 'proxy.tls.placeholder': 'true' });
  const proxy = await hard.proxy();
  await problemOf(proxy, host);
  const view = await standing(proxy, host, 'waiting');
  assert.deepEqual([view.notAfter, view.issuer], [null, null]);
  const ca = (await proxy.admin('/certs/root.pem')).body;
  const shown = await secureGetSoon(proxy.httpsPort, host, { ca });
  assert.deepEqual([shown.status, shown.body], [200, 'site']);
  assert.equal((await proxy.live(host)).body, 'site');
  acme.mend();
  assert.equal((await renewed(proxy, host)).status, 202);
  await standing(proxy, host, 'valid');
  await hard.served(proxy);
  await proxy.until('it redirects', host, '/', ({ status }) => status === 301);
});
