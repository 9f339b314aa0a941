import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CertificateSet, withKnown, withoutKnown } from '../../src/tls/certificate-set.ts';

const one = (id: string) => ({ id, chainPem: `chain of ${id}`, keyPem: `key of ${id}`, names: [id], trusted: false });
const setOf = (...ids: string[]): CertificateSet => ({
  certificates: ids.map(one),
  hosts: [],
  patterns: [],
  fallback: null,
});

test('a set that is sent after another brings only the certificates that are new, and is whole again at the other end', () => {
  const [before, after] = [setOf('a', 'b', 'c'), setOf('b', 'd')];
  const packed = withoutKnown(after, before);
  assert.deepEqual(packed.certificates, ['b', one('d')]);
  assert.deepEqual(withKnown(packed, before), after);
  assert.deepEqual(withKnown(withoutKnown(after, null), null), after);
});
