import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matcher } from '../../src/routing/matcher.ts';
import { Patterns } from '../../src/routing/patterns.ts';
import { Predicates } from '../../src/routing/predicates.ts';
import { compareRoutePlaces } from '../../src/routing/route-order.ts';
import type { Route } from '../../src/routing/table.ts';
import { fc } from '../support/properties.ts';
import { type RequestText, request, route } from './builders.ts';

function inOrder(routes: readonly Route[]): Route[] {
  const places = routes.map((one, position) => ({ route: one, createdMs: 0, position }));
  return places.sort(compareRoutePlaces).map((place) => place.route);
}

/** The id of the route that is taken, or why there is none. */
function taken(routes: readonly Route[], about: RequestText): string {
  const verdict = new Matcher(inOrder(routes)).match(request(about));
  return 'none' in verdict ? verdict.none : verdict.route.id;
}

const everyKind = [
  route('*'),
  route('~^app'),
  route('*.example.com'),
  route('*.b.example.com'),
  route('app.example.com'),
];

test('an exact host comes before wildcards, regexes and *', () => {
  assert.equal(taken(everyKind, { host: 'app.example.com' }), 'app.example.com/');
});

test('a longer wildcard comes before a shorter one', () => {
  assert.equal(taken(everyKind, { host: 'a.b.example.com' }), '*.b.example.com/');
  assert.equal(taken(everyKind, { host: 'b.example.com' }), '*.example.com/');
});

test('a wildcard takes any number of labels, but not the name itself', () => {
  assert.equal(taken([route('*.example.com')], { host: 'a.b.c.example.com' }), '*.example.com/');
  assert.equal(taken([route('*.example.com')], { host: 'example.com' }), 'host-unknown');
  assert.equal(taken([route('*.example.com')], { host: 'badexample.com' }), 'host-unknown');
});

test('a regex comes before *, and after wildcards', () => {
  assert.equal(taken(everyKind, { host: 'app.other.org' }), '~^app /');
  assert.equal(taken(everyKind, { host: 'app.c.example.com' }), '*.example.com/');
  assert.equal(taken(everyKind, { host: 'x.other.org' }), '*/');
});

test('an IPv6 host is matched without its brackets', () => {
  assert.equal(taken([route('[::1]')], { host: '::1' }), '[::1]/');
});

const everyPath = [
  route('a', '/'),
  route('a', '/api'),
  route('a', '/api/v1'),
  route('a', '=/api/v1'),
  route('a', '~^/api'),
];

test('an exact path comes before the longest prefix', () => {
  assert.equal(taken(everyPath, { host: 'a', path: '/api/v1' }), 'a=/api/v1');
});

test('the longest prefix is taken, by whole segments', () => {
  assert.equal(taken(everyPath, { host: 'a', path: '/api/v1/x' }), 'a/api/v1');
  assert.equal(taken(everyPath, { host: 'a', path: '/api/v10' }), 'a/api');
  assert.equal(taken([route('a', '/'), route('a', '/api')], { host: 'a', path: '/api-x' }), 'a/');
  assert.equal(taken(everyPath, { host: 'a', path: '/api/' }), 'a/api');
});

test('a regex or glob is asked when no exact path and no prefix fits', () => {
  const routes = [route('a', '/api'), route('a', '*.{js,css}')];
  assert.equal(taken(routes, { host: 'a', path: '/x/app.js' }), 'a//*.{js,css}');
  assert.equal(taken(routes, { host: 'a', path: '/api/app.js' }), 'a/api');
});

test('the path / is the lack of a condition: it comes after every regex and glob', () => {
  const few = [route('a', '/'), route('a', '*.{js,css}')];
  const many = [...few, ...Array.from({ length: 20 }, (_, i) => route('a', `/p${i}`))];
  for (const routes of [few, many]) {
    assert.equal(taken(routes, { host: 'a', path: '/x/app.js' }), 'a//*.{js,css}');
    assert.equal(taken(routes, { host: 'a', path: '/x' }), 'a/');
  }
});

test('OPTIONS * goes to the root route', () => {
  assert.equal(taken(everyPath, { host: 'a', path: '*', method: 'OPTIONS' }), 'a/');
  assert.equal(taken([route('a', '/api')], { host: 'a', path: '*', method: 'OPTIONS' }), 'no-route');
});

test('of routes with the same path the one with more predicates comes first', () => {
  const routes = [
    route('a'),
    route('a', '/', { match: 'method=POST' }),
    route('a', '/', { match: 'method=POST header:x-beta' }),
  ];
  assert.equal(taken(routes, { host: 'a', method: 'POST', headers: { 'X-Beta': '' } }), 'a/ header:x-beta method=POST');
  assert.equal(taken(routes, { host: 'a', method: 'POST' }), 'a/ method=POST');
  assert.equal(taken(routes, { host: 'a' }), 'a/');
});

test('of equally many predicates the higher priority comes first', () => {
  const low = route('a', '/', { match: 'method=POST' });
  const high = route('a', '/', { match: 'header:x-beta', priority: 5 });
  assert.equal(taken([low, high], { host: 'a', method: 'POST', headers: { 'x-beta': '1' } }), 'a/ header:x-beta');
});

test('predicates hold for methods, headers, query, cookies and addresses', () => {
  const holds = (match: string, about: RequestText) =>
    taken([route('a', '/', { match })], { host: 'a', ...about }) !== 'no-route';
  assert.ok(holds('header:X-A=1', { headers: { 'x-a': '1' } }));
  assert.ok(!holds('header:X-A=1', { headers: { 'x-a': '2' } }));
  assert.ok(holds('query:q=a%20b', { query: 'x=1&q=a%2520b' }));
  assert.ok(holds('query:q', { query: 'q' }));
  assert.ok(!holds('query:q', { query: 'qq=1' }));
  assert.ok(holds('cookie:beta=1', { headers: { Cookie: 'a=2; beta=1' } }));
  assert.ok(!holds('cookie:beta=1', { headers: { Cookie: 'xbeta=1' } }));
  assert.ok(holds('ip=10.0.0.0/8', { ip: '10.1.2.3' }));
  assert.ok(!holds('ip=10.0.0.0/8', { ip: 'nonsense' }));
});

test('where no path of a host fits, the next kind of host is asked', () => {
  const routes = [
    route('app.example.com', '/api'),
    route('*.example.com', '/docs'),
    route('~app', '/re'),
    route('*', '/any'),
  ];
  const at = (path: string) => taken(routes, { path });
  assert.deepEqual(
    [at('/api'), at('/docs'), at('/re'), at('/any')],
    ['app.example.com/api', '*.example.com/docs', '~app /re', '*/any'],
  );
});

test('a host that nobody has is told from a path that nobody serves', () => {
  assert.equal(taken([route('a', '/api')], { host: 'a', path: '/' }), 'no-route');
  assert.equal(taken([route('~^a$', '/api')], { host: 'a', path: '/' }), 'no-route');
  assert.equal(taken([route('a', '/api')], { host: 'b', path: '/api' }), 'host-unknown');
  assert.equal(taken([], { host: 'a' }), 'host-unknown');
});

test('a regex that does not compile takes nothing and stops nothing', () => {
  const broken = { ...route('a'), host: { kind: 'regex', text: '~(', source: '(' } } as const;
  assert.equal(taken([broken, route('a')], { host: 'a' }), 'a/');
});

// One host often, so that it has more routes than are asked one after the other.
const host = fc.constantFrom(
  'a.b',
  'a.b',
  'a.b',
  'a.b',
  'a.b',
  'a.b',
  'x.a.b',
  'y.x.a.b',
  '*.a.b',
  '*.x.a.b',
  '*.b',
  '~^x',
  '~a',
  '*',
  'b',
);
const path = fc.constantFrom(
  '/',
  '/a',
  '/a/b',
  '/a/b/c',
  '=/a',
  '=/a/b',
  '=/',
  '~b$',
  '/*.js',
  '*.js',
  '/ab',
  '/abc',
  '/a-b',
  '/c',
  '/d/e',
);
const match = fc.constantFrom('', '', 'method=POST', 'header:x', 'method=POST header:x', 'query:q=1');
const anyRoute = fc
  .record({ host, path, match, priority: fc.integer({ min: -1, max: 2 }) })
  .map(({ host, path, ...about }) => route(host, path, about));
const anyRequest = fc.record({
  host: fc.constantFrom('a.b', 'x.a.b', 'y.x.a.b', 'z.b', 'b', 'xx', 'q'),
  path: fc.constantFrom(
    '/',
    '/a',
    '/a/',
    '/a/b',
    '/a/b/c/d',
    '/ab',
    '/a-b/x',
    '/b',
    '/x.js',
    '/a/x.js',
    '*',
    '/d/e/f',
    '/d',
  ),
  method: fc.constantFrom('GET', 'POST'),
  query: fc.constantFrom('', 'q=1'),
  headers: fc.constantFrom({}, { x: '1' }),
});

test('the matcher takes the first route of the sorted list that fits, whatever the table', () => {
  fc.assert(
    fc.property(
      fc.array(anyRoute, { maxLength: 60, size: 'max' }),
      fc.array(anyRequest, { minLength: 5, maxLength: 5 }),
      (routes, asked) => {
        const table = inOrder(routes);
        const matcher = new Matcher(table);
        const [patterns, predicates] = [new Patterns(), new Predicates()];
        for (const about of asked) {
          const one = request(about);
          const ofHost = table.filter((candidate) => patterns.takesHost(candidate.host, one.host));
          const first = ofHost.find(
            (candidate) => patterns.takesPath(candidate.path, one.path) && predicates.allHold(candidate.match, one),
          );
          const expected =
            first === undefined ? { none: ofHost.length > 0 ? 'no-route' : 'host-unknown' } : { route: first };
          assert.deepEqual(matcher.match(one), expected);
        }
      },
    ),
    { numRuns: 500 },
  );
});

const longPath = `/${'a'.repeat(5_000)}`;

test('a path that is too long for the regex that would be next is refused, and not let past it', () => {
  const routes = [route('a', '~^/.*a.*b$'), route('a', '/')];
  assert.equal(taken(routes, { host: 'a', path: longPath }), 'uri-too-long');
  assert.equal(taken(routes, { host: 'a', path: '/x' }), 'a/');
  assert.equal(taken([route('a', '/**/a/*.png'), route('a', '/')], { host: 'a', path: longPath }), 'uri-too-long');
  assert.equal(taken([route('~^a', '~x'), route('*')], { host: 'a', path: longPath }), 'uri-too-long');
});

test('a long path is taken where no regex has to be tried on it', () => {
  const regex = route('a', '~^/.*a.*b$', { match: 'method=POST' });
  assert.equal(taken([route('a', '/p'), regex], { host: 'a', path: `/p${longPath}`, method: 'POST' }), 'a/p');
  assert.equal(taken([route('a', '/'), regex], { host: 'a', path: longPath }), 'a/');
  assert.equal(taken([route('a', '/'), regex], { host: 'b', path: longPath }), 'host-unknown');
  assert.equal(taken([route('a', '/'), route('~^b', '~x')], { host: 'a', path: longPath }), 'a/');
  assert.equal(taken([route('a', '*.js'), route('a', '/')], { host: 'a', path: `${longPath}.js` }), 'a//*.js');
});

test('where there are many routes, a long path is refused all the same', () => {
  const routes = Array.from({ length: 20 }, (_, i) => route('a', `/p${i}`));
  assert.equal(taken([...routes, route('a', '~x'), route('a', '/')], { host: 'a', path: longPath }), 'uri-too-long');
  assert.equal(taken([...routes, route('a', '~x')], { host: 'a', path: `/p3${longPath}` }), 'a/p3');
});

test('a host that is too long for a regex is not of its route', () => {
  assert.equal(taken([route('~a.*a.*a.*b')], { host: `aaa.${'a'.repeat(200)}.b` }), 'host-unknown');
  assert.equal(taken([route('~a.*a.*a.*b')], { host: 'aaa.b' }), '~a.*a.*a.*b /');
});
