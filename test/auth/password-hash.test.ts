import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isPasswordOf } from '../../src/auth/password-hash.ts';
import { scryptHash } from '../../src/auth/scrypt-hash.ts';
import { readUserEntries } from '../../src/labels/user-entries.ts';

for (const password of ['x', 'secret', 'a longer one of more than sixteen characters', 'ünïcödé €']) {
  test(`apr1 and {SHA} are those of openssl for "${password}"`, async () => {
    const hash = execFileSync('openssl', ['passwd', '-apr1', '-salt', 'r31....b', password], {
      encoding: 'utf8',
    }).trim();
    assert.ok(await isPasswordOf(password, hash));
    assert.ok(!(await isPasswordOf(`${password}x`, hash)));
    const sha = execFileSync('openssl', ['dgst', '-sha1', '-binary'], { input: password }).toString('base64');
    assert.ok(await isPasswordOf(password, `{SHA}${sha}`));
    assert.ok(!(await isPasswordOf(`${password}x`, `{SHA}${sha}`)));
  });
}

test('bcrypt is known by all its names', async () => {
  // "U*U" of the vectors of crypt_blowfish.
  for (const kind of ['a', 'b', 'y']) {
    const hash = `$2${kind}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
    assert.ok(await isPasswordOf('U*U', hash), kind);
    assert.ok(!(await isPasswordOf('U*u', hash)), kind);
  }
});

test('scrypt is that of RFC 7914, and an own entry reads as one', async () => {
  const hash = await scryptHash('pleaseletmein', Buffer.from('SodiumChloride'));
  // §12: N=16384, r=8, p=1; 32 bytes are the first half of 64.
  assert.equal(
    Buffer.from(hash.split('.')[4] ?? '', 'base64url').toString('hex'),
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
  );
  const own = await scryptHash('secret');
  assert.notEqual(own, await scryptHash('secret'));
  assert.ok(await isPasswordOf('secret', own));
  assert.ok(!(await isPasswordOf('Secret', own)));
  assert.deepEqual(readUserEntries([`alice:${own}`]).faults, []);
});

test('of something else no password is the right one', async () => {
  for (const hash of ['', 'secret', '$1$salt$hash', '{SSHA}secret', '$apr1$', '{SHA}'])
    assert.ok(!(await isPasswordOf('secret', hash)), hash);
});
