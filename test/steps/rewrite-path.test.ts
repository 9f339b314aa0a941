import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTarget } from '../../src/http/target.ts';
import { readRewrite } from '../../src/labels/rewrite-text.ts';
import { pathRewriter, rewritePath } from '../../src/steps/rewrite-path.ts';
import { fc } from '../support/properties.ts';
import { stepContext } from './step-context.ts';

function rewriteOf(label: string) {
  const { value, faults } = readRewrite(label, 'proxy.rewrite');
  assert.ok(value !== undefined, faults[0]?.expected ?? '');
  return value;
}

/** The target that the backend gets, or why it gets none. */
function rewritten(label: string, target: string): string {
  const verdict = pathRewriter(rewriteOf(label))(target);
  return 'reason' in verdict ? verdict.reason : verdict.target;
}

test('a path stands in place of whatever was asked for, and the query stays', () => {
  assert.equal(rewritten('/index.php', '/a/b?c=d'), '/index.php?c=d');
  assert.equal(rewritten('/index.php', '/a/b?'), '/index.php?');
  assert.equal(rewritten('/index.php', '/'), '/index.php');
});

test('a query of its own takes the place of what the client sent', () => {
  assert.equal(rewritten('/index.php?q=1', '/a?c=d'), '/index.php?q=1');
  assert.equal(rewritten('/index.php?', '/a?c=d'), '/index.php');
  assert.equal(rewritten('^/a/(.*)$ -> /?path=$1', '/a/b/c?d=e'), '/?path=b/c');
});

test('what a regex matches is replaced, once, with groups by number and by name', () => {
  assert.equal(rewritten('^/old/(.*) -> /new/$1', '/old/a/b?c=d'), '/new/a/b?c=d');
  assert.equal(rewritten('^/(?<lang>[a-z]{2})/(.*)$ -> /$2/$<lang>', '/de/a'), '/a/de');
  assert.equal(rewritten('/v1/ -> /v2/', '/v1/api/v1/x'), '/v2/api/v1/x');
  assert.equal(rewritten('\\.html$ -> .htm', '/a.html.html'), '/a.html.htm');
  assert.equal(rewritten('^/(a)?b -> /$1x$$$&', '/b'), '/x$/b');
  assert.equal(rewritten('^/(.) -> /$10', '/ab'), '/a0b');
});

test('a target in which the regex matches nothing is left as it was sent', () => {
  for (const target of ['/old', '/a//b/../c?d', '/%7e', '*'])
    assert.equal(rewritten('^/old/(.*) -> /new/$1', target), target);
});

test('a regex sees the path as routes are matched on it, and percent-encoding is kept', () => {
  assert.equal(rewritten('^/old/(.*) -> /new/$1', '/x/..//%6fld/a%2fb%20c'), '/new/a%2Fb%20c');
});

test('what came out is normalised: no group leads above, or to another host', () => {
  assert.equal(rewritten('^/go/(.*) -> /$1', '/go/a'), '/a');
  assert.equal(rewritten('^/x(.*) -> /a/.$1', '/x./b'), '/b');
  assert.equal(rewritten('^/x(.*) -> /.$1', '/x./b'), 'bad-request');
  assert.equal(rewritten('^/x(.*) -> /$1', '/x/evil.test/'), '/evil.test/');
});

test('what came out and is no path is refused', () => {
  assert.equal(rewritten('^/(..)(.*) -> /$2/$1', '/%2Fa'), 'bad-request');
  assert.equal(rewritten('/a/ -> x', '/a/b'), 'bad-request');
  assert.equal(rewritten('^/(.*)$ -> $1', '/*'), 'bad-request');
});

test('what a client writes in a path stays one value in a query', () => {
  assert.equal(rewritten('^/(.*)$ -> /?q=$1', '/a&admin=1;b+c'), '/?q=a%26admin%3D1%3Bb%2Bc');
  assert.equal(rewritten('^/a -> /?q=', '/a/b&c=1'), '/?q=/b%26c%3D1');
});

test('a target that grows beyond what a client might send is refused, without being built', () => {
  const label = `^/(.*)$ -> /${'$1'.repeat(400)}`;
  assert.equal(rewritten(label, `/${'a'.repeat(4_000)}`), 'uri-too-long');
  assert.equal(rewritten('/index.php', `/?${'a'.repeat(16_400)}`), 'uri-too-long');
  assert.equal(rewritten('/i', `/long?${'a'.repeat(30_000)}`), `/i?${'a'.repeat(30_000)}`);
});

test('a path that is too long for a regex is refused, and not let past it', () => {
  const label = '^/old/(.*) -> /new/$1';
  const longest = `/old/${'a'.repeat(4096 - 5)}`;
  assert.equal(rewritten(label, `${longest}?${'b'.repeat(8_000)}`), `/new/${longest.slice(5)}?${'b'.repeat(8_000)}`);
  assert.equal(rewritten(label, `${longest}a`), 'uri-too-long');
  assert.equal(rewritten('/index.php', `${longest}a`), '/index.php');
});

test('as a step it changes what the backend sees, or answers in its place', () => {
  const context = stepContext({ target: '/old/a' });
  const step = rewritePath(rewriteOf('^/old/(.*) -> /new/$1'));
  assert.equal(step.request?.(context), undefined);
  assert.equal(context.request.target, '/new/a');
  const refused = rewritePath(rewriteOf('/a/ -> x')).request?.(stepContext({ target: '/a/b' }));
  assert.deepEqual(refused, { kind: 'failure', reason: 'bad-request' });
});

const path = fc
  .array(fc.oneof(fc.stringMatching(/^[a-z0-9.;&=+@~!$'()*,:-]{0,4}$/), fc.constantFrom('%2F', '%3f', '%00', '..')), {
    maxLength: 5,
  })
  .map((segments) => `/${segments.join('/')}`);
const query = fc.stringMatching(/^(\?[a-z0-9&=%?/]{0,8})?$/);
const replacement = fc
  .array(fc.constantFrom('$1', '$2', '$&', '/', '..', '.', '%', 'x', '?', '?q=', '$$', '%2', 'F'), { maxLength: 6 })
  .map((parts) => `/${parts.join('')}`);
const source = fc.constantFrom('^/(.*)/(.*)$', '(.)(.)', '^/([^/]*)(.*)', '/(a?)(b?)');

test('whatever is asked for, what comes out is a target that is read in one way, or nothing', () => {
  fc.assert(
    fc.property(source, replacement, path, query, (regex, text, before, after) => {
      const target = before + after;
      const verdict = pathRewriter({ kind: 'regex', source: regex, replacement: text })(target);
      if (readTarget(target) === null) return assert.deepEqual(verdict, { reason: 'bad-request' });
      if ('reason' in verdict) return undefined;
      const read = readTarget(verdict.target);
      assert.ok(read !== null);
      if (verdict.target !== target) assert.equal(read.normalised, read.path);
      return undefined;
    }),
    { numRuns: 3_000 },
  );
});

test('the query of a client goes along whole, or makes no difference', () => {
  fc.assert(
    fc.property(source, replacement, path, query, (regex, text, before, after) => {
      const rewriter = pathRewriter({ kind: 'regex', source: regex, replacement: text });
      const verdict = rewriter(before + after);
      if ('reason' in verdict || verdict.target === before + after) return;
      const mark = verdict.target.indexOf('?');
      if (text.includes('?')) assert.deepEqual(rewriter(before), verdict);
      else assert.equal(mark < 0 ? '' : verdict.target.slice(mark), after);
    }),
  );
});

test('a label that is accepted never makes a target of a well-formed one that does not begin with /', () => {
  const label = fc.tuple(source, fc.stringMatching(/^[ -~]{1,12}$/)).map(([regex, text]) => `${regex} -> ${text}`);
  fc.assert(
    fc.property(label, path, (text, target) => {
      const { value } = readRewrite(text, '');
      if (value === undefined) return;
      const verdict = pathRewriter(value)(target);
      if ('target' in verdict) assert.match(verdict.target, /^\/[!-~]*$/);
    }),
    { numRuns: 2_000 },
  );
});
