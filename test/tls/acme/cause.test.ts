import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeRules, plainCause } from '../../../src/tls/acme/cause.ts';
import type { CauseAbout } from '../../../src/tls/acme/cause-rule.ts';
import { AcmeFailure, type OrderStage } from '../../../src/tls/acme/failure.ts';
import type { Finding } from '../../../src/tls/acme/finding.ts';
import { preflightFailure } from '../../../src/tls/acme/preflight.ts';
import { failure } from './failures.ts';

const name = 'app.example.com';
const about: CauseAbout = { issuer: 'default', names: [name], findings: [] };
const well = `http://${name}/.well-known/acme-challenge/S2MRYRq83Hi7ADEz`;

/** What an issuer or a system really says, the rule that must know it, and what a person must be told. */
interface Case {
  readonly key: string;
  readonly stage?: OrderStage;
  /** Without its urn; absent = no issuer said so. */
  readonly type?: string;
  readonly status?: number;
  readonly detail: string;
  readonly says: readonly RegExp[];
}

const cases: readonly Case[] = [
  {
    key: 'port-timeout',
    type: 'connection',
    detail: `203.0.113.5: Fetching ${well}: Timeout during connect (likely firewall problem)`,
    says: [/port 80 of app\.example\.com \(203\.0\.113\.5\)/, /firewall/],
  },
  {
    key: 'port-timeout',
    type: 'connection',
    detail: 'tls-alpn-01: 203.0.113.5: Timeout during connect (likely firewall problem)',
    says: [/port 443 of/, /Open port 443/],
  },
  {
    key: 'port-refused',
    type: 'connection',
    detail: `203.0.113.5: Fetching ${well}: Connection refused`,
    says: [/Port 80 .* refuses/, /Publish port 80/],
  },
  {
    key: 'port-cut',
    type: 'connection',
    detail: `203.0.113.5: Fetching ${well}: Error getting validation data`,
    says: [/was cut/],
  },
  {
    key: 'port-cut',
    type: 'connection',
    detail: 'tls-alpn-01: Failed to connect to app.example.com:443 for the tls-alpn-01 challenge',
    says: [/port 443/],
  },
  {
    key: 'http-other-server',
    type: 'unauthorized',
    detail: `203.0.113.5: Invalid response from ${well}: 404`,
    says: [/another server answers with 404/, /A and AAAA records/],
  },
  {
    key: 'http-other-server',
    type: 'unauthorized',
    detail: `http-01: Non-200 status code from HTTP: http://${name}:5002/.well-known/acme-challenge/x returned 404`,
    says: [/another server answers with 404/],
  },
  {
    key: 'http-other-server',
    type: 'unauthorized',
    detail: `66.96.149.18: Invalid response from ${well}: "<!DOCTYPE html>\\n<html>"`,
    says: [/another server answers, which/],
  },
  {
    key: 'http-other-client',
    type: 'unauthorized',
    detail: 'The key authorization file from the server did not match this challenge. Expected "x.y" (got "x.z")',
    says: [/with another answer/, /other ACME client/],
  },
  {
    key: 'aaaa-elsewhere',
    type: 'unauthorized',
    detail: `2001:db8::5: Invalid response from ${well}: 404`,
    says: [/AAAA record of app\.example\.com leads the issuer to 2001:db8::5, where another server/, /or remove it/],
  },
  {
    key: 'aaaa-elsewhere',
    type: 'connection',
    detail: `http-01: 2001:db8::5: Fetching ${well}: Timeout during connect (likely firewall problem)`,
    says: [/gets no answer/, /port 80 for IPv6/],
  },
  {
    key: 'alpn-other-server',
    type: 'unauthorized',
    detail: '203.0.113.5: Cannot negotiate ALPN protocol "acme-tls/1" for tls-alpn-01 challenge',
    says: [/port 443 .* another server ends TLS/, /CDN/],
  },
  {
    key: 'alpn-other-server',
    type: 'unauthorized',
    detail:
      'Incorrect validation certificate for tls-alpn-01 challenge. Requested app.example.com from 203.0.113.5:443. Received 1 certificate(s), first certificate had names "other.example"',
    says: [/another server ends TLS/],
  },
  {
    key: 'tls-in-the-way',
    type: 'tls',
    detail: `203.0.113.5: Fetching ${well}: remote error: tls: internal error`,
    says: [/agree on TLS/],
  },
  {
    key: 'no-such-name',
    type: 'dns',
    detail: `DNS problem: NXDOMAIN looking up A for ${name} - check that a DNS record exists for this domain; DNS problem: NXDOMAIN looking up AAAA for ${name} - check that a DNS record exists for this domain`,
    says: [/does not exist in DNS/, /Add an A record/],
  },
  {
    key: 'no-address',
    type: 'dns',
    detail: `no valid A records found for ${name}; no valid AAAA records found for ${name}`,
    says: [/no public address/],
  },
  {
    key: 'dns-fails',
    type: 'dns',
    detail: `DNS problem: SERVFAIL looking up A for ${name} - the domain's nameservers may be malfunctioning`,
    says: [/name servers of app\.example\.com/, /DNSSEC/],
  },
  {
    key: 'dns-fails',
    type: 'dns',
    detail: `DNS problem: query timed out looking up A for ${name}`,
    says: [/no proper answer/],
  },
  {
    key: 'caa-unanswered',
    type: 'dns',
    detail: `While processing CAA for ${name}: DNS problem: SERVFAIL looking up CAA for ${name} - the domain's nameservers may be malfunctioning`,
    says: [/asked for CAA/, /dig CAA app\.example\.com/],
  },
  {
    key: 'caa-forbids',
    type: 'caa',
    detail: 'CAA record for example.com prevents issuance',
    says: [/CAA record .* forbids/, /letsencrypt\.org/],
  },
  {
    key: 'txt-missing',
    type: 'unauthorized',
    detail: `No TXT record found at _acme-challenge.${name}`,
    says: [/found no TXT record at _acme-challenge\.app/],
  },
  {
    key: 'txt-missing',
    type: 'dns',
    detail: `DNS problem: NXDOMAIN looking up TXT for _acme-challenge.${name} - check that a DNS record exists for this domain`,
    says: [/no TXT record/],
  },
  {
    key: 'txt-wrong',
    type: 'unauthorized',
    detail: `Incorrect TXT record "abc" found at _acme-challenge.${name}`,
    says: [/another TXT value/],
  },
  {
    key: 'txt-wrong',
    type: 'unauthorized',
    detail: 'dns-01: Correct value not found for DNS challenge',
    says: [/another TXT value/],
  },
  {
    key: 'limit-same-names',
    stage: 'order',
    type: 'rateLimited',
    status: 429,
    detail:
      'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-09-18 09:13:16 UTC: see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers',
    says: [/exactly these names .* until 2026-09-18 09:13 UTC/, /volume/],
  },
  {
    key: 'limit-domain',
    stage: 'order',
    type: 'rateLimited',
    status: 429,
    detail:
      'too many certificates (50) already issued for "example.com" in the last 168h0m0s, retry after 2026-09-18 09:13:16 UTC: see …',
    says: [/for the domain of app\.example\.com/, /proxy\.tls\.wildcard/],
  },
  {
    key: 'limit-failures',
    stage: 'order',
    type: 'rateLimited',
    status: 429,
    detail:
      'too many failed authorizations (5) for "app.example.com" in the last 1h0m0s, retry after 2026-08-21 06:27:45 UTC: see …',
    says: [/checks of app\.example\.com have failed/],
  },
  {
    key: 'limit-account',
    stage: 'order',
    type: 'rateLimited',
    status: 429,
    detail:
      'too many new orders (300) from this account in the last 3h0m0s, retry after 2026-08-21 06:27:45 UTC: see …',
    says: [/no more orders from this account or address until 2026-08-21 06:27 UTC/],
  },
  {
    key: 'issuer-busy',
    stage: 'order',
    type: 'rateLimited',
    status: 503,
    detail: 'Service busy; retry later.',
    says: [/too much to do/],
  },
  {
    key: 'eab-missing',
    stage: 'account',
    type: 'externalAccountRequired',
    detail:
      "ACME server policy requires newAccount requests must include a value for the 'externalAccountBinding' field",
    says: [/FAIRLEAD_ACME_EAB_KID and FAIRLEAD_ACME_EAB_HMAC/],
  },
  {
    key: 'eab-wrong',
    stage: 'account',
    type: 'unauthorized',
    detail: "the field 'kid' references a key that is not known to the ACME server",
    says: [/does not accept the external account binding/],
  },
  {
    key: 'eab-wrong',
    stage: 'account',
    type: 'malformed',
    detail: 'external account binding JWS verification error: bad',
    says: [/EAB_HMAC/],
  },
  {
    key: 'account-lost',
    stage: 'order',
    type: 'accountDoesNotExist',
    detail: 'Account "https://acme.example/acct/1" not found',
    says: [/does not know our account/],
  },
  {
    key: 'account-refused',
    stage: 'account',
    type: 'unauthorized',
    detail: 'Account is not valid, has status "deactivated"',
    says: [/deactivated/],
  },
  {
    key: 'terms',
    stage: 'account',
    type: 'userActionRequired',
    detail: 'Terms of service have changed',
    says: [/terms of service/],
  },
  {
    key: 'contact',
    stage: 'account',
    type: 'invalidContact',
    detail: 'Error creating new account :: contact email has forbidden domain "example.com"',
    says: [/e-mail address/, /FAIRLEAD_ACME_EMAIL/],
  },
  {
    key: 'profile',
    stage: 'order',
    type: 'invalidProfile',
    detail: 'profile name "shortlive" not recognized',
    says: [/FAIRLEAD_ACME_PROFILE/],
  },
  {
    key: 'profile',
    stage: 'directory',
    detail: 'the issuer has no profile called shortlive: it offers classic, shortlived',
    says: [/does not have the profile/],
  },
  {
    key: 'name-refused',
    stage: 'order',
    type: 'rejectedIdentifier',
    status: 400,
    detail:
      'Invalid identifiers requested :: Cannot issue for "app.lan": Domain name does not end with a valid public suffix (TLD)',
    says: [/does not sign/, /proxy\.tls=internal/],
  },
  {
    key: 'name-refused',
    stage: 'order',
    type: 'rejectedIdentifier',
    detail: 'Order included an identifier for which issuance is forbidden by policy: "blocked-domain.example"',
    says: [/on its own list/],
  },
  {
    key: 'csr',
    stage: 'finalize',
    type: 'badCSR',
    detail: 'Error finalizing order :: CSR contains one or more names not in order',
    says: [/request for the certificate/],
  },
  {
    key: 'nonce',
    stage: 'order',
    type: 'badNonce',
    detail: 'JWS has an invalid anti-replay nonce',
    says: [/outdated/],
  },
  {
    key: 'issuer-broken',
    stage: 'order',
    type: 'serverInternal',
    status: 500,
    detail: 'Error creating new order',
    says: [/does not work at the moment/],
  },
  { key: 'issuer-broken', stage: 'directory', status: 503, detail: 'the issuer is away', says: [/status page/] },
  {
    key: 'issuer-refuses',
    stage: 'directory',
    detail: 'the issuer at acme.example.net cannot be reached: the connection was refused (ECONNREFUSED)',
    says: [/No ACME server answers at acme\.example\.net/, /FAIRLEAD_ACME_DIRECTORY/],
  },
  {
    key: 'issuer-unreachable',
    stage: 'directory',
    detail: 'the issuer at acme.example.net cannot be reached: no answer came (ETIMEDOUT)',
    says: [/cannot be reached from here/, /port 443/],
  },
  {
    key: 'no-staging',
    stage: 'preflight',
    detail: 'there is no staging directory to try an order at: set FAIRLEAD_ACME_STAGING',
    says: [/no staging directory/, /Set FAIRLEAD_ACME_STAGING/],
  },
  {
    key: 'issuer-unresolved',
    stage: 'directory',
    detail: 'the issuer at acme.example.net cannot be reached: its name does not resolve (ENOTFOUND)',
    says: [/cannot be resolved/, /FAIRLEAD_ACME_DIRECTORY/],
  },
  {
    key: 'issuer-untrusted',
    stage: 'directory',
    detail:
      'the issuer at ca.lan cannot be reached: its own HTTPS certificate is signed by nobody known (SELF_SIGNED_CERT_IN_CHAIN)',
    says: [/FAIRLEAD_ACME_CA_FILE/],
  },
  {
    key: 'clock',
    stage: 'directory',
    detail:
      'the issuer at acme.example.net cannot be reached: its own HTTPS certificate is not valid yet, or the clock here is wrong (CERT_NOT_YET_VALID)',
    says: [/clock of this machine/, /NTP/],
  },
  {
    key: 'clock',
    detail: 'the name server 192.0.2.1:53 and this machine do not agree on the time (BADTIME): set both clocks right',
    says: [/clock/],
  },
  {
    key: 'disk-full',
    stage: 'order',
    detail: 'the unfinished order cannot be kept: ENOSPC: no space left on device, write',
    says: [/full/, /FAIRLEAD_DATA/],
  },
  { key: 'disk-full', stage: 'order', detail: 'database or disk is full', says: [/Make room/] },
  {
    key: 'disk-refuses',
    stage: 'account',
    detail: "the account's key cannot be kept: EACCES: permission denied, open",
    says: [/cannot be written/],
  },
  {
    key: 'dns-provider',
    detail:
      'the name server 192.0.2.1:53 refuses to change _acme-challenge.app.example.com in the zone example.com (REFUSED): allow it there',
    says: [/REFUSED/, /FAIRLEAD_ACME_DNS and FAIRLEAD_ACME_DNS_SECRET/],
  },
  {
    key: 'dns-provider',
    detail: 'the answer to the challenge cannot be shown: the TXT record was not told within 300 s',
    says: [/TXT record for the dns challenge/],
  },
  {
    key: 'not-shown',
    detail: 'the answer to the challenge cannot be shown: not all workers answered within 30 s',
    says: [/workers/],
  },
  {
    key: 'no-challenge',
    stage: 'preflight',
    detail: 'a wildcard can be proven by DNS only, and another challenge is asked for',
    says: [/no way to prove/, /FAIRLEAD_ACME_DNS/],
  },
  {
    key: 'unexplained',
    detail: 'the authorization is invalid, and the issuer gives no reason',
    says: [/does not say why/],
  },
  {
    key: 'nonsense',
    stage: 'directory',
    detail: "the issuer's answer makes no sense: this is no ACME directory, it lacks newNonce; it says: <html>",
    says: [/does not speak ACME/],
  },
];

for (const [i, { key, stage = 'challenge', detail, says, ...more }] of cases.entries())
  test(`${i + 1}: ${key}: "${detail.slice(0, 70)}"`, () => {
    const found = plainCause(failure(stage, { detail, ...more }), about);
    assert.equal(found.key, key);
    for (const words of says) assert.match(`${found.cause} ${found.remedy}`, words);
    assert.match(found.cause, /^[A-Z_a-z].*\.$/s, 'a sentence');
    assert.match(found.remedy, /\.$/);
  });

test('every rule has a case', () => {
  const known = new Set([...cases.map(({ key }) => key), 'preflight']);
  assert.deepEqual(
    causeRules.map(({ key }) => key).filter((key) => !known.has(key)),
    [],
  );
});

const seen = (finding: Partial<Finding> & Pick<Finding, 'kind'>) =>
  ({ name, weight: 'suspect', ...finding }) as Finding;

for (const [finding, words] of [
  [
    seen({ kind: 'other-server', address: '2001:db8::5', status: 404, server: 'nginx' }),
    [/\(nginx\)/, /AAAA record .*or remove it/],
  ],
  [seen({ kind: 'other-server', address: '203.0.113.5', status: 200, server: '' }), [/the A record/, /PREFLIGHT=off/]],
  [
    seen({ kind: 'unresolved', answer: 'no-name', detail: 'NXDOMAIN', weight: 'fatal' }),
    [/does not exist in DNS, so no order/, /FAIRLEAD_DNS/],
  ],
] as const)
  test(`what the preflight found is explained: ${finding.kind} ${'address' in finding ? finding.address : ''}`, () => {
    const held = preflightFailure([finding], 0);
    assert.ok(held);
    const found = plainCause(held, { ...about, findings: [finding] });
    assert.equal(found.key, 'preflight');
    for (const expected of words) assert.match(`${found.cause} ${found.remedy}`, expected);
  });

test('where the name reaches us from inside, a closed port is said to lie outside', () => {
  const findings = [seen({ kind: 'reached', address: '203.0.113.5', weight: 'fine' })];
  const timeout = failure('challenge', {
    type: 'connection',
    detail: '203.0.113.5: Fetching http://x/: Timeout during connect',
  });
  assert.match(plainCause(timeout, { ...about, findings }).remedy, /lies outside/);
});

test('an AAAA record that leads to us is not blamed', () => {
  const findings = [seen({ kind: 'reached', address: '2001:db8::5', weight: 'fine' })];
  const timeout = failure('challenge', {
    type: 'connection',
    detail: '2001:db8::5: Fetching http://x/: Timeout during connect',
  });
  assert.equal(plainCause(timeout, { ...about, findings }).key, 'port-timeout');
});

test('another issuer than the default one is mended by its own settings', () => {
  const missing = failure('account', { type: 'externalAccountRequired', detail: 'EAB required' });
  assert.match(plainCause(missing, { ...about, issuer: 'zerossl' }).remedy, /FAIRLEAD_ISSUER_ZEROSSL_EAB_KID/);
});

test('Retry-After of the answer counts before the time in the text', () => {
  const limited = new AcmeFailure(
    failure('order', { type: 'rateLimited', detail: 'too many new orders, retry after 2026-01-01 00:00:00 UTC' })
      .problem,
    {
      stage: 'order',
      retryAfterMs: Date.UTC(2026, 0, 2, 3, 4),
    },
  );
  assert.match(plainCause(limited, about).cause, /until 2026-01-02 03:04 UTC\.$/);
});

test('of several names that failed the first is explained and the others are named', () => {
  const names = ['a.example.com', 'b.example.com', 'c.example.com', 'd.example.com', 'e.example.com'];
  const found = plainCause(failure('challenge', { type: 'caa', detail: 'CAA record prevents issuance', names }), {
    ...about,
    names,
  });
  assert.match(
    found.cause,
    /forbids this issuer to sign a\.example\.com\. Failed too: b\.\S+, c\.\S+, d\.\S+ and 1 more\.$/,
  );
});

test('a compound problem is explained by its parts', () => {
  const { problem } = failure('order', { type: 'compound', detail: 'Errors during validation' });
  const sub = {
    name: 'b.example.com',
    type: 'urn:ietf:params:acme:error:dns',
    detail: 'DNS problem: NXDOMAIN looking up A for b.example.com',
  };
  const found = plainCause(new AcmeFailure({ ...problem, subproblems: [sub] }, { stage: 'order' }), about);
  assert.deepEqual([found.key, found.cause], ['no-such-name', 'b.example.com does not exist in DNS.']);
});

test('what nobody knows is told in the words of the issuer', () => {
  const found = plainCause(failure('order', { type: 'orderNotReady', detail: 'Order is not ready' }), about);
  assert.deepEqual([found.key, found.cause], ['unknown', 'The issuer says: Order is not ready']);
});
