import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readIssuerFiles } from '../../src/cli/issuer-files.ts';
import { issuerRows, letsEncrypt } from '../../src/cli/issuer-rows.ts';
import type { Issuer } from '../../src/tls/acme/issuer.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { fc } from '../support/properties.ts';
import { fairlead, settingsOf } from './terminal.ts';

type Environment = Readonly<Record<string, string>>;

/** The issuers of these settings; all problems must be of reading. */
function issuersOf(env: Environment): readonly Issuer[] {
  const { issuers, problems } = settingsOf([], env);
  const files = readIssuerFiles(issuers, env);
  assert.deepEqual([...problems, ...files.problems], []);
  return files.issuers;
}

function problemsOf(env: Environment): [label: string, expected: string][] {
  const { issuers, problems } = settingsOf([], env);
  return [...problems, ...readIssuerFiles(issuers, env).problems].map(({ label, expected }) => [label, expected]);
}

const hmac = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

test('without an e-mail address or a directory there is no issuer', () => {
  assert.deepEqual(issuersOf({}), []);
  assert.deepEqual(issuersOf({ FAIRLEAD_ACME_PREFLIGHT: 'off' }), []);
});

test("an e-mail address alone is Let's Encrypt, with its staging directory", () => {
  assert.deepEqual(issuersOf({ FAIRLEAD_ACME_EMAIL: 'admin@example.com' }), [
    {
      name: 'default',
      directoryUrl: letsEncrypt.directory,
      stagingUrl: letsEncrypt.staging,
      email: 'admin@example.com',
      caPem: null,
      eab: null,
      profile: null,
      dns: null,
    },
  ]);
});

test('another directory has no staging of its own accord, and any can be switched off', () => {
  const directory = 'https://acme.example.com/directory';
  const staging = (env: Environment) => issuersOf(env)[0]?.stagingUrl;
  assert.equal(staging({ FAIRLEAD_ACME_DIRECTORY: directory }), null);
  assert.equal(
    staging({ FAIRLEAD_ACME_DIRECTORY: directory, FAIRLEAD_ACME_STAGING: 'https://s.example.com/' }),
    'https://s.example.com/',
  );
  assert.equal(staging({ FAIRLEAD_ACME_EMAIL: 'a@example.com', FAIRLEAD_ACME_STAGING: 'off' }), null);
});

test('more issuers have names as labels call them, and the default one comes first', () => {
  const issuers = issuersOf({
    FAIRLEAD_ISSUER_OUR_CA_DIRECTORY: 'https://ca.example.com/acme',
    FAIRLEAD_ISSUER_OUR_CA_EAB_KID: 'kid-1',
    FAIRLEAD_ISSUER_OUR_CA_EAB_HMAC: hmac,
    FAIRLEAD_ISSUER_BRIEF_EMAIL: 'b@example.com',
    FAIRLEAD_ISSUER_BRIEF_PROFILE: 'shortlived',
    FAIRLEAD_ACME_EMAIL: 'a@example.com',
  });
  assert.deepEqual(
    issuers.map(({ name, directoryUrl, eab, profile }) => [name, directoryUrl, eab, profile]),
    [
      ['default', letsEncrypt.directory, null, null],
      ['brief', letsEncrypt.directory, null, 'shortlived'],
      ['our-ca', 'https://ca.example.com/acme', { kid: 'kid-1', hmacKey: hmac }, null],
    ],
  );
  const { issuers: byFlag } = settingsOf(['--issuer-our-ca-email', 'a@example.com']);
  assert.deepEqual(
    byFlag.map(({ name, labels }) => [name, labels.email]),
    [['our-ca', '--issuer-our-ca-email']],
  );
});

test('what belongs together is told when one half is missing, all at once and in the spelling that was used', () => {
  const email = { FAIRLEAD_ACME_EMAIL: 'a@example.com' };
  const first = (env: Environment) => problemsOf({ ...email, ...env })[0];
  assert.match(first({ FAIRLEAD_ACME_EAB_KID: 'k' })?.[1] ?? '', /^FAIRLEAD_ACME_EAB_HMAC beside it, such as /);
  assert.match(first({ FAIRLEAD_ACME_EAB_HMAC: hmac })?.[1] ?? '', /^FAIRLEAD_ACME_EAB_KID beside it/);
  assert.match(first({ FAIRLEAD_ACME_DNS_SECRET: 'x' })?.[1] ?? '', /^FAIRLEAD_ACME_DNS beside it/);
  assert.match(
    settingsOf(['--acme-email=a@example.com', '--acme-eab-kid=k']).problems[0]?.expected ?? '',
    /^--acme-eab-hmac beside it/,
  );
  const all = problemsOf({
    FAIRLEAD_ACME_EAB_KID: 'k',
    FAIRLEAD_ISSUER_A_DNS_SECRET: 'x',
    FAIRLEAD_ISSUER_B_DIRECTORY: 'http://b.example.com',
    FAIRLEAD_ISSUER_B_EMAIL: 'b',
  });
  assert.deepEqual(all.map(([label]) => label).sort(), [
    'FAIRLEAD_ACME_EAB_KID',
    'FAIRLEAD_ACME_EAB_KID',
    'FAIRLEAD_ISSUER_A_DNS_SECRET',
    'FAIRLEAD_ISSUER_A_DNS_SECRET',
    'FAIRLEAD_ISSUER_B_DIRECTORY',
    'FAIRLEAD_ISSUER_B_EMAIL',
  ]);
});

test('settings of an issuer without an e-mail address or a directory are a problem', () => {
  const [label, expected] = problemsOf({ FAIRLEAD_ISSUER_ZEROSSL_PROFILE: 'x' })[0] ?? [];
  assert.equal(label, 'FAIRLEAD_ISSUER_ZEROSSL_PROFILE');
  assert.match(expected ?? '', /FAIRLEAD_ISSUER_ZEROSSL_EMAIL .*or FAIRLEAD_ISSUER_ZEROSSL_DIRECTORY/);
});

test('a name that no label could mean, and one issuer too many, are problems', () => {
  for (const name of ['AUTO', 'OFF', 'INTERNAL', 'PASSTHROUGH', 'DEFAULT', 'SELF_SIGNED'])
    assert.match(
      problemsOf({ [`FAIRLEAD_ISSUER_${name}_EMAIL`]: 'a@example.com' })[0]?.[1] ?? '',
      /^another name/,
      name,
    );
  const many = Array.from({ length: 21 }, (_, at) => [`FAIRLEAD_ISSUER_I${at}_EMAIL`, 'a@example.com']);
  assert.match(problemsOf(Object.fromEntries(many))[0]?.[1] ?? '', /^at most 20 issuers/);
});

test('a mistyped part of the family gets the one that was meant', () => {
  const suggestion = (name: string) => settingsOf([], { [name]: 'a@example.com' }).problems[0]?.suggestion;
  assert.equal(suggestion('FAIRLEAD_ISSUER_ZEROSSL_EMIAL'), 'did you mean `FAIRLEAD_ISSUER_ZEROSSL_EMAIL`?');
  assert.equal(suggestion('FAIRLEAD_ACME_EMIAL'), 'did you mean `FAIRLEAD_ACME_EMAIL`?');
});

test('secrets may be kept in a file or a variable, and one that is not there names its place only', (t) => {
  const dir = temporaryDirectory(t);
  const file = join(dir, 'hmac');
  const eab = { FAIRLEAD_ACME_EMAIL: 'a@example.com', FAIRLEAD_ACME_EAB_KID: 'k' };
  writeFileSync(file, `${hmac}\n`);
  const from = (place: string, more = {}) =>
    issuersOf({ ...eab, FAIRLEAD_ACME_EAB_HMAC: place, ...more })[0]?.eab?.hmacKey;
  assert.equal(from(`@${file}`), hmac);
  assert.equal(from('env:OUR_HMAC', { OUR_HMAC: hmac }), hmac);
  writeFileSync(file, 'hunter2 hunter2');
  const problem = (place: string) => problemsOf({ ...eab, FAIRLEAD_ACME_EAB_HMAC: place })[0]?.[1] ?? '';
  assert.match(problem(`@${file}`), /^base64url/);
  assert.doesNotMatch(problem(`@${file}`), /hunter2/);
  assert.match(problem(`@${dir}/none`), /\/none cannot be read \(ENOENT\)/);
  assert.match(problem(`@${dir}`), /cannot be read/);
  assert.match(problem('env:NOBODY_SET_IT'), /NOBODY_SET_IT is not set/);
});

test('how TXT records are set is read with its secret, which may be kept in a file', (t) => {
  const dir = temporaryDirectory(t);
  const file = join(dir, 'token');
  const cloudflareToken = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  writeFileSync(file, `${cloudflareToken}\n`);
  const env = { FAIRLEAD_ACME_EMAIL: 'a@example.com', FAIRLEAD_ACME_DNS: 'cloudflare' };
  const [first] = issuersOf({ ...env, FAIRLEAD_ACME_DNS_SECRET: `@${file}` });
  assert.deepEqual(first?.dns, { kind: 'cloudflare', token: cloudflareToken });
  const [second] = issuersOf({
    FAIRLEAD_ISSUER_WILD_EMAIL: 'a@example.com',
    FAIRLEAD_ISSUER_WILD_DNS: 'rfc2136://fairlead@192.0.2.53:5353',
    FAIRLEAD_ISSUER_WILD_DNS_SECRET: 'AAECAwQFBgcICQoLDA0ODw==',
  });
  assert.equal(second?.dns?.kind, 'rfc2136');
  const problem = (more: Environment) => problemsOf({ ...env, ...more })[0] ?? ['', ''];
  assert.match(problem({})[1], /_DNS_SECRET an API token of Cloudflare/);
  assert.match(problem({ FAIRLEAD_ACME_DNS_SECRET: `@${dir}/none` })[1], /none cannot be read/);
  assert.deepEqual(problem({ FAIRLEAD_ACME_DNS: 'cloudfare', FAIRLEAD_ACME_DNS_SECRET: 'x' })[0], 'FAIRLEAD_ACME_DNS');
});

test('a warning about an issuer does not keep the proxy from starting', () => {
  const env = {
    FAIRLEAD_ACME_EMAIL: 'a@example.com',
    FAIRLEAD_ACME_DNS: 'exec:/usr/local/bin/set-txt',
    FAIRLEAD_ACME_DNS_SECRET: 'hunter2',
  };
  const { issuers } = settingsOf([], env);
  const read = readIssuerFiles(issuers, env);
  assert.deepEqual(
    read.problems.map(({ severity }) => severity),
    ['warning'],
  );
  assert.deepEqual(read.issuers[0]?.dns, { kind: 'exec', command: '/usr/local/bin/set-txt' });
});

test('a file of authorities that cannot be read, or holds none, is a problem at the start', async (t) => {
  const dir = temporaryDirectory(t);
  const withFile = (path: string) => ({ FAIRLEAD_ACME_EMAIL: 'a@example.com', FAIRLEAD_ACME_CA_FILE: path });
  const pem = join(dir, 'ca.pem');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=ca'],
      ...['-keyout', join(dir, 'key.pem'), '-out', pem],
    ],
    { stdio: 'pipe' },
  );
  assert.match(issuersOf(withFile(pem))[0]?.caPem ?? '', /^-----BEGIN CERTIFICATE-----/);
  const broken = join(dir, 'broken.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  for (const [path, said] of [
    [join(dir, 'none.pem'), /none\.pem: it is not there/],
    [join(dir, 'key.pem'), /no `-----BEGIN CERTIFICATE-----` in it/],
    [broken, /certificate 1 in it cannot be read/],
    [dir, /it is no file/],
  ] as const)
    assert.match(problemsOf(withFile(path))[0]?.[1] ?? '', said);
  const data = join(dir, 'data');
  mkdirSync(data);
  const { code, err } = await fairlead(['--data', data, '--workers', 'none'], withFile(join(dir, 'none.pem')));
  assert.equal(code, 2);
  assert.match(err, /2 settings are wrong/);
  assert.match(err, /FAIRLEAD_ACME_CA_FILE/);
});

test('a secret of an issuer is never shown, right or wrong', () => {
  const env = {
    FAIRLEAD_ACME_EAB_HMAC: 'hunter2',
    FAIRLEAD_ACME_DNS_SECRET: 'hunter2',
    FAIRLEAD_ISSUER_X_EAB_HMAC: '@hunter2',
    FAIRLEAD_ISSUER_X_DNS_SECRET: 'env:hunter2-2',
    FAIRLEAD_ISSUER_X_SECRET: 'hunter2',
    FAIRLEAD_ISSUER_AUTO_DNS_SECRET: 'hunter2',
  };
  const { issuers, problems, warnings } = settingsOf(
    ['--acme-dns-secret=hunter2', '--acme-dns-secret', 'hunter2'],
    env,
  );
  const found = readIssuerFiles(issuers, {}).problems;
  assert.ok(problems.length >= 6);
  assert.doesNotMatch(JSON.stringify([problems, warnings, found]), /hunter2/);
});

test('reading never throws, whatever is given for an issuer', () => {
  const names = [...Object.values(issuerRows('FAIRLEAD_ACME')), ...Object.values(issuerRows('FAIRLEAD_ISSUER_X'))];
  const env = fc.dictionary(fc.constantFrom(...names.map(({ name }) => name as string)), fc.string());
  fc.assert(
    fc.property(env, (given) => {
      const { issuers } = settingsOf([], given);
      return readIssuerFiles(issuers, {}).issuers.length <= 2;
    }),
  );
});
