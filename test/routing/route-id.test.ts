import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostPattern } from '../../src/labels/host-pattern.ts';
import type { PathPattern } from '../../src/labels/path-pattern.ts';
import type { Predicate } from '../../src/labels/predicate.ts';
import { routeId } from '../../src/routing/route-id.ts';
import { fc } from '../support/properties.ts';
import { route } from './builders.ts';

test('an id reads like the labels', () => {
  assert.equal(route('app.example.com', '/api').id, 'app.example.com/api');
  assert.equal(route('app.example.com').id, 'app.example.com/');
  assert.equal(route('*.example.com', '=/x', { match: 'method=GET' }).id, '*.example.com=/x method=GET');
  assert.equal(route('*', '*.{js,css}').id, '*//*.{js,css}');
  assert.equal(route('*', '/static/*.png').id, '*/static/*.png');
  assert.equal(route('~^a', '~^/b').id, '~^a ~^/b');
});

test('the order of predicates and methods, and the case of a header, make no other route', () => {
  const one = route('a', '/', { match: 'method=GET,PUT header:X-A=1' }).id;
  assert.equal(route('a', '/', { match: 'header:x-a=1 method=PUT,GET' }).id, one);
});

const word = fc.constantFrom('a', '/', ' ', '~', '=', '%', '%20', 'method=GET', '.', 'b');
const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const host: fc.Arbitrary<HostPattern> = fc.oneof(
  fc.constantFrom('a', 'a.b').map((name) => ({ kind: 'exact' as const, text: name, name })),
  fc.constantFrom('.a', '.a.b').map((suffix) => ({ kind: 'wildcard' as const, text: `*${suffix}`, suffix })),
  words.map((source) => ({ kind: 'regex' as const, text: `~${source}`, source })),
  fc.constant({ kind: 'any' as const, text: '*' as const }),
);
const path: fc.Arbitrary<PathPattern> = fc.oneof(
  fc
    .constantFrom('', '/a', '/a/b', '/a%20')
    .map((prefix) => ({ kind: 'prefix' as const, text: prefix || '/', prefix })),
  fc.constantFrom('/', '/a', '/a/').map((path) => ({ kind: 'exact' as const, text: `=${path}`, path })),
  words.map((source) => ({ kind: 'regex' as const, text: `~${source}`, source })),
);
const match: fc.Arbitrary<readonly Predicate[]> = fc.array(
  words.map((value) => ({ kind: 'query' as const, name: 'q', value })),
  { maxLength: 2 },
);

test('different hosts, paths or matches never share an id', () => {
  const words = (predicates: readonly Predicate[]) => [...new Set(predicates.map((one) => JSON.stringify(one)))].sort();
  fc.assert(
    fc.property(fc.tuple(host, path, match), fc.tuple(host, path, match), (one, other) => {
      if (routeId(...one) !== routeId(...other)) return;
      assert.deepEqual([one[0], one[1], words(one[2])], [other[0], other[1], words(other[2])]);
    }),
    { numRuns: 3000 },
  );
});
