import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { InternalCa, internalRenewalMs } from '../../src/tls/internal-ca.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { linesLog } from '../support/lines-log.ts';

const run = promisify(execFile);
const dayMs = 86_400_000;
const nowMs = Date.now();

function opened(dataDir: string, atMs = nowMs) {
  const { log, lines } = linesLog();
  return { ca: new InternalCa({ dataDir, log, nowMs: atMs }), lines };
}

function files(t: TestContext, contents: Record<string, string | null>) {
  const dir = temporaryDirectory(t);
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(dir, name), text ?? '');
  return dir;
}

/** What `openssl verify` says of a leaf. */
function verdict(t: TestContext, rootPem: string | null, leafPem: string, ...more: readonly string[]): string {
  const dir = files(t, { 'root.pem': rootPem, 'leaf.pem': leafPem });
  const args = ['verify', '-x509_strict', '-CAfile', 'root.pem', '-purpose', 'sslserver', ...more, 'leaf.pem'];
  try {
    return execFileSync('openssl', args, { cwd: dir, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

test('openssl takes what it issues for the names, and for no others', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const { chainPem } = await ca.issue(['localhost', '*.app.localhost', 'a.b.test', '127.0.0.1', '::1'], nowMs);
  for (const host of ['localhost', 'x.app.localhost', 'a.b.test'])
    assert.match(verdict(t, ca.rootPem, chainPem, '-verify_hostname', host), /leaf\.pem: OK/);
  for (const ip of ['127.0.0.1', '::1']) assert.match(verdict(t, ca.rootPem, chainPem, '-verify_ip', ip), /OK/);
  assert.match(verdict(t, ca.rootPem, chainPem, '-verify_hostname', 'b.test'), /hostname mismatch/i);
  assert.match(verdict(t, ca.rootPem, chainPem, '-verify_ip', '127.0.0.2'), /mismatch/i);
});

test('a certificate for addresses only, and one for a name too long for a common name, are taken too', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.internal`;
  const [address, named] = [await ca.issue(['192.168.1.7'], nowMs), await ca.issue([long], nowMs)];
  assert.match(verdict(t, ca.rootPem, address.chainPem, '-verify_ip', '192.168.1.7'), /OK/);
  assert.match(verdict(t, ca.rootPem, named.chainPem, '-verify_hostname', long), /OK/);
});

test('a client that trusts the root talks to a server with what it issued', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const { chainPem, keyPem } = await ca.issue(['localhost', 'app.localhost', '127.0.0.1'], nowMs);
  const server = createServer({ cert: chainPem, key: keyPem }, (_, response) => response.end('hello'));
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cwd = files(t, { 'root.pem': ca.rootPem });
  const curl = (host: string, ...more: readonly string[]) =>
    run('curl', ['-sS', '--max-time', '20', '--connect-to', `::127.0.0.1:${port}`, ...more, `https://${host}/`], {
      cwd,
    });
  for (const host of ['localhost', 'app.localhost', '127.0.0.1'])
    assert.equal((await curl(host, '--cacert', 'root.pem')).stdout, 'hello');
  await assert.rejects(curl('other.localhost', '--cacert', 'root.pem'), /no alternative certificate subject name/);
  await assert.rejects(curl('localhost'), /certificate/);
});

test('the root for local names can vouch for no others, even if its key is stolen', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { ca } = opened(dataDir);
  await ca.issue(['a.test'], nowMs);
  const cwd = files(t, { 'stolen.pem': readFileSync(join(dataDir, 'internal-ca', 'local.pem'), 'utf8') });
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd, stdio: 'pipe' });
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'leaf.key');
  for (const [san, expected] of [
    ['DNS:bank.example.com', /permitted subtree violation/],
    ['DNS:a.test,IP:8.8.8.8', /permitted subtree violation/],
    ['DNS:a.test,IP:10.9.8.7,IP:fd00::1', /leaf\.pem: OK/],
  ] as const) {
    openssl('req', '-new', '-key', 'leaf.key', '-subj', '/O=x', '-out', 'leaf.csr');
    writeFileSync(join(cwd, 'ext'), `subjectAltName=${san}\nauthorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n`);
    openssl(...'x509 -req -in leaf.csr -CA stolen.pem -CAkey stolen.pem -days 9 -extfile ext -out leaf.pem'.split(' '));
    assert.match(verdict(t, ca.rootPem, readFileSync(join(cwd, 'leaf.pem'), 'utf8')), expected, san);
  }
});

test('other names are vouched for by a root of their own, made when it is needed', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const before = ca.rootPem;
  assert.equal(before, null);
  await ca.issue(['a.test'], nowMs);
  const local = ca.rootPem ?? '';
  for (const names of [['app.example.com'], ['a.test', 'app.example.com'], ['whoami'], ['203.0.113.5']]) {
    const { chainPem } = await ca.issue(names, nowMs);
    assert.match(verdict(t, ca.rootPem, chainPem), /OK/);
    assert.match(verdict(t, local, chainPem), /unable to get local issuer certificate/);
  }
  assert.ok(ca.rootPem?.startsWith(local));
});

test('a certificate is for servers, for ninety days, and the next comes after two thirds of them', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const first = await ca.issue(['a.test'], nowMs);
  assert.deepEqual(new X509Certificate(first.chainPem).keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.ok(Math.abs(first.notAfterMs - nowMs - 90 * dayMs) < 1_000);
  assert.equal(first.trusted, false);
  assert.match(first.issuer, /^Fairlead local root [0-9a-f]{8}$/);
  const dueMs = internalRenewalMs(first);
  assert.equal(await ca.issue(['a.test'], dueMs - 1), first);
  const second = await ca.issue(['a.test'], dueMs);
  assert.notEqual(second.id, first.id);
  assert.ok(second.notAfterMs > first.notAfterMs);
});

test('when the clock jumps back before it begins, another is issued', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  await ca.issue(['a.test'], nowMs);
  const early = await ca.issue(['a.test'], nowMs - 400 * dayMs);
  assert.ok(early.notBeforeMs < nowMs - 400 * dayMs);
  const minutes = Math.floor((nowMs - 400 * dayMs) / 1_000);
  assert.match(verdict(t, ca.rootPem, early.chainPem, '-attime', String(minutes)), /OK/);
});

test('many who ask at once get the same one', async (t) => {
  const { ca } = opened(temporaryDirectory(t));
  const issued = await Promise.all(Array.from({ length: 10 }, () => ca.issue(['a.test'], nowMs)));
  assert.equal(new Set(issued.map(({ id }) => id)).size, 1);
});

test('the root is kept for its owner only, and the next start has the same', async (t) => {
  const dataDir = temporaryDirectory(t);
  const first = opened(dataDir).ca;
  const { chainPem } = await first.issue(['a.test'], nowMs);
  assert.equal(statSync(join(dataDir, 'internal-ca')).mode & 0o777, 0o700);
  assert.equal(statSync(join(dataDir, 'internal-ca', 'local.pem')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(dataDir, 'internal-ca')), ['local.pem']);
  const { ca } = opened(dataDir);
  assert.equal(ca.rootPem, first.rootPem);
  await ca.issue(['a.test'], nowMs);
  assert.match(verdict(t, ca.rootPem, chainPem), /OK/);
});

test('processes that begin at the same time have one root', async (t) => {
  const dataDir = temporaryDirectory(t);
  const script = join(import.meta.dirname, 'root-maker.ts');
  const roots = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [script, dataDir])));
  assert.equal(new Set(roots.map(({ stdout }) => stdout)).size, 1);
  assert.match(roots[0]?.stdout ?? '', /BEGIN CERTIFICATE/);
  assert.deepEqual(readdirSync(join(dataDir, 'internal-ca')), ['local.pem']);
});

test('two years before it ends the root is renewed, and who trusts either one trusts the same servers', async (t) => {
  const dataDir = temporaryDirectory(t);
  const old = opened(dataDir).ca;
  await old.issue(['a.test'], nowMs);
  const laterMs = nowMs + 8 * 365 * dayMs + 10 * dayMs;
  const { ca } = opened(dataDir, laterMs);
  const { chainPem } = await ca.issue(['a.test'], laterMs);
  assert.notEqual(ca.rootPem, old.rootPem);
  const seconds = String(Math.floor(laterMs / 1_000));
  for (const root of [old.rootPem, ca.rootPem]) assert.match(verdict(t, root, chainPem, '-attime', seconds), /OK/);
  assert.equal(opened(dataDir, laterMs).ca.rootPem, ca.rootPem);
});

test('a damaged root is set aside and reported, and a new one made', async (t) => {
  const dataDir = temporaryDirectory(t);
  const first = opened(dataDir).ca;
  await first.issue(['a.test'], nowMs);
  const path = join(dataDir, 'internal-ca', 'local.pem');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 800));
  const { ca, lines } = opened(dataDir);
  assert.equal(ca.rootPem, null);
  assert.match(ca.damages[0]?.keptAs ?? '', /local\.pem\.damaged-/);
  assert.equal(lines.length, 1);
  const { chainPem } = await ca.issue(['a.test'], nowMs);
  assert.notEqual(ca.rootPem, first.rootPem);
  assert.match(verdict(t, ca.rootPem, chainPem), /OK/);
});

test('what is no host name is refused before anything is signed', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { ca } = opened(dataDir);
  const many = Array.from({ length: 101 }, (_, n) => `n${n}.test`);
  for (const names of [[], ['a b'], ['*.*.test'], ['a.test', '../x'], ['A.test'], [`${'a.'.repeat(130)}test`], many])
    await assert.rejects(ca.issue(names, nowMs), RangeError);
  assert.equal(ca.rootPem, null);
});

test('a root that cannot be kept is an error for who asks, and the next attempt is a new one', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { ca } = opened(dataDir);
  writeFileSync(join(dataDir, 'internal-ca'), 'a file in the way');
  await assert.rejects(ca.issue(['a.test'], nowMs), /EEXIST|ENOTDIR/);
  execFileSync('rm', [join(dataDir, 'internal-ca')]);
  assert.deepEqual((await ca.issue(['a.test'], nowMs)).names, ['a.test']);
});
