import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Certificate, readCertificate } from '../../src/tls/certificate.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { fc } from '../support/properties.ts';
import { testRoot } from './test-authority.ts';

const nowMs = 1_800_000_000_000;
const dayMs = 86_400_000;

const root = await testRoot();
const middle = await root.sign({ name: 'Test middle', ca: true });
const leaf = await middle.sign({ names: ['a.example.com', '*.example.com', 'ip:10.1.2.3', 'ip:2001:db8::1'] });
const stranger = await root.sign({ name: 'stranger', names: ['stranger.test'] });

function good(chainPem: string, keyPem: string): Certificate {
  const reading = readCertificate({ chainPem, keyPem, nowMs });
  if (!reading.ok) throw new Error(reading.fault);
  return reading.certificate;
}

function fault(chainPem: string, keyPem: string): string {
  const reading = readCertificate({ chainPem, keyPem, nowMs });
  return reading.ok ? 'none' : reading.fault;
}

const subjects = (chainPem: string) =>
  chainPem.split(/(?=-----BEGIN)/).map((pem) => new X509Certificate(pem).subject.slice(3));

test('a chain and its key become one certificate', () => {
  const certificate = good(leaf.pem + middle.pem, leaf.keyPem);
  assert.deepEqual(certificate.names, ['a.example.com', '*.example.com', '10.1.2.3', '2001:db8::1']);
  assert.equal(certificate.issuer, 'Test middle');
  assert.equal(certificate.id, new X509Certificate(leaf.pem).fingerprint256.replaceAll(':', '').toLowerCase());
  assert.equal(certificate.notBeforeMs, nowMs - dayMs);
  assert.equal(certificate.notAfterMs, nowMs + 90 * dayMs);
  assert.equal(certificate.trusted, false);
});

test('a chain in any order, with strangers and words in between, is put in order', () => {
  const parts = [leaf.pem, middle.pem, root.pem, stranger.pem, 'Bag Attributes: none\n', leaf.pem];
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (shuffled) => {
      const { chainPem } = good(shuffled.join(''), leaf.keyPem);
      assert.deepEqual(subjects(chainPem), ['leaf', 'Test middle', 'Test root']);
    }),
    { numRuns: 30 },
  );
});

test('the certificate of the key is the leaf, wherever it stands', () => {
  assert.deepEqual(good(leaf.pem + stranger.pem, stranger.keyPem).names, ['stranger.test']);
});

test('a chain that somebody else has signed under the same name is not taken', async () => {
  const impostor = await testRoot('Test middle');
  assert.deepEqual(subjects(good(leaf.pem + impostor.pem, leaf.keyPem).chainPem), ['leaf']);
});

test('times are told, and neither too early nor too late is a fault', async () => {
  for (const [fromMs, toMs] of [
    [nowMs + dayMs, nowMs + 2 * dayMs],
    [nowMs - 2 * dayMs, nowMs - dayMs],
  ] as const) {
    const odd = await root.sign({ names: ['odd.test'], fromMs, toMs });
    const { notBeforeMs, notAfterMs } = good(odd.pem, odd.keyPem);
    assert.deepEqual([notBeforeMs, notAfterMs], [fromMs, toMs]);
  }
});

test('the common name counts only without alternative names', async () => {
  const old = await root.sign({ name: 'Old.Example.com' });
  assert.deepEqual(good(old.pem, old.keyPem).names, ['old.example.com']);
  const modern = await root.sign({ name: 'cn.example.com', names: ['san.example.com'] });
  assert.deepEqual(good(modern.pem, modern.keyPem).names, ['san.example.com']);
  const person = await root.sign({ name: 'Jane Doe, Ltd' });
  assert.deepEqual(good(person.pem, person.keyPem).names, []);
});

test('names that a certificate carries are told as they are, and nothing else becomes one', async () => {
  const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
  // Letters first: all digits would be an address.
  const dns = fc.tuple(fc.constantFrom('*.', 'w', ''), name).map(([head, tail]) => `${head}${tail}.test`);
  const evil = fc.constantFrom('a.test, DNS:evil.test', 'b"q.test', 'c\0d.test', 'é.test', '*.*.test', 'w*.test', '.x');
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(dns, { minLength: 1, maxLength: 5 }), fc.array(evil), async (names, evils) => {
      const made = await root.sign({ names: [...evils, ...names, ...evils].map((text) => latin(text)) });
      assert.deepEqual(good(made.pem, made.keyPem).names, [...new Set(names.map((text) => text.toLowerCase()))]);
    }),
    { numRuns: 40 },
  );
});

/** Alternative names are IA5: one byte each. */
function latin(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

test('what is wrong is said in words', () => {
  assert.match(fault('', leaf.keyPem), /there is no certificate in it/);
  assert.match(fault(leaf.keyPem, leaf.keyPem), /there is no certificate in it/);
  assert.match(fault(leaf.pem, ''), /there is no private key in it/);
  assert.match(fault(leaf.pem, leaf.pem), /there is no private key in it/);
  assert.match(fault(leaf.pem, stranger.keyPem), /the key does not belong to the certificate \(CN=leaf\)/);
  assert.match(fault(leaf.pem.repeat(21), leaf.keyPem), /at most 20/);
  assert.match(fault('x'.repeat(300_000), leaf.keyPem), /larger than the 256 KiB/);
  const damaged = middle.pem.replace(/\n[^-\n]{20}/, '\nzzzzzzzzzzzzzzzzzzzz');
  assert.match(fault(leaf.pem + damaged, leaf.keyPem), /certificate 2 of 2 is damaged/);
  for (const cut of [middle.pem.slice(0, 200), leaf.pem + middle.pem.slice(0, 200)])
    assert.match(fault(cut, leaf.keyPem), /the file is cut short/);
});

test('a file that is only half written is never taken for a whole one', () => {
  const [chain, key] = [leaf.pem + middle.pem, leaf.keyPem];
  const whole = good(chain, key).chainPem;
  for (let length = 0; length < chain.trimEnd().length; length++) {
    const reading = readCertificate({ chainPem: chain.slice(0, length), keyPem: key, nowMs });
    // Cut between two blocks it is a chain like any other.
    if (reading.ok) assert.ok(length === leaf.pem.trimEnd().length || length === leaf.pem.length, `${length}`);
  }
  for (let length = 0; length < key.trimEnd().length; length++) {
    assert.equal(readCertificate({ chainPem: chain, keyPem: key.slice(0, length), nowMs }).ok, false);
  }
  assert.equal(good(chain.trimEnd(), key.trimEnd()).chainPem, whole);
});

test('keys as openssl writes them are read, and one with a passphrase is named', (t) => {
  const dir = temporaryDirectory(t);
  const openssl = (command: string) => execFileSync('openssl', command.split(' '), { cwd: dir, stdio: 'pipe' });
  const text = (name: string) => readFileSync(join(dir, name), 'utf8');
  openssl('ecparam -name prime256v1 -genkey -out ec.key');
  openssl('req -x509 -key ec.key -subj /CN=ec.test -days 2 -out ec.crt');
  assert.match(text('ec.key'), /BEGIN EC PARAMETERS/);
  assert.deepEqual(good(text('ec.crt'), text('ec.key')).names, ['ec.test']);
  openssl('genrsa -traditional -out rsa.key 2048');
  openssl('req -x509 -key rsa.key -subj /CN=rsa.test -days 2 -out rsa.crt');
  assert.deepEqual(good(text('rsa.crt') + text('rsa.key'), text('rsa.crt') + text('rsa.key')).names, ['rsa.test']);
  openssl('rsa -in rsa.key -traditional -aes128 -passout pass:x -out locked1.key');
  openssl('pkcs8 -topk8 -in rsa.key -passout pass:x -out locked2.key');
  for (const name of ['locked1.key', 'locked2.key']) assert.match(fault(text('rsa.crt'), text(name)), /passphrase/);
  openssl('genrsa -out weak.key 512');
  openssl('req -x509 -key weak.key -subj /CN=weak.test -days 2 -out weak.crt');
  assert.match(fault(text('weak.crt'), text('weak.key')), /OpenSSL does not accept it: .*too small/);
});
