import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { labelsSchema } from '../../scripts/docs/labels-schema.ts';
import { readLabelKey, reservedWords } from '../../src/labels/label-key.ts';
import { optionKeys, rowOf } from '../../src/labels/table.ts';
import { fc } from '../support/properties.ts';
import { conforms, type Schema } from './json-schema.ts';

const path = new URL('../../docs/labels.schema.json', import.meta.url);
const schema = JSON.parse(labelsSchema()) as Schema;
const isRight = (labels: unknown) => conforms({ services: { app: { labels } } }, schema, schema);

/** Without a name after them these two are no labels. */
const keys = optionKeys.map((key) => (key === 'header' || key === 'reqheader' ? `${key}.X-Test` : key));

test('docs/labels.schema.json is what `npm run docs` makes of the table', () => {
  assert.equal(readFileSync(path, 'utf8'), labelsSchema());
});

test('every label of the table is right with its example, by itself, on a named route, in a list and switched off', () => {
  for (const [at, key] of keys.entries()) {
    const { example, off } = rowOf(optionKeys[at] as (typeof optionKeys)[number]);
    for (const label of [`proxy.${key}`, `proxy.my-api.${key}`]) {
      assert.ok(isRight({ [label]: example }), `${label}=${example}`);
      assert.ok(isRight([`${label}=${example}`]), `- ${label}=${example}`);
      if (off !== undefined) assert.ok(isRight({ [label]: 'off' }) && isRight({ [label]: false }), label);
    }
  }
});

test('typos, reserved names and plain values of the wrong kind are refused', () => {
  const wrong = [
    { 'proxy.hots': 'a.example.com' },
    { 'proxy.cache.host': 'a.example.com' },
    { 'proxy.default.path': '/x' },
    { 'proxy.api.lmit': '10/s' },
    { 'proxy.timeout': '5 minutes' },
    { 'proxy.weight': 5_000 },
    { 'proxy.ws': 'maybe' },
    { 'proxy.http': 'sometimes' },
    { 'proxy.maxbody': '10 apples' },
    ['proxy.hots=a.example.com'],
    ['proxy.header=x'],
    ['proxy'],
  ];
  for (const labels of wrong) assert.ok(!isRight(labels), JSON.stringify(labels));
});

test('what compose and the readers allow is right: numbers, variables, shorthands, any case, labels of others', () => {
  const right = {
    'proxy.port': 3000,
    'proxy.ws': false,
    'proxy.timeout': '$TIMEOUT',
    'proxy.security': "true csp=default-src 'self'",
    'Proxy.Host': 'app.example.com',
    'proxy.Limit': '10/s',
    'com.example.team': 'web',
    'proxy.header.X-Robots-Tag': 'noindex',
    'proxy.header.X-Powered-By': null,
  };
  assert.ok(isRight(right));
  assert.ok(isRight(['proxy.enable', 'com.example.team=web', 'proxy.api.header.X-A=1=2']));
});

test('the files of the examples are right', () => {
  const directory = join(import.meta.dirname, '../../compose-examples');
  for (const file of globSync('**/*.yaml', { cwd: directory })) {
    const text = readFileSync(join(directory, file), 'utf8');
    assert.ok(conforms(parse(text, { merge: true }), schema, schema), file);
  }
});

test('what the schema refuses of a value its reader refuses too', () => {
  const words = fc.oneof(
    fc.constantFrom(
      'true',
      'OFF',
      'yes',
      '0',
      '1',
      '10m',
      '1h30m',
      '1.5s',
      '250ms',
      '1GiB',
      '10k',
      '-1',
      '+3',
      'auto',
      'v2',
      'first',
    ),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...optionKeys.filter((key) => !/header$/.test(key))), words, (key, text) => {
      if (isRight({ [`proxy.${key}`]: text })) return;
      const trimmed = text.trim();
      // Quotes around a value are taken off before it is read, and told.
      assert.equal(rowOf(key).read(trimmed, `proxy.${key}`).value, undefined, `proxy.${key}=${trimmed}`);
    }),
    { numRuns: 2_000 },
  );
});

test('what the schema refuses of a key is no option, and the other way round', () => {
  const parts = fc.constantFrom(
    ...optionKeys,
    ...reservedWords,
    'api',
    'my-api',
    'x'.repeat(63),
    'x'.repeat(64),
    '-',
    '',
    'hots',
  );
  fc.assert(
    fc.property(fc.array(parts, { minLength: 1, maxLength: 3 }), (words) => {
      const key = `proxy.${words.join('.')}`;
      const read = readLabelKey(key, new Set());
      assert.equal(isRight([`${key}=x`]), read.kind === 'option', key);
    }),
    { numRuns: 2_000 },
  );
});
