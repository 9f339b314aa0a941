import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aHead, aPolicy, aRequest, httpDate, keep, nowMs, whyNotKept } from './builders.ts';

const fresh = { 'Cache-Control': 'max-age=60' };

describe('an answer is kept', () => {
  it('unless somebody forbids it', () => {
    assert.equal(whyNotKept(aHead(fresh)), null);
    assert.equal(whyNotKept(aHead({ 'Cache-Control': 'max-age=60, No-StOrE' })), 'no-store');
    assert.equal(whyNotKept(aHead({ 'Cache-Control': 'private, max-age=60' })), 'private');
    assert.equal(whyNotKept(aHead({ 'CDN-Cache-Control': 'no-store', ...fresh })), 'no-store');
    assert.equal(whyNotKept(aHead({ ...fresh, Vary: 'Accept, *' })), 'vary');
    assert.equal(whyNotKept(aHead({ ...fresh, 'Set-Cookie': 'a=b' })), 'set-cookie');
    assert.equal(whyNotKept(aHead(fresh), aRequest({ 'Cache-Control': 'no-store' })), 'request-no-store');
    assert.equal(whyNotKept(aHead(fresh), aRequest({}, { method: 'HEAD' })), 'method');
    assert.equal(whyNotKept(aHead(fresh, 206)), 'status');
  });

  it('without freshness only where it can be validated', () => {
    assert.equal(whyNotKept(aHead({})), 'nothing-gained');
    assert.equal(keep(aHead({ ETag: '"a"' })).terms.lifetimeMs, 0);
  });

  it('of a request with credentials only where the backend says that it is for all', () => {
    const request = aRequest({ Authorization: 'Basic eA==' });
    assert.equal(whyNotKept(aHead(fresh), request), 'authorization');
    for (const words of ['public', 'must-revalidate', 's-maxage=60'])
      assert.equal(whyNotKept(aHead({ 'Cache-Control': `max-age=60, ${words}` }), request), null, words);
  });

  it('for the one who is signed in, where the proxy tells the backend who that is', () => {
    const request = aRequest({ 'Remote-User': 'ann' }, { policy: aPolicy({ identityHeaders: ['remote-user'] }) });
    const stored = keep(aHead({ ...fresh, Vary: 'Accept' }), request);
    assert.deepEqual(stored.selection, [
      ['accept', null],
      ['remote-user', 'ann'],
    ]);
  });

  it('by must-understand where its status is known, whatever no-store says', () => {
    const words = { 'Cache-Control': 'max-age=60, no-store, must-understand' };
    assert.equal(whyNotKept(aHead(words, 200)), null);
    assert.equal(whyNotKept(aHead(words, 599)), 'not-understood');
  });

  it('by force where the backend forbids it, but never with a cookie', () => {
    const request = aRequest({}, { policy: aPolicy({ force: true, ttlMs: 60_000 }) });
    const stored = keep(aHead({ 'Cache-Control': 'no-store, private', 'Set-Cookie': 'a=b', 'X-Kept': '1' }), request);
    assert.equal(stored.terms.lifetimeMs, 60_000);
    assert.deepEqual(stored.fields.slice(0, 4), ['Cache-Control', 'no-store, private', 'X-Kept', '1']);
    assert.equal(
      whyNotKept(aHead(fresh), { ...request, headers: aRequest({ Authorization: 'x' }).headers }),
      'authorization',
    );
    assert.equal(whyNotKept(aHead({ 'Cache-Control': 'no-store' }, 500), request), 'no-store');
  });

  it('without the fields that are for one client', () => {
    const stored = keep(
      aHead({ 'Cache-Control': 'max-age=60, no-cache="a, b", private=c', A: '1', B: '2', C: '3', D: '4', Age: '3' }),
    );
    assert.deepEqual(
      stored.fields.filter((_, i) => i % 2 === 0),
      ['Cache-Control', 'D', 'Date'],
    );
  });

  it('with the tags that it is purged by', () => {
    assert.deepEqual(keep(aHead({ ...fresh, 'Cache-Tag': 'News, , a-1' })).tags, ['news', 'a-1']);
  });
});

describe('an answer is fresh', () => {
  const lifetime = (fields: Record<string, string>, policy = aPolicy(), status = 200): number =>
    keep(aHead({ Date: httpDate(), ETag: '"a"', ...fields }, status), aRequest({}, { policy })).terms.lifetimeMs;

  it('by CDN-Cache-Control before s-maxage before max-age before Expires', () => {
    const all = { 'Cache-Control': 'max-age=2, s-maxage=3', Expires: httpDate(1) };
    assert.equal(lifetime({ ...all, 'CDN-Cache-Control': 'max-age=4' }), 4_000);
    assert.equal(lifetime({ ...all, 'CDN-Cache-Control': 'foo' }), 0);
    assert.equal(lifetime(all), 3_000);
    assert.equal(lifetime({ 'Cache-Control': 'max-age=2', Expires: httpDate(1) }), 2_000);
    assert.equal(lifetime({ Expires: httpDate(1) }), 1_000);
    assert.equal(lifetime({ Expires: httpDate(20), Date: httpDate(-10) }), 30_000);
    assert.equal(lifetime({ Expires: '0' }), 0);
    assert.equal(lifetime({ Expires: httpDate(-1) }), 0);
  });

  it('for a tenth of its age where nobody says, by statuses that allow it', () => {
    const day = { 'Last-Modified': httpDate(-86_400) };
    assert.equal(lifetime(day), 8_640_000);
    assert.equal(lifetime(day, aPolicy(), 201), 0);
    assert.equal(lifetime({ ...day, 'Cache-Control': 'public' }, aPolicy(), 599), 8_640_000);
    assert.equal(lifetime({ 'Last-Modified': httpDate(-86_400 * 365) }), 86_400_000);
  });

  it('as the label says where the backend says nothing, by the statuses of the label', () => {
    const policy = aPolicy({ ttlMs: 10_000 });
    assert.equal(lifetime({}, policy), 10_000);
    assert.equal(lifetime({ 'Last-Modified': httpDate(-86_400) }, policy), 10_000);
    assert.equal(lifetime({ 'Cache-Control': 'max-age=5' }, policy), 5_000);
    assert.equal(lifetime({}, policy, 404), 10_000);
    assert.equal(lifetime({}, policy, 500), 0);
    assert.equal(lifetime({ 'Cache-Control': 'max-age=5' }, aPolicy({ ttlMs: 10_000, force: true })), 10_000);
  });

  it('not by the label where a page has the name of an asset', () => {
    const policy = aPolicy({ ttlMs: 10_000, assetsOnly: true });
    assert.equal(lifetime({ 'Content-Type': 'text/css' }, policy), 10_000);
    assert.equal(lifetime({ 'Content-Type': 'text/html; charset=utf-8' }, policy), 0);
  });

  it('from its origin on: what was on the way, what Age says, what its Date says', () => {
    const age = (fields: Record<string, string>) =>
      keep(aHead({ ...fresh, ...fields }), aRequest(), { requestMs: nowMs - 500, responseMs: nowMs }).terms
        .initialAgeMs;
    assert.equal(age({}), 500);
    assert.equal(age({ Age: '7200, 0' }), 7_200_500);
    for (const Age of ['abc', '-7200', '7200.0', '7;a=1']) assert.equal(age({ Age }), 500, Age);
    assert.equal(age({ Date: httpDate(-100) }), 100_000);
    assert.equal(age({ Date: httpDate(100) }), 500);
    assert.equal(age({ Date: 'foo' }), 500);
  });
});
