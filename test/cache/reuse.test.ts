import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayStandIn, readRequestTerms, reuseOf } from '../../src/cache/reuse.ts';
import { storedAnswer } from '../../src/cache/stored-answer.ts';
import { ageMs } from '../../src/cache/terms.ts';
import { isSelected } from '../../src/cache/vary.ts';
import { fc } from '../support/properties.ts';
import { aHead, aPolicy, aRequest, fieldList, httpDate, keep, nowMs } from './builders.ts';

const reuse = (control: string, seconds: number, request = '', policy = aPolicy()) =>
  reuseOf(
    keep(aHead({ 'Cache-Control': control, ETag: '"a"' }), aRequest({}, { policy })),
    readRequestTerms(fieldList(request === '' ? {} : { 'Cache-Control': request })),
    nowMs + seconds * 1000,
  );

describe('a stored answer is shown again', () => {
  it('while it is fresh', () => {
    assert.equal(reuse('max-age=60', 59), 'fresh');
    assert.equal(reuse('max-age=60', 60), 'validate');
    assert.equal(reuse('max-age=60, no-cache', 0), 'validate');
    assert.equal(reuse('max-age=60, no-cache="set-cookie"', 0), 'fresh');
    assert.equal(reuse('max-age=0', 0), 'validate');
  });

  it('unless the client wants it fresher', () => {
    assert.equal(reuse('max-age=60', 1, 'no-cache'), 'validate');
    assert.equal(reuse('max-age=60', 2, 'max-age=1'), 'validate');
    assert.equal(reuse('max-age=60', 2, 'max-age=2'), 'fresh');
    assert.equal(reuse('max-age=60', 10, 'min-fresh=50'), 'validate');
    assert.equal(reuse('max-age=60', 10, 'min-fresh=49'), 'fresh');
  });

  it('when it is stale where the client takes it, and the backend does not mind', () => {
    assert.equal(reuse('max-age=1', 5, 'max-stale'), 'stale');
    assert.equal(reuse('max-age=1', 5, 'max-stale=5'), 'stale');
    assert.equal(reuse('max-age=1', 5, 'max-stale=3'), 'validate');
    for (const word of ['must-revalidate', 'proxy-revalidate', 's-maxage=1'])
      assert.equal(reuse(`max-age=1, ${word}`, 5, 'max-stale'), 'validate', word);
  });

  it('while a fresh one is fetched, as the backend or the label says', () => {
    assert.equal(reuse('max-age=1, stale-while-revalidate=4', 4), 'updating');
    assert.equal(reuse('max-age=1, stale-while-revalidate=4', 5), 'validate');
    const policy = aPolicy({ staleWhileRevalidateMs: 10_000 });
    assert.equal(reuse('max-age=1', 10, '', policy), 'updating');
    assert.equal(reuse('max-age=1, stale-while-revalidate=0', 10, '', policy), 'validate');
    assert.equal(reuse('max-age=1, must-revalidate', 10, '', policy), 'validate');
    assert.equal(reuse('', 0, '', policy), 'validate');
  });

  it('in place of a failure for as long as the backend or the label says', () => {
    const may = (control: string, seconds: number) =>
      mayStandIn(keep(aHead({ 'Cache-Control': control })), nowMs + seconds * 1000);
    assert.equal(may('max-age=1', 86_400), true);
    assert.equal(may('max-age=1', 86_401), false);
    assert.equal(may('max-age=1, stale-if-error=5', 5), true);
    assert.equal(may('max-age=1, stale-if-error=5', 6), false);
    assert.equal(may('max-age=1, must-revalidate', 2), false);
  });
});

describe('the properties of reuse', () => {
  const seconds = fc.integer({ min: 0, max: 1_000 });

  it('is never called fresh beyond its lifetime, however old it arrived and whatever the clock does', () => {
    fc.assert(
      fc.property(seconds, seconds, fc.integer({ min: -1_000, max: 2_000 }), seconds, (maxAge, age, later, date) => {
        const head = aHead({
          'Cache-Control': `max-age=${maxAge}`,
          Age: String(age),
          Date: httpDate(-date),
          ETag: '"a"',
        });
        const stored = keep(head);
        const atMs = nowMs + later * 1000;
        const verdict = reuseOf(stored, readRequestTerms(fieldList()), atMs);
        const trueAge = Math.max(age, date) + Math.max(0, later);
        assert.equal(verdict, trueAge < maxAge ? 'fresh' : 'validate');
        assert.equal(ageMs(stored, atMs), trueAge * 1000);
      }),
    );
  });

  it('is never shown to a request that differs in what it varies on', () => {
    const name = fc.constantFrom('a', 'b', 'accept-encoding', 'cookie');
    const value = fc.constantFrom('1', '2', '1,2', ' 1 , 2 ', 'X', 'x');
    const fields = fc.array(fc.tuple(name, value), { maxLength: 4 });
    const clean = (list: readonly (readonly [string, string])[], one: string) => {
      const own = list.filter(([candidate]) => candidate === one).map(([, text]) => text);
      if (own.length === 0) return null;
      const joined = own
        .join(',')
        .replace(/\s*,\s*/g, ',')
        .trim();
      return one === 'accept-encoding' ? joined.toLowerCase() : joined;
    };
    fc.assert(
      fc.property(fields, fields, fc.uniqueArray(name), (first, second, names) => {
        const head = aHead({ 'Cache-Control': 'max-age=60', Vary: names.join(', ') });
        const stored = keep(head, aRequest(first.flat()));
        const same = names.every((one) => clean(first, one) === clean(second, one));
        assert.equal(isSelected(stored.selection, fieldList(second.flat())), same);
      }),
    );
  });
});

describe('a client gets of a stored answer', () => {
  const stored = keep(
    aHead({
      'Cache-Control': 'max-age=60',
      ETag: '"a"',
      'Last-Modified': httpDate(-100),
      'Content-Type': 'text/css',
      'Content-Language': 'en',
    }),
  );
  const answer = (fields: Record<string, string> = {}, method = 'GET', bytes: number | null = 10) =>
    storedAnswer(stored, bytes, { method, headers: fieldList(fields) }, nowMs + 5_999);

  it('the whole, with its age and its length', () => {
    const { head, bytes } = answer();
    assert.deepEqual([head.status, head.bodyLength, bytes], [200, 10, { from: 0, to: 10 }]);
    assert.equal(head.headers.get('age'), '5');
    assert.equal(head.headers.get('content-length'), '10');
  });

  it('its head alone for HEAD', () => {
    const { head, bytes } = answer({}, 'HEAD');
    assert.deepEqual([head.status, head.bodyLength, bytes], [200, 0, null]);
    assert.equal(head.headers.get('content-length'), '10');
  });

  it('the word that it has it already', () => {
    for (const fields of [
      { 'If-None-Match': '"x", W/"a"' },
      { 'If-Modified-Since': httpDate(-100) },
      { 'If-Modified-Since': httpDate(-50) },
      { 'If-None-Match': '"a"', 'If-Modified-Since': httpDate(-500) },
    ] as Record<string, string>[]) {
      const { head, bytes } = answer(fields);
      assert.deepEqual([head.status, head.bodyLength, bytes], [304, 0, null], JSON.stringify(fields));
      assert.equal(head.headers.get('etag'), '"a"');
      assert.equal(head.headers.has('content-type'), false);
      assert.equal(head.headers.has('content-language'), false);
    }
    for (const fields of [
      { 'If-None-Match': '"b"', 'If-Modified-Since': httpDate(0) },
      { 'If-Modified-Since': httpDate(-101) },
      { 'If-Modified-Since': 'yesterday' },
    ] as Record<string, string>[])
      assert.equal(answer(fields).head.status, 200, JSON.stringify(fields));
  });

  it('the range that it asks for, if it has the rest of the same', () => {
    const { head, bytes } = answer({ Range: 'bytes=2-4' });
    assert.deepEqual([head.status, head.bodyLength, bytes], [206, 3, { from: 2, to: 5 }]);
    assert.equal(head.headers.get('content-range'), 'bytes 2-4/10');
    assert.equal(answer({ Range: 'bytes=2-4', 'If-Range': '"a"' }).head.status, 206);
    assert.equal(answer({ Range: 'bytes=2-4', 'If-Range': httpDate(-100) }).head.status, 206);
    assert.equal(answer({ Range: 'bytes=2-4', 'If-Range': '"b"' }).head.status, 200);
    assert.equal(answer({ Range: 'bytes=2-4', 'If-Range': 'W/"a"' }).head.status, 200);
    assert.equal(answer({ Range: 'bytes=2-4', 'If-Range': httpDate(-99) }).head.status, 200);
    assert.equal(answer({ Range: 'bytes=2-4' }, 'GET', null).head.status, 200);
  });

  it('the length where it asks for what is beyond', () => {
    const { head, bytes } = answer({ Range: 'bytes=10-' });
    assert.deepEqual([head.status, head.bodyLength, bytes], [416, 0, null]);
    assert.equal(head.headers.get('content-range'), 'bytes */10');
  });
});
