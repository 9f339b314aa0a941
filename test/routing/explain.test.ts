import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { readTarget } from '../../src/http/target.ts';
import { type Explanation, explain } from '../../src/routing/explain.ts';
import { Matcher } from '../../src/routing/matcher.ts';
import { readQuestionUrl } from '../../src/routing/question.ts';
import type { Route } from '../../src/routing/table.ts';
import { fc } from '../support/properties.ts';
import { build, closing, labelled, request, route } from './builders.ts';

function asked(routes: readonly Route[], url: string, method = 'GET'): Explanation {
  const read = readQuestionUrl(url);
  assert.ok(read !== null);
  return explain(
    { version: 1, routes },
    { ...read, method, headers: new FlatHeaderList(), clientAddress: '192.0.2.1' },
  );
}

const routes = [
  route('app.example.com', '/api', { match: 'method=POST' }),
  route('app.example.com', '/api'),
  route('app.example.com'),
];

test('the route that is taken is named with the reason', () => {
  const { outcome, route, why } = asked(routes, 'http://app.example.com/api/x');
  assert.equal(outcome, 'pool');
  assert.equal(route?.id, 'app.example.com/api');
  assert.equal(
    why,
    'app.example.com is named exactly, /api is the longest prefix that fits; 1 that stands before it did not fit',
  );
});

test('each candidate says what the request lacked, or that it is beaten', () => {
  const shown = (url: string) =>
    asked(routes, url).candidates.map(({ route, lacked, verdict }) => [route.id, verdict, ...lacked]);
  assert.deepEqual(shown('http://app.example.com/api'), [
    ['app.example.com/api method=POST', 'lacking', 'method=POST'],
    ['app.example.com/api', 'taken'],
    ['app.example.com/', 'beaten'],
  ]);
  assert.deepEqual(shown('http://app.example.com/x')[0]?.slice(1), ['lacking', 'path /api', 'method=POST']);
});

test('a path that only begins as a prefix does is told that whole segments count', () => {
  const docs = [route('app.example.com', '/docs')];
  const lacked = (path: string) => asked(docs, `http://app.example.com${path}`).candidates[0]?.lacked;
  assert.deepEqual(lacked('/docsearch'), ['path /docs (whole segments)']);
  assert.deepEqual(lacked('/doc'), ['path /docs']);
  assert.deepEqual(lacked('/x/docs'), ['path /docs']);
});

test('a path that nobody serves is told from a host that nobody has', () => {
  const api = [route('app.example.com', '/api')];
  const noRoute = asked(api, 'https://app.example.com/x');
  assert.equal(noRoute.outcome, 'no-route');
  assert.equal(noRoute.why, 'app.example.com is known, but no route of it takes GET /x');
  const unknown = asked(api, 'https://ap.example.com/api');
  assert.equal(unknown.outcome, 'host-unknown');
  assert.deepEqual(unknown.nearestHosts, ['app.example.com']);
  assert.deepEqual(unknown.candidates[0]?.lacked, ['host app.example.com']);
});

test('a path that is too long for a regex is told, with the regex and its bound', () => {
  const { outcome, why, candidates } = asked(
    [route('app.example.com', '~^/.*a.*b$'), route('app.example.com', '/')],
    `http://app.example.com/${'a'.repeat(5_000)}`,
  );
  assert.equal(outcome, 'uri-too-long');
  assert.match(why, /^the path has 5001 characters, too many for a regex of app\.example\.com/);
  assert.deepEqual(candidates[0]?.lacked, ['path of at most 4096 characters, on which ~^/.*a.*b$ is tried']);
});

test('the nearest hosts are few and near: slips of the pen, parents and children', () => {
  const hosts = ['app.example.com', 'example.com', '*.exampel.com', 'unrelated.org', 'www.app.example.com'];
  assert.deepEqual(
    asked(
      hosts.map((host) => route(host)),
      'ap.example.com',
    ).nearestHosts,
    ['*.exampel.com', 'app.example.com', 'example.com'],
  );
  const many = Array.from({ length: 50 }, (_, i) => route(`app${i}.example.com`));
  assert.equal(asked(many, 'appx.example.com').nearestHosts.length, 5);
});

test('a missing or a needless www, a host below a wildcard and an alias are near', () => {
  const near = (known: string, host: string) => asked([route(known)], host).nearestHosts;
  assert.deepEqual(near('www.example.com', 'example.com'), ['www.example.com']);
  assert.deepEqual(near('example.com', 'www.example.com'), ['example.com']);
  assert.deepEqual(near('*.example.com', 'example.com'), ['*.example.com']);
  assert.deepEqual(near('*.example.com', 'app.exmple.com'), ['*.example.com']);
  const { table } = build([labelled({ host: 'example.com', alias: 'beispiel.example.com' })]);
  assert.deepEqual(asked([...table.routes], 'bespiel.example.com').nearestHosts[0], 'beispiel.example.com');
});

test('at most twenty candidates are shown, and the one that is taken is among them', () => {
  const many = [...Array.from({ length: 50 }, (_, i) => route('a.example', `/p${i}`)), route('a.example')];
  const { candidates, route: taken } = asked(many, 'a.example/x');
  assert.equal(candidates.length, 20);
  assert.equal(candidates.at(-1)?.route, taken);
});

test('a closed route says so', () => {
  const { table } = build([labelled({ closedBy: [closing] })]);
  const { outcome, why } = asked(table.routes, 'app.example.com');
  assert.equal(outcome, 'refuse');
  assert.match(why, /the route is closed \(label-invalid\)$/);
});

test('what would be answered with 400 is said to be so', () => {
  assert.equal(asked(routes, 'http://app.example.com/../x').outcome, 'bad-request');
  assert.equal(asked(routes, 'http://a,b/').outcome, 'bad-request');
});

test('a URL is read as a person writes it', () => {
  assert.deepEqual(readQuestionUrl('https://user@app.example.com:8443/a b/é?q=ü#top'), {
    scheme: 'https',
    authority: 'app.example.com:8443',
    target: '/a%20b/%C3%A9?q=%C3%BC',
  });
  for (const [url, authority, target] of [
    ['bücher.example', 'xn--bcher-kva.example', '/'],
    ['app.example.com?x', 'app.example.com', '/?x'],
    ['localhost:18080/x', 'localhost:18080', '/x'],
    ['ws://[::1]:80/a/../b', '[::1]:80', '/a/../b'],
  ] as const)
    assert.deepEqual(readQuestionUrl(url), { scheme: 'http', authority, target }, url);
  assert.equal(readQuestionUrl('wss://app.example.com')?.scheme, 'https');
  assert.equal(readQuestionUrl('/only/a/path'), null);
  assert.equal(readQuestionUrl(''), null);
});

const anyRoute = fc
  .tuple(
    fc.constantFrom('a.b', 'x.a.b', '*.a.b', '*.b', '~^x', '*'),
    fc.constantFrom('/', '/a', '/a/b', '=/a', '~b$', '*.js'),
    fc.constantFrom('', 'method=POST', 'query:q'),
  )
  .map(([host, path, match]) => route(host, path, { match }));

test('explain and the matcher never disagree', () => {
  const host = fc.constantFrom('a.b', 'x.a.b', 'z.b', 'b', 'xx');
  const target = fc.constantFrom('/', '/a', '/a/b?q', '/a/../b', '/x.js?q=1', '//a', '/%61');
  const method = fc.constantFrom('GET', 'POST');
  fc.assert(
    fc.property(fc.array(anyRoute, { maxLength: 30 }), host, target, method, (table, host, target, method) => {
      const explained = asked(table, `http://${host}${target}`, method);
      const read = readTarget(target);
      const verdict = new Matcher(table).match(
        request({ host, method, path: read?.normalised ?? '', query: read?.query ?? '' }),
      );
      if ('none' in verdict) return assert.deepEqual([explained.outcome, explained.route], [verdict.none, null]);
      assert.equal(explained.route, verdict.route);
      const taken = explained.candidates.filter((candidate) => candidate.verdict === 'taken');
      assert.deepEqual(
        taken.map((candidate) => [candidate.route, candidate.lacked]),
        [[verdict.route, []]],
      );
    }),
    { numRuns: 500 },
  );
});

test('a question never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (authority, target) => {
      const headers = new FlatHeaderList();
      explain({ version: 1, routes }, { scheme: 'http', authority, target, method: 'GET', headers, clientAddress: '' });
      readQuestionUrl(authority);
    }),
  );
});
