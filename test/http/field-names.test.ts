import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FieldSet,
  framingFields,
  hopByHopFields,
  nameNumber,
  numberAt,
  ownFields,
  underscoredFields,
} from '../../src/http/field-names.ts';
import { fc } from '../support/properties.ts';

const sets = [hopByHopFields, ownFields, framingFields, underscoredFields];
const alone = [
  'accept',
  'authorization',
  'cache-control',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
];
const known = [...hopByHopFields.names, ...ownFields.names, ...framingFields.names, 'x-forwarded-for', ...alone];
const aToken = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/);
const nearlyKnown = fc
  .tuple(fc.constantFrom(...known), fc.nat(40), fc.constantFrom('', '-', '_', 'x', 'X', '~', '^'))
  .map(([name, at, part]) => name.slice(0, at) + part + name.slice(at + 1));
const aName = fc.oneof(aToken, fc.constantFrom(...known), nearlyKnown).filter((name) => name.length > 0);

test('a name has the same number in bytes, in any case and anywhere, as in lower case', () => {
  fc.assert(
    fc.property(aName, fc.nat(9), fc.infiniteStream(fc.boolean()), (name, before, upper) => {
      const mixed = [...name]
        .map((letter) => (upper.next().value ? letter.toUpperCase() : letter.toLowerCase()))
        .join('');
      const bytes = Buffer.from(`${' '.repeat(before)}${mixed}: value`, 'latin1');
      assert.equal(numberAt(bytes, before, before + name.length, name.includes('_')), nameNumber(name.toLowerCase()));
    }),
    { numRuns: 2000 },
  );
});

test('a set has its names, and of its groups whatever belongs to them', () => {
  for (const set of sets) for (const name of set.names) assert.ok(set.has(name), name);
  for (const name of ['x-forwarded-', 'x-forwarded-for', 'x-forwarded-anything']) assert.ok(ownFields.has(name), name);
  for (const name of ['x_forwarded_for', '_', 'a_b']) assert.ok(underscoredFields.has(name), name);
  for (const name of ['', 'cookie', 'x-forwarde', 'x-real-ip2', 'hosts']) {
    for (const set of sets) assert.ok(!set.has(name), name);
  }
});

test('only names with a number of their own make a set', () => {
  assert.throws(() => new FieldSet(['cookie']), /cookie has no number of its own/);
  assert.throws(() => new FieldSet(['x-forwarded-for']), /no number/);
});
