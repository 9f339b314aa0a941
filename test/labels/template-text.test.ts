import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate, uriPlaceholders } from '../../src/http/request-template.ts';
import { nearPlaceholder, templateFault } from '../../src/labels/template-text.ts';
import { fc } from '../support/properties.ts';

const asked = { host: 'app.example.com', target: '/a?b=c', scheme: 'https' };
const faultOf = (template: string) => templateFault(template, uriPlaceholders, (mended) => mended);
const dollar = '$';
const placeholder = fc.constantFrom(...uriPlaceholders.map((name) => `{${name}}`));
const piece = fc.oneof(
  placeholder,
  fc.constantFrom('{', '}', '{}', '{hots}', '{ host }', '$host', `${dollar}{uri}`, '$1', '/'),
  fc.string({ maxLength: 4 }),
);

test('of a template that is accepted no brace is left once it is filled', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const template = pieces.join('');
      if (faultOf(template) === null) assert.doesNotMatch(fillTemplate(template, asked), /[{}]/);
    }),
  );
});

test('a template of placeholders and text without braces is accepted', () => {
  const text = fc.stringMatching(/^[a-z0-9/:?&=.-]{0,5}$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(placeholder, text), { maxLength: 8 }), (pieces) => {
      assert.equal(faultOf(pieces.join('')), null);
    }),
  );
});

test('of one slip the mend is a template that is accepted', () => {
  for (const [slip, meant] of [
    ['{hots}', '{host}'],
    ['{ur}', '{uri}'],
    ['{Path}', '{path}'],
    ['{request_uri}', '{uri}'],
    ['{ query }', '{query}'],
    ['$request_uri', '{uri}'],
    [`${dollar}{args}`, '{query}'],
  ]) {
    const fault = faultOf(`{scheme}/${slip}-x`);
    assert.equal(fault?.suggestion, `did you mean \`{scheme}/${meant}-x\`?`);
    assert.equal(faultOf(`{scheme}/${meant}-x`), null);
  }
});

test('a word that is like none is not guessed at', () => {
  assert.equal(nearPlaceholder('language', uriPlaceholders), null);
  assert.equal(nearPlaceholder('', uriPlaceholders), null);
  assert.equal(nearPlaceholder('constructor', uriPlaceholders), null);
});
