import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tellBrowsers } from '../../src/cache/browser-expiry.ts';
import { tellOutcome } from '../../src/cache/outcome.ts';
import { isPurgedBy } from '../../src/cache/purge.ts';
import { treatmentOf } from '../../src/cache/treatment.ts';
import { askForWhole, isAboutStored, updatedHead } from '../../src/cache/validation.ts';
import { Predicates } from '../../src/routing/predicates.ts';
import { request as aMatchRequest } from '../routing/builders.ts';
import { aHead, aPolicy, aRequest, aRequestHead, fieldList, httpDate, keep, nowMs } from './builders.ts';

const stored = keep(
  aHead({
    'Cache-Control': 'max-age=1',
    ETag: 'W/"a"',
    'Last-Modified': httpDate(-9),
    'Content-Length': '36',
    A: '1',
    B: '2',
  }),
);

describe('a validation', () => {
  it('asks with what is stored, not with what the client has', () => {
    const headers = fieldList({ 'If-None-Match': '"mine"', Range: 'bytes=0-1', 'If-Range': '"mine"', Accept: '*/*' });
    askForWhole(headers, stored);
    assert.deepEqual(headers.flat(), ['Accept', '*/*', 'If-None-Match', 'W/"a"', 'If-Modified-Since', httpDate(-9)]);
  });

  it('updates the stored fields by those of a 304, but not what is about the body', () => {
    const { headers, status } = updatedHead(stored, aHead(['a', '3', 'a', '4', 'Content-Length', '10', 'C', '5'], 304));
    assert.equal(status, 200);
    assert.deepEqual(headers.all('a'), ['3', '4']);
    assert.deepEqual([headers.get('b'), headers.get('c'), headers.get('content-length')], ['2', '5', '36']);
    assert.equal(headers.has('date'), false);
  });

  it('by HEAD is about what is stored where nothing says otherwise', () => {
    assert.ok(isAboutStored(stored, 36, aHead({ 'Content-Length': '36', ETag: 'W/"a"' })));
    assert.ok(isAboutStored(stored, 36, aHead({})));
    assert.ok(!isAboutStored(stored, 36, aHead({ 'Content-Length': '35' })));
    assert.ok(!isAboutStored(stored, 36, aHead({ ETag: '"b"' })));
    assert.ok(!isAboutStored(stored, 36, aHead({}, 410)));
  });
});

describe('the cache is asked', () => {
  const treatment = (about: Parameters<typeof aRequestHead>[0], policy = aPolicy(), path = '/') =>
    treatmentOf(
      aRequestHead(about),
      aMatchRequest({ path, headers: { cookie: 'session=1' } }),
      policy,
      new Predicates(),
    );

  it('for GET and HEAD, and told of what changes a page', () => {
    assert.equal(treatment({}), 'lookup');
    assert.equal(treatment({ method: 'HEAD' }), 'lookup');
    assert.equal(treatment({ method: 'HEAD' }, aPolicy({ methods: ['GET'] })), 'bypass');
    assert.equal(treatment({ method: 'OPTIONS' }), 'bypass');
    assert.equal(treatment({ method: 'POST', bodyLength: 5 }), 'change');
    assert.equal(treatment({ method: 'M-SEARCH' }), 'change');
  });

  it('not about what only the backend can answer', () => {
    assert.equal(treatment({ bodyLength: null }), 'bypass');
    assert.equal(treatment({ headers: fieldList({ 'If-Match': '"a"' }) }), 'bypass');
    assert.equal(treatment({}, aPolicy({ bypass: [{ kind: 'cookie', name: 'session', value: null }] })), 'bypass');
    assert.equal(treatment({}, aPolicy({ bypass: [{ kind: 'cookie', name: 'other', value: null }] })), 'lookup');
  });

  it('for assets alone where the label says so', () => {
    const policy = aPolicy({ assetsOnly: true });
    assert.equal(treatment({}, policy, '/a/b.CSS'), 'lookup');
    assert.equal(treatment({}, policy, '/a.woff2'), 'lookup');
    assert.equal(treatment({}, policy, '/a.css/'), 'bypass');
    assert.equal(treatment({}, policy, '/css'), 'bypass');
    assert.equal(treatment({}, policy, '/a.json'), 'bypass');
  });
});

describe('an answer tells', () => {
  it('what the cache had to do with it', () => {
    const headers = fieldList({ 'Cache-Status': 'origin; hit', 'X-Cache-Status': 'origin' });
    tellOutcome(headers, { word: 'MISS', forwarded: 'uri-miss', stored: true, collapsed: true, ttlSeconds: 5 });
    assert.deepEqual(headers.all('x-cache-status'), ['MISS']);
    assert.deepEqual(headers.all('cache-status'), ['origin; hit', 'fairlead; fwd=uri-miss; ttl=5; stored; collapsed']);
  });

  it('browsers how long to keep it, unless the backend does not want it kept', () => {
    const told = (fields: Record<string, string>, status = 200) => {
      const head = aHead(fields, status);
      tellBrowsers(head, 60_000, nowMs);
      return [head.headers.get('cache-control'), head.headers.get('expires')];
    };
    assert.deepEqual(told({}), ['max-age=60', httpDate(60)]);
    assert.deepEqual(told({ 'Cache-Control': 'public, max-age=1, immutable', Expires: '0' }), [
      'public, immutable, max-age=60',
      httpDate(60),
    ]);
    assert.deepEqual(told({}, 404), [undefined, undefined]);
    for (const word of ['no-store', 'no-cache', 'private', 'must-revalidate'])
      assert.deepEqual(told({ 'Cache-Control': word }), [word, undefined]);
    assert.deepEqual(told({ 'Set-Cookie': 'a=b' }), [undefined, undefined]);
  });
});

describe('a purge', () => {
  const any = { host: null, path: null, prefix: null, tag: null, beforeMs: nowMs };
  const page = keep(
    aHead({ 'Cache-Control': 'max-age=60', 'Cache-Tag': 'News' }),
    aRequest({}, { host: 'app.test', path: '/a/b' }),
  );

  it('takes what all of its words hold for, and nothing that was asked for later', () => {
    assert.ok(isPurgedBy(page, any));
    assert.ok(isPurgedBy(page, { ...any, host: 'app.test', path: '/a/b', tag: 'NEWS' }));
    assert.ok(isPurgedBy(page, { ...any, prefix: '/a' }));
    assert.ok(isPurgedBy(page, { ...any, prefix: '/' }));
    assert.ok(!isPurgedBy(page, { ...any, prefix: '/a/', host: 'other.test' }));
    assert.ok(!isPurgedBy(page, { ...any, prefix: '/a/bc' }));
    assert.ok(!isPurgedBy(page, { ...any, path: '/a' }));
    assert.ok(!isPurgedBy(page, { ...any, tag: 'sport' }));
    assert.ok(!isPurgedBy(page, { ...any, beforeMs: nowMs - 1 }));
  });
});
