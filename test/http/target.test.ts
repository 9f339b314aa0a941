import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasPrefix, readTarget, stripPrefix } from '../../src/http/target.ts';
import { fc } from '../support/properties.ts';

function normalised(target: string): string | undefined {
  return readTarget(target)?.normalised;
}

test('an ordinary path is matched as it is, with its query apart', () => {
  assert.deepEqual(readTarget('/a/b.html?x=1?y'), { path: '/a/b.html', query: 'x=1?y', normalised: '/a/b.html' });
  assert.deepEqual(readTarget('/'), { path: '/', query: '', normalised: '/' });
  assert.deepEqual(readTarget('/?'), { path: '/', query: '', normalised: '/' });
});

test('spellings of the same path are matched as the same path', () => {
  for (const spelling of [
    '/with/x',
    '/%77ith/x',
    '/./with/x',
    '/without/../with/x',
    '/a/%2E%2e/with/x',
    '//with///x',
  ]) {
    assert.equal(normalised(spelling), '/with/x', spelling);
  }
  assert.equal(normalised('/a/b/..'), '/a/');
  assert.equal(normalised('/a/.'), '/a/');
  assert.equal(normalised('/a/..'), '/');
  assert.equal(normalised('/a//../b'), '/b');
  assert.equal(normalised('/.hidden/...'), '/.hidden/...');
  assert.equal(normalised('/%7euser'), '/~user');
});

test('an encoded slash stays encoded, and other encodings are only put in upper case', () => {
  assert.equal(normalised('/a%2fb'), '/a%2Fb');
  assert.equal(normalised('/a%2f..%2Fb'), '/a%2F..%2Fb');
  assert.equal(normalised('/100%25'), '/100%25');
  assert.equal(normalised('/%2541'), '/%2541');
  assert.equal(normalised('/a;v=1/b'), '/a;v=1/b');
});

test('a path that two parsers could read differently is refused', () => {
  const refused = [
    '/..',
    '/a/../..',
    '/%2e%2e/etc',
    '/%zz',
    '/%0',
    '/%',
    '/%00',
    '/a\\b',
    '/a b',
    '/a\tb',
    '/a\u0000b',
  ];
  for (const target of [
    ...refused,
    '/é',
    '/a#b',
    '/a?b#c',
    '/a?b c',
    '',
    'a',
    'http://x/',
    '/a\u007f',
    '*?',
    '/a?\u0001',
  ]) {
    assert.equal(readTarget(target), null, JSON.stringify(target));
  }
});

test('a query keeps every visible character', () => {
  assert.equal(readTarget('/?q=100%&p=%zz;a=\\../..//%00')?.query, 'q=100%&p=%zz;a=\\../..//%00');
});

test('OPTIONS * is its own case', () => {
  assert.deepEqual(readTarget('*'), { path: '*', query: '', normalised: '*' });
  assert.equal(stripPrefix('*', '/api'), '*');
});

test('a prefix is removed by whole segments, and the query is kept', () => {
  assert.equal(stripPrefix('/api/users?x=%zz//', '/api'), '/users?x=%zz//');
  assert.equal(stripPrefix('/api?x', '/api'), '/?x');
  assert.equal(stripPrefix('/api/', '/api'), '/');
  assert.equal(stripPrefix('/api-x', '/api'), '/api-x');
  assert.equal(stripPrefix('/other', '/api'), '/other');
});

test('the rest keeps its spelling where the prefix is literally there', () => {
  assert.equal(stripPrefix('/api/a%2fb//c/./%41', '/api'), '/a%2fb//c/./%41');
  assert.equal(stripPrefix('/%61pi/a%2fb//c', '/api'), '/a%2Fb/c');
});

test('a stripped target never begins with two slashes and never climbs', () => {
  assert.equal(stripPrefix('/api//evil.example/x', '/api'), '/evil.example/x');
  assert.equal(stripPrefix('//api//evil.example', '/api'), '/evil.example');
  assert.equal(stripPrefix('/api/../api/x', '/api'), '/x');
  assert.equal(stripPrefix('/api/../secret', '/api'), '/api/../secret');
});

const piece = fc.constantFrom(
  '/',
  '//',
  '.',
  '..',
  '%2e',
  '%2F',
  '%41',
  '%7E',
  '%',
  '%0',
  'a',
  'api',
  'B',
  ';',
  '~',
  '?',
  '=',
  '%00',
  '\\',
  ' ',
  'é',
);
const target = fc.oneof(
  fc.array(piece, { maxLength: 14 }).map((parts) => `/${parts.join('')}`),
  fc.string(),
);

test('reading never throws, and what it gives begins with a slash, has no dot segments and reads as itself', () => {
  fc.assert(
    fc.property(target, (text) => {
      const read = readTarget(text);
      if (read === null || text === '*') return;
      assert.match(read.normalised, /^\/(?!\/)/);
      assert.ok(!read.normalised.split('/').some((segment) => segment === '.' || segment === '..'));
      assert.ok(!read.normalised.includes('//'));
      assert.equal(normalised(read.normalised), read.normalised);
      assert.equal(text, read.query === '' && !text.includes('?') ? read.path : `${read.path}?${read.query}`);
    }),
    { numRuns: 2000 },
  );
});

test('stripping removes exactly the prefix from what is matched', () => {
  fc.assert(
    fc.property(target, fc.constantFrom('/api', '/a', '/api/a'), (text, prefix) => {
      const stripped = stripPrefix(text, prefix);
      const before = readTarget(text);
      if (before === null || !hasPrefix(before.normalised, prefix)) return assert.equal(stripped, text);
      assert.match(stripped, /^\/(?!\/)/);
      assert.equal(normalised(stripped), before.normalised.slice(prefix.length) || '/');
      assert.equal(readTarget(stripped)?.query, before.query);
    }),
    { numRuns: 2000 },
  );
});
