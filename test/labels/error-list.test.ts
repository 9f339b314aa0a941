import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readErrors } from '../../src/labels/error-list.ts';
import type { ErrorPage } from '../../src/labels/options.ts';
import { fc } from '../support/properties.ts';

const read = (text: string) => readErrors(text, 'proxy.errors');
/** As its owner would have written it. */
const written = (pages: readonly ErrorPage[] = []): string =>
  pages
    .map(({ statuses, source }) => {
      const codes = statuses.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',');
      const where = source.kind === 'file' ? `file:${source.path}` : source.kind === 'path' ? source.path : source.kind;
      return `${codes} ${where}`;
    })
    .join(' ');

const status = fc.integer({ min: 400, max: 599 });
const code = fc.oneof(
  status.map(String),
  fc.tuple(fc.integer({ min: 400, max: 499 }), fc.integer({ min: 500, max: 599 })).map(([a, b]) => `${a}-${b}`),
);
const name = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const source = fc.oneof(
  fc.constant('builtin'),
  name.map((page) => `/${page}`),
  fc.constant('/errors/{status}?x={status}'),
  name.map((page) => `file:/pages/${page}.html`),
  fc.constant('file:/pages/{status}.txt'),
);
const rules = fc
  .array(fc.tuple(fc.array(code, { minLength: 1, maxLength: 4 }), source), { minLength: 1, maxLength: 5 })
  .map((list) => list.map(([codes, from]) => `${codes.join(',')} ${from}`));

test('codes and a source read as what they say, however they are separated', () => {
  fc.assert(
    fc.property(rules, fc.constantFrom(' ', '; ', ' ;', '  ', ', '), (list, between) => {
      const { value, faults } = read(list.join(between));
      assert.deepEqual(faults, []);
      assert.equal(written(value), list.join(' '));
    }),
  );
});

test('whatever the text is, it reads or is refused with an example, and no file that is read lies outside or is no page', () => {
  const word = fc.oneof(
    code,
    source,
    fc.constantFrom('file:/etc/../x.html', 'file:/etc/shadow', '/..', '5xx', '200', '{status}'),
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  fc.assert(
    fc.property(text, (given) => {
      const { value, faults } = read(given);
      assert.ok((value === undefined) === faults.length > 0);
      for (const { statuses, source: from } of value ?? []) {
        assert.ok(statuses.length > 0 && statuses.every((range) => range.from >= 400 && range.to <= 599));
        if (from.kind === 'file') assert.match(from.path, /^\/(?!.*(^|\/)\.\.(\/|$)).*\.(html?|txt|json|xml|svg)$/i);
      }
    }),
  );
});

test('a source without statuses is for all', () => {
  assert.deepEqual(read('/oops').value, [
    { statuses: [{ from: 400, to: 599 }], source: { kind: 'path', path: '/oops' } },
  ]);
});

for (const [text, expected] of [
  ['404', /statuses and a source/],
  ['200 /ok', /400 to 599/],
  ['404 page.html', /statuses and a source/],
  ['404 https://x.test/404.html', /statuses and a source/],
  ['404 /a#b', /statuses and a source/],
  ['404 /../../x', /statuses and a source/],
  ['404 /{code}', /statuses and a source/],
  ['404 file:pages/404.html', /statuses and a source/],
  ['404 file:/pages/../etc/x.html', /without `\.\.`/],
  ['404 file:/pages/%2e%2e/x.html', /without/],
  ['404 file:/etc/shadow', /ends in \.html/],
  ['404 file:/data/admin-token', /ends in \.html/],
  ['404 /a.html 500', /statuses and a source/],
] as const) {
  test(`${text} is refused, with what would be right`, () => {
    const { value, faults } = read(text);
    assert.equal(value, undefined);
    assert.match(faults[0]?.expected ?? '', expected);
  });
}
