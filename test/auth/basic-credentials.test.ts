import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBasicCredentials } from '../../src/auth/basic-credentials.ts';
import { fc } from '../support/properties.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

test('name and password come apart at the first colon, in UTF-8', () => {
  const user = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes(':'));
  fc.assert(
    fc.property(
      user,
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('Basic', 'basic', 'BASIC'),
      (name, password, scheme) => {
        assert.deepEqual(readBasicCredentials(`${scheme} ${encoded(`${name}:${password}`)}`), { user: name, password });
      },
    ),
  );
});

test('what is no pair in the scheme Basic is none', () => {
  for (const field of [
    undefined,
    '',
    'Basic',
    'Basic ',
    `Bearer ${encoded('a:b')}`,
    `Basic ${encoded('ab')}`,
    'Basic a b',
    'Basic %%%',
  ])
    assert.equal(readBasicCredentials(field), null, String(field));
});
