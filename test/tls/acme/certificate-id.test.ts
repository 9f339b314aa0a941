import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateId } from '../../../src/tls/acme/certificate-id.ts';
import { derChildren, derElement } from '../../../src/tls/acme/der.ts';
import { temporaryDirectory } from '../../admin/admin-world.ts';
import { fc } from '../../support/properties.ts';
import { TestAuthority } from '../../support/test-authority.ts';

/** RFC 9773, appendix A. */
const example = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`;

test('the example of RFC 9773 has the id that stands there', () => {
  assert.equal(certificateId(example), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
});

test('a certificate that names no signer, and what is none, have no id', async (t) => {
  const authority = await TestAuthority.create(temporaryDirectory(t));
  const { certPem } = await authority.issue(['a.example.com']);
  assert.match(certificateId(certPem) ?? '', /^[\w-]{27}\.[\w-]{22,23}$/);
  assert.equal(certificateId('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), null);
  assert.equal(certificateId(''), null);
});

test('elements of DER are read back as they were written, and whatever bytes there are, reading ends', () => {
  const written = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.uint8Array({ maxLength: 400 })), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(written, (elements) => {
      const bytes = Buffer.concat(
        elements.map(([tag, content]) => Buffer.concat([head(tag, content.length), content])),
      );
      const read = derChildren(bytes).map(({ tag, content }) => [tag, [...content]]);
      assert.deepEqual(
        read,
        elements.map(([tag, content]) => [tag, [...content]]),
      );
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const whole = derElement(bytes);
      assert.ok(whole === null || whole.bytes <= bytes.length);
      assert.ok(derChildren(bytes).length <= bytes.length / 2);
    }),
  );
});

function head(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  return length < 0x100 ? Buffer.from([tag, 0x81, length]) : Buffer.from([tag, 0x82, length >> 8, length & 0xff]);
}
