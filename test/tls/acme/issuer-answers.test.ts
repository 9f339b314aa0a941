import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { retryAfterMs } from '../../../src/http/retry-after.ts';
import { type AcmeAnswer, refusal } from '../../../src/tls/acme/acme-answer.ts';
import { authorizationDocument } from '../../../src/tls/acme/authorization-document.ts';
import { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import { issuedChain } from '../../../src/tls/acme/issued-chain.ts';
import { orderDocument } from '../../../src/tls/acme/order-document.ts';
import { problemDocument } from '../../../src/tls/acme/problem-document.ts';
import { temporaryDirectory } from '../../admin/admin-world.ts';
import { fc } from '../../support/properties.ts';
import { TestAuthority } from '../../support/test-authority.ts';

const answer = (data: unknown, status = 200): AcmeAnswer => ({ status, data, location: '', retryAfter: '' });

/** JSON that is nearly right: known keys with any values, and anything at all. */
const nearly = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(
      'status',
      'authorizations',
      'finalize',
      'certificate',
      'identifier',
      'challenges',
      'type',
      'detail',
    ),
    fc.oneof(fc.jsonValue(), fc.constantFrom('pending', 'valid', ['https://ca.example/1'], 'https://ca.example/2')),
  ),
);

test('whatever an issuer answers, reading it gives a document or a failure of the issuer', () => {
  fc.assert(
    fc.property(nearly, fc.integer({ min: 300, max: 599 }), (data, status) => {
      for (const read of [
        () => orderDocument(answer(data), 'https://ca.example/order/1', 'order'),
        () => authorizationDocument(answer(data), 'https://ca.example/authz/1'),
        () => issuedChain(data, { keyPem: '', names: [] }),
      ]) {
        try {
          read();
        } catch (error) {
          assert.ok(error instanceof AcmeFailure, String(error));
        }
      }
      const failure = refusal(answer(data, status), { stage: 'order', nowMs: 0 });
      assert.equal(failure.problem.status, status);
      assert.ok(failure.message.length > 0 && failure.message.length <= 600);
      assert.doesNotMatch(failure.message, /\p{Cc}/u);
    }),
  );
});

test('a problem keeps type, detail and subproblems, on one line each', () => {
  const problem = problemDocument(
    {
      type: 'urn:ietf:params:acme:error:malformed',
      detail: 'two\nlines \u001b[31m',
      subproblems: [{ type: 'urn:x', detail: 'why', identifier: { type: 'dns', value: 'a.test' } }, 7],
    },
    400,
  );
  assert.deepEqual(problem, {
    type: 'urn:ietf:params:acme:error:malformed',
    status: 400,
    detail: 'two lines [31m',
    subproblems: [
      { name: 'a.test', type: 'urn:x', detail: 'why' },
      { name: '', type: '', detail: '' },
    ],
  });
  assert.equal(problemDocument({ status: 'valid' }, 200), null);
});

test('Retry-After is seconds or a date, never in the past and never beyond a month', () => {
  const nowMs = Date.parse('2026-03-01T00:00:00Z');
  assert.equal(retryAfterMs('120', nowMs), nowMs + 120_000);
  assert.equal(retryAfterMs('Sun, 01 Mar 2026 01:00:00 GMT', nowMs), nowMs + 3_600_000);
  assert.equal(retryAfterMs('Sun, 01 Mar 2020 01:00:00 GMT', nowMs), nowMs);
  assert.equal(retryAfterMs('soon', nowMs), null);
  assert.equal(retryAfterMs('', nowMs), null);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat().map(String), fc.bigInt().map(String)), (field) => {
      const ms = retryAfterMs(field, nowMs);
      assert.ok(ms === null || (ms >= nowMs && ms <= nowMs + 31 * 86_400_000));
    }),
  );
});

test('a chain is taken only whole, for the key and for every name by itself', async (t) => {
  const authority = await TestAuthority.create(temporaryDirectory(t));
  const { certPem, keyPem } = await authority.issue(['a.example.com', '*.example.com', '192.0.2.1']);
  const chain = `${certPem}${authority.certPem}`;
  const names = ['a.example.com', '*.example.com', '192.0.2.1'];
  assert.equal(issuedChain(chain, { keyPem, names }).chainPem, chain);
  assert.equal(issuedChain(`leaf:\n${chain}`, { keyPem, names }).chainPem, chain);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  for (const [data, wanted, why] of [
    ['', { keyPem, names }, /a certificate was to come/],
    [chain.slice(0, -200), { keyPem, names }, /a certificate was to come/],
    [chain.replace(/.{64}/, 'A'.repeat(64)), { keyPem, names }, /cannot be read/],
    [chain, { keyPem: String(other), names }, /for another key/],
    [chain, { keyPem, names: ['b.example.com'] }, /is not for b\.example\.com/],
    [chain, { keyPem, names: ['192.0.2.2'] }, /is not for 192\.0\.2\.2/],
    [`${authority.certPem}${certPem}`, { keyPem, names }, /for another key/],
  ] as const) {
    assert.throws(
      () => issuedChain(data, wanted),
      (error) => error instanceof AcmeFailure && why.test(error.message),
    );
  }
});

test('a challenge whose token could not stand in a path is not offered', () => {
  const challenge = (token: string) => ({ type: 'http-01', url: 'https://ca.example/1', token, status: 'pending' });
  const data = {
    status: 'pending',
    identifier: { type: 'dns', value: 'A.example.com' },
    challenges: [challenge('../../etc/passwd'), challenge('good_token-1'), challenge('')],
  };
  const { name, challenges } = authorizationDocument(answer(data), 'https://ca.example/authz/1');
  assert.equal(name, 'a.example.com');
  assert.deepEqual(
    challenges.map(({ token }) => token),
    ['good_token-1'],
  );
});
