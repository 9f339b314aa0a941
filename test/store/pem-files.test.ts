import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { directoryName } from '../../src/store/directory-name.ts';
import { PemFiles } from '../../src/store/pem-files.ts';
import { StoreFailure } from '../../src/store/store-failure.ts';
import { type Certificate, readCertificate } from '../../src/tls/certificate.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { killedAfter } from '../support/killed-child.ts';
import { linesLog } from '../support/lines-log.ts';
import { fc } from '../support/properties.ts';
import { onSmallDisk } from '../support/small-disk.ts';
import { testRoot } from '../tls/test-authority.ts';

const clock = new FakeClock();
const root = await testRoot();

async function made(...names: string[]): Promise<Certificate> {
  const { pem, keyPem } = await root.sign({ names });
  const reading = readCertificate({ chainPem: pem + root.pem, keyPem, nowMs: clock.now() });
  if (!reading.ok) throw new Error(reading.fault);
  return reading.certificate;
}

function opened(dataDir: string) {
  const { log, lines } = linesLog();
  return { files: new PemFiles({ dataDir, log, clock }), lines };
}

const file = (dataDir: string, ...path: string[]) => join(dataDir, 'certificates', ...path);
const first = await made('a.example.com', 'b.example.com');
const second = await made('a.example.com', 'b.example.com');
const about = { wantedId: 'acme a,b', issuer: 'default', directoryUrl: 'https://acme.example.net/directory' };

test('a certificate becomes three files that a person can read and nobody else', (t) => {
  const dataDir = temporaryDirectory(t);
  opened(dataDir).files.save(first, about);
  assert.equal(readFileSync(file(dataDir, 'a.example.com', 'fullchain.pem'), 'utf8'), first.chainPem);
  assert.equal(readFileSync(file(dataDir, 'a.example.com', 'privkey.pem'), 'utf8'), first.keyPem);
  const told = JSON.parse(readFileSync(file(dataDir, 'a.example.com', 'about.json'), 'utf8'));
  assert.deepEqual(told.names, ['a.example.com', 'b.example.com']);
  assert.equal(told.notAfter, new Date(first.notAfterMs).toISOString());
  assert.equal(told.signedBy, 'Test root');
  for (const name of ['fullchain.pem', 'privkey.pem', 'about.json']) {
    assert.equal(statSync(file(dataDir, 'a.example.com', name)).mode & 0o777, 0o600);
  }
  assert.equal(statSync(file(dataDir, 'a.example.com')).mode & 0o777, 0o700);
  assert.equal(statSync(file(dataDir)).mode & 0o777, 0o700);
});

test('the next start finds what was saved, and why', (t) => {
  const dataDir = temporaryDirectory(t);
  opened(dataDir).files.save(first, about);
  const { files } = opened(dataDir);
  assert.deepEqual(files.all, [{ certificate: first, about: { ...about, savedAtMs: clock.now() } }]);
  assert.deepEqual(files.damages, []);
});

test('a renewed certificate takes the place of the old one, of which nothing stays', (t) => {
  const dataDir = temporaryDirectory(t);
  const { files } = opened(dataDir);
  for (const certificate of [first, second, second]) files.save(certificate, about);
  assert.deepEqual(
    files.all.map(({ certificate }) => certificate),
    [second],
  );
  assert.equal(readdirSync(file(dataDir, '.versions')).length, 1);
  assert.deepEqual(
    opened(dataDir).files.all.map(({ certificate }) => certificate),
    [second],
  );
});

test('two certificates of the same first name stand beside each other', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { files } = opened(dataDir);
  files.save(first, about);
  const other = await made('a.example.com');
  files.save(other, { wantedId: 'acme a', issuer: 'default' });
  assert.ok(existsSync(file(dataDir, 'a.example.com-0002', 'privkey.pem')));
  assert.deepEqual(
    new Set(opened(dataDir).files.all.map(({ certificate }) => certificate.id)),
    new Set([first.id, other.id]),
  );
});

test('a wildcard and an address have readable names', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { files } = opened(dataDir);
  files.save(await made('*.example.com'), { wantedId: '1', issuer: 'default' });
  files.save(await made('ip:2001:db8::1'), { wantedId: '2', issuer: 'default' });
  const names = readdirSync(file(dataDir)).filter((name) => !name.startsWith('.'));
  assert.deepEqual(names.sort(), ['2001_db8__1', '_wildcard.example.com']);
});

test('no name leaves its directory, hides or is too long for a file system', () => {
  const nasty = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '\0',
    '-',
    '_',
    '*',
    '*.',
    ':',
    'a',
    'é',
    '\n',
    '.versions',
    '@',
    'archive',
  );
  const host = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(nasty, { maxLength: 120 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(host, (name) => {
      assert.match(directoryName(name), /^(?!.*\.\.)[a-z0-9_-][a-z0-9._-]{0,199}$/);
    }),
    { numRuns: 1_000 },
  );
  assert.equal(directoryName('a.example.com'), 'a.example.com');
  assert.notEqual(directoryName('../a'), directoryName('../b'));
});

test('at whatever moment kill -9 comes, chain and key belong together and every saved name has a certificate', async (t) => {
  const dataDir = temporaryDirectory(t);
  const certificates = [first, await made('c.example.com'), second, await made('c.example.com')];
  writeFileSync(join(dataDir, 'certificates.json'), JSON.stringify(certificates));
  for (const lines of [1, 2, 3, 25, 60, 11]) {
    const seen = await killedAfter(lines, join(import.meta.dirname, 'pem-writer.ts'), [dataDir]);
    const saved = new Set(seen.map((line) => line.split(' ')[0] as string));
    for (const name of saved) {
      const leaf = new X509Certificate(readFileSync(file(dataDir, name, 'fullchain.pem')));
      const keyPem = readFileSync(file(dataDir, name, 'privkey.pem'), 'utf8');
      assert.equal(readCertificate({ chainPem: leaf.toString(), keyPem, nowMs: 0 }).ok, true, name);
    }
    const { files } = opened(dataDir);
    assert.deepEqual(files.damages, []);
    for (const name of saved) assert.ok(files.all.some(({ certificate }) => certificate.names[0] === name));
    assert.equal(readdirSync(file(dataDir, '.versions')).length, files.all.length);
  }
});

test('while a certificate is replaced again and again, its name leads to a whole pair at every moment', async (t) => {
  const dataDir = temporaryDirectory(t);
  writeFileSync(join(dataDir, 'certificates.json'), JSON.stringify([first, second]));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'pem-writer.ts'), dataDir], { stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  const lines = once(child.stdout, 'data');
  child.stderr.resume();
  await lines;
  child.stdout.resume();
  const path = file(dataDir, 'a.example.com');
  for (let changes = 0, last = ''; changes < 100; ) {
    // What is read here is what a kill at this moment would leave: a name without a link throws.
    const version = readlinkSync(path);
    if (version !== last) changes++;
    last = version;
    const pair = pairOf(file(dataDir, version));
    if (pair === null) assert.notEqual(readlinkSync(path), version);
    else assert.equal(readCertificate({ ...pair, nowMs: 0 }).ok, true);
    await setImmediate();
  }
});

/** null where a file is gone. */
function pairOf(version: string): { chainPem: string; keyPem: string } | null {
  try {
    const [chainPem, keyPem] = ['fullchain.pem', 'privkey.pem'].map((name) =>
      readFileSync(join(version, name), 'utf8'),
    );
    return { chainPem: chainPem ?? '', keyPem: keyPem ?? '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

test('what a kill left between writing and linking is a certificate all the same', (t) => {
  const dataDir = temporaryDirectory(t);
  opened(dataDir).files.save(first, about);
  renameSync(file(dataDir, 'a.example.com'), file(dataDir, '.draft-0123456789ab'));
  const { files } = opened(dataDir);
  assert.deepEqual(
    files.all.map(({ certificate }) => certificate),
    [first],
  );
  assert.deepEqual(readdirSync(file(dataDir)).sort(), ['.versions', 'a.example.com']);
});

test('a damaged certificate is set aside and reported, its neighbour stands, and its name is free again', async (t) => {
  const other = await made('other.example.com');
  const damage: Record<string, (path: string) => void> = {
    'the key does not belong': (path) => writeFileSync(join(path, 'privkey.pem'), other.keyPem),
    'no such file': (path) => rmSync(join(path, 'privkey.pem')),
    'cut short': (path) => writeFileSync(join(path, 'fullchain.pem'), first.chainPem.slice(0, 700)),
    'no certificate': (path) => writeFileSync(join(path, 'fullchain.pem'), Buffer.alloc(700)),
    'no file of at most': (path) => writeFileSync(join(path, 'fullchain.pem'), Buffer.alloc(300_000)),
  };
  for (const [why, harm] of Object.entries(damage)) {
    const dataDir = temporaryDirectory(t);
    const before = opened(dataDir).files;
    before.save(first, about);
    before.save(other, { wantedId: 'other', issuer: 'default' });
    harm(file(dataDir, 'a.example.com'));
    const { files, lines } = opened(dataDir);
    assert.deepEqual(
      files.all.map(({ certificate }) => certificate),
      [other],
      why,
    );
    assert.match(files.damages[0]?.why ?? '', new RegExp(why));
    assert.match(files.damages[0]?.keptAs ?? '', /certificates\/a\.example\.com\.damaged-\d{8}T\d{9}Z$/);
    assert.ok(existsSync(files.damages[0]?.keptAs ?? ''));
    assert.equal(lines.length, 1);
    files.save(first, about);
    const last = opened(dataDir).files;
    assert.equal(last.all.length, 2);
    assert.deepEqual(last.damages, []);
  }
});

test('without about.json a certificate is still one, and is replaced by the next of the same names', (t) => {
  const dataDir = temporaryDirectory(t);
  opened(dataDir).files.save(first, about);
  writeFileSync(file(dataDir, 'a.example.com', 'about.json'), '{"wantedId": 1');
  const { files } = opened(dataDir);
  assert.equal(files.all[0]?.about.wantedId, '');
  files.save(second, about);
  assert.deepEqual(
    opened(dataDir).files.all.map(({ certificate }) => certificate),
    [second],
  );
});

test('a directory put there by hand is read, and replaced like any other', (t) => {
  const dataDir = temporaryDirectory(t);
  mkdirSync(file(dataDir, 'a.example.com'), { recursive: true });
  writeFileSync(file(dataDir, 'a.example.com', 'fullchain.pem'), first.chainPem);
  writeFileSync(file(dataDir, 'a.example.com', 'privkey.pem'), first.keyPem);
  const { files } = opened(dataDir);
  assert.deepEqual(
    files.all.map(({ certificate }) => certificate),
    [first],
  );
  files.save(second, about);
  assert.equal(readFileSync(file(dataDir, 'a.example.com', 'fullchain.pem'), 'utf8'), second.chainPem);
  assert.equal(readdirSync(file(dataDir, '.versions')).length, 1);
});

test('a link that somebody pointed elsewhere is read, and what it leads to left alone', (t) => {
  const dataDir = temporaryDirectory(t);
  const elsewhere = temporaryDirectory(t);
  writeFileSync(join(elsewhere, 'fullchain.pem'), first.chainPem);
  writeFileSync(join(elsewhere, 'privkey.pem'), first.keyPem);
  opened(dataDir);
  symlinkSync(elsewhere, file(dataDir, 'a.example.com'));
  opened(dataDir).files.save(second, about);
  assert.equal(readFileSync(join(elsewhere, 'fullchain.pem'), 'utf8'), first.chainPem);
  assert.deepEqual(
    opened(dataDir).files.all.map(({ certificate }) => certificate),
    [second],
  );
});

test('an archived certificate is out of use, listed, and never read as one in use', (t) => {
  const dataDir = temporaryDirectory(t);
  const { files } = opened(dataDir);
  files.save(first, about);
  assert.equal(files.archive('unknown'), false);
  assert.equal(files.archive(first.id), true);
  assert.deepEqual(files.all, []);
  const again = opened(dataDir).files;
  assert.deepEqual(again.all, []);
  const [archived] = again.archived();
  assert.deepEqual(archived?.stored.certificate, first);
  assert.match(archived?.path ?? '', /archive\/a\.example\.com@\d{8}T\d{9}Z$/);
  assert.equal(statSync(join(archived?.path ?? '', 'privkey.pem')).mode & 0o777, 0o600);
});

test('of archived ones the newest two hundred are kept', (t) => {
  const dataDir = temporaryDirectory(t);
  const { files } = opened(dataDir);
  for (let n = 0; n < 203; n++) {
    clock.advance(1_000);
    files.save(n === 0 ? first : second, about);
    files.archive(n === 0 ? first.id : second.id);
  }
  const archived = files.archived();
  assert.equal(archived.length, 200);
  assert.ok(archived.every(({ stored }) => stored.certificate.id === second.id));
});

test('a full disk is an error in words, and costs no certificate that was saved', async (t) => {
  const given = join(temporaryDirectory(t), 'certificate.json');
  writeFileSync(given, JSON.stringify(first));
  const script = join(import.meta.dirname, 'full-pem-disk.ts');
  const outcome = await onSmallDisk({ directory: temporaryDirectory(t), kib: 256 }, [script, given]);
  assert.equal(outcome.name, 'StoreFailure');
  assert.match(String(outcome.message), /certificates: the disk is full$/);
  assert.ok(Number(outcome.saved) > 3);
  assert.equal(outcome.found, outcome.saved);
  assert.equal(outcome.damages, 0);
});

test('a directory that cannot be made is an error in words', (t) => {
  const dataDir = temporaryDirectory(t);
  writeFileSync(file(dataDir), 'a file in the way');
  assert.throws(() => opened(dataDir), StoreFailure);
});
