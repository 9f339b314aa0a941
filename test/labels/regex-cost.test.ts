import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { globCharsMax, regexCharsMax, regexDegree } from '../../src/labels/regex-cost.ts';
import { compileRegex } from '../../src/labels/regex-source.ts';

const degreeOf = (...sources: string[]): number[] => sources.map(regexDegree);

test('each repeat that may end anywhere makes a regex dearer by one power', () => {
  assert.deepEqual(degreeOf('^/v[0-9]{1,3}/', '^/(.*)$', '^/.*x.*y', '^/.*x.*y.*z', '^/.*a.*b.*c.*$'), [1, 1, 2, 3, 4]);
});

test('so does a beginning that is not anchored', () => {
  assert.deepEqual(degreeOf('\\.php$', '\\.(js|css)(\\?.*)?$', '^/a|.*b', 'a*a*b$'), [1, 2, 2, 3]);
});

test('repeats that end at a character which they do not take count as one', () => {
  assert.deepEqual(
    degreeOf('^/[^/]+/[^/]+/[^/]+/x$', '^/\\d+-\\d+-\\d+-x', '^([a-z0-9-]+\\.)+example\\.com$'),
    [1, 1, 1],
  );
  assert.deepEqual(
    degreeOf('^/([^/]+)/([0-9]+)/(\\w+)/(.*)$', '^/(?:[a-z]+/)*x', '^/v2/(?:\\w+(?:[.-]\\w+)*/)*(?:list|tags)'),
    [1, 1, 1],
  );
  assert.deepEqual(degreeOf('^/[^/]+/?[^/]+/?[^/]+$', '^/(?i:[a-z]+A[a-z]+A.*)$'), [3, 3]);
});

test('what a look around or a back reference asks again counts each time', () => {
  assert.deepEqual(degreeOf('^[a-y]+(?=[a-y]+z)/', '^(\\w+)-\\1*x'), [2, 2]);
});

test('an alternative is anchored as what it stands in', () => {
  assert.deepEqual(degreeOf('^/(?:a|b)+x', '^/a|b+x', '(?:^/a|b)+x'), [1, 2, 2]);
});

test('many ways of fixed length make it dearer too', () => {
  assert.deepEqual(degreeOf(`^${'(?:ab|ac)'.repeat(7)}.*$`, '^(?:ab|ac).*$'), [2, 1]);
});

test('a repeat in a class, escaped or of a fixed length is none', () => {
  assert.deepEqual(degreeOf('^/[*+]\\*\\+$', '^/a{50}b{50}c{50}$', '^/(?<name>a)b?c?$', '^/\\1*'), [1, 1, 1, 1]);
});

test('a glob costs by its stars, and one star nothing', () => {
  const longest = ['*.{js,css}', '/a/**', '/static/**/*.png', '/*a*b*c', '/*a*b*c*d', '**a**b', '/*a*b*c*d*e'].map(
    globCharsMax,
  );
  assert.deepEqual(longest, [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 4096, 512, 160, 512, 80]);
});

test('the longest text that each is tried on is soon through', () => {
  for (const source of ['a*a*b$', '.*.*x$', '^/.*a.*b.*c.*d$', '^[^/]*a[^/]*b[^/]*c[^/]*d$', '^.*x.*x.*x.*x.*x.*y$']) {
    for (const text of ['a', 'x', 'abc', '/a/b/c']) {
      const charsMax = regexCharsMax(source);
      const regex = compileRegex(source);
      const startedMs = performance.now();
      regex.test(`/${text.repeat(charsMax)}`.slice(0, charsMax));
      // Not 80 ms, because a busy machine is slow; without the bound it would be minutes.
      assert.ok(performance.now() - startedMs < 2_000, `${source} on ${text}`);
    }
  }
});
