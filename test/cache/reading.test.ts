import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readByteRange } from '../../src/cache/byte-range.ts';
import { fieldsOf, isUnqualified, readCacheControl, secondsOf } from '../../src/cache/cache-control.ts';
import { cacheKey, sameOriginUri } from '../../src/cache/cache-key.ts';
import { readHttpDate } from '../../src/cache/http-date.ts';
import { readTargetedControl } from '../../src/cache/targeted-control.ts';
import { hasTag } from '../../src/http/entity-tag.ts';
import { fc } from '../support/properties.ts';
import { nowMs } from './builders.ts';

const read = (...lines: string[]) => readCacheControl(lines);

describe('Cache-Control', () => {
  it('is read whatever its case, order and quotes', () => {
    assert.equal(secondsOf(read('foo, MaX-aGe=3600'), 'max-age'), 3600);
    assert.equal(secondsOf(read('max-age="60"'), 'max-age'), 60);
    assert.equal(secondsOf(read('max-age=003600'), 'max-age'), 3600);
    assert.equal(secondsOf(read('max-age=99999999999'), 'max-age'), 2_147_483_648);
    assert.equal(secondsOf(read('public'), 'max-age'), undefined);
  });

  it('counts an age as 0 that cannot be read, and of several the smallest', () => {
    for (const text of [
      "max-age='60'",
      'max-age=-1',
      'max-age=60a',
      'max-age =60',
      'max-age= 60',
      'max-age',
      'max-age=1.5',
    ])
      assert.equal(secondsOf(read(text), 'max-age'), 0, text);
    assert.equal(secondsOf(read('max-age=1800, max-age=1'), 'max-age'), 1);
    assert.equal(secondsOf(read('max-age=1', 'max-age=1800'), 'max-age'), 1);
  });

  it('does not take for a directive what stands in quotes', () => {
    const directives = read('extension="max-age=3600, no-store", max-age=1');
    assert.equal(secondsOf(directives, 'max-age'), 1);
    assert.equal(directives.has('no-store'), false);
  });

  it('keeps a directive beside quotes that are never closed', () => {
    assert.ok(isUnqualified(read('no-store, no-cache="a\\'), 'no-cache'));
    assert.ok(read('no-store, no-cache="a\\').has('no-store'));
  });

  it('says which fields no-cache is about, and nothing less than all where one of two names none', () => {
    assert.deepEqual(fieldsOf(read('no-cache="A, b"'), 'no-cache'), ['a', 'b']);
    assert.ok(!isUnqualified(read('no-cache="a"'), 'no-cache'));
    assert.ok(isUnqualified(read('no-cache="a"', 'no-cache'), 'no-cache'));
    assert.ok(isUnqualified(read('no-cache', 'no-cache="a"'), 'no-cache'));
  });

  it('survives any text, and never loses a no-store that stands alone between commas', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
        const directives = read(before.replaceAll('"', ''), ` no-store `, after);
        assert.ok(directives.has('no-store'));
      }),
    );
  });
});

describe('CDN-Cache-Control', () => {
  it('is a dictionary of structured fields', () => {
    const directives = readTargetedControl(['foobar;a=1, max-age=3600', 'private=?0, no-cache=?1, x="a\\"b"']);
    assert.deepEqual(
      [...(directives ?? [])],
      [
        ['foobar', null],
        ['max-age', '3600'],
        ['no-cache', null],
        ['x', 'a"b'],
      ],
    );
  });

  it('is void as a whole by one fault', () => {
    for (const text of [
      'max-age=10000, &&&&&',
      'max-age="10000"',
      'MaX-aGe=3600',
      'max-age =100',
      'max-age= 100',
      'a,',
      'max-age',
      '',
    ])
      assert.equal(readTargetedControl([text]), null, text);
  });
});

describe('a date of HTTP', () => {
  it('is read in its three forms and any case', () => {
    const ms = Date.UTC(2050, 7, 18, 2, 1, 18);
    for (const text of [
      'Thu, 18 Aug 2050 02:01:18 GMT',
      'THU, 18 AUG 2050 02:01:18 gMT',
      'Thursday, 18-Aug-50 02:01:18 GMT',
      'Thu Aug 18 02:01:18 2050',
    ])
      assert.equal(readHttpDate(text, nowMs), ms, text);
    assert.equal(readHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', nowMs), Date.UTC(1994, 10, 6, 8, 49, 37));
    assert.equal(readHttpDate('Thu Aug  8 02:01:18 2050', nowMs), Date.UTC(2050, 7, 8, 2, 1, 18));
  });

  it('is nothing else', () => {
    for (const text of [
      '0',
      'Thu, 18 Aug 2050 02:01:18 UTC',
      'Thu, 18 Aug 50 02:01:18 GMT',
      'Thu 18 Aug 2050 02:01:18 GMT',
      'Thu, 18  Aug  2050 02:01:18 GMT',
      'Thu, 18-Aug-2050 02:01:18 GMT',
      'Thu, 18 Aug 2050 02.01.18 GMT',
      'Thu, 18 Aug 2050 2:01:18 GMT',
      'Wed, 31 Feb 2050 02:01:18 GMT',
      'Wed, 01 Feb 2050 25:01:18 GMT',
    ])
      assert.equal(readHttpDate(text, nowMs), null, text);
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        const ms = Math.floor(date.getTime() / 1000) * 1000;
        assert.equal(readHttpDate(new Date(ms).toUTCString(), nowMs), ms);
      }),
    );
  });
});

describe('a range', () => {
  it('is one part of the body', () => {
    assert.deepEqual(readByteRange('bytes=0-1', 11), { from: 0, to: 2 });
    assert.deepEqual(readByteRange('bytes=1-', 11), { from: 1, to: 11 });
    assert.deepEqual(readByteRange('bytes=-1', 11), { from: 10, to: 11 });
    assert.deepEqual(readByteRange('bytes=-99', 11), { from: 0, to: 11 });
    assert.deepEqual(readByteRange('bytes=5-99', 11), { from: 5, to: 11 });
  });

  it('beyond the end cannot be had, and what is unclear is the whole', () => {
    for (const text of ['bytes=11-', 'bytes=-0']) assert.equal(readByteRange(text, 11), 'unsatisfiable', text);
    for (const text of ['bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'bytes=3-1', 'bytes=a-'])
      assert.equal(readByteRange(text, 11), null, text);
  });

  it('never leaves the body', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(100), (a, b, size) => {
        for (const text of [`bytes=${a}-${b}`, `bytes=${a}-`, `bytes=-${b}`]) {
          const range = readByteRange(text, size);
          if (range === null || range === 'unsatisfiable') continue;
          assert.ok(0 <= range.from && range.from < range.to && range.to <= size);
        }
      }),
    );
  });
});

describe('an entity tag', () => {
  it('is found in a list by the weak comparison', () => {
    assert.ok(hasTag('"1234", W/"abc", "5678"', '"abc"'));
    assert.ok(hasTag('"abc"', 'W/"abc"'));
    assert.ok(hasTag('*', undefined));
    assert.ok(hasTag('"a,b"', '"a,b"'));
    assert.ok(!hasTag('"abc"', '"ab"'));
    assert.ok(!hasTag('"abc"', undefined));
    assert.ok(!hasTag('""', ''));
  });
});

describe('a key', () => {
  const uri = { scheme: 'https', host: 'app.test', port: 443, target: '/a?b=1' } as const;

  it('is the URI, where the port that goes without saying is not said', () => {
    assert.equal(cacheKey(uri, 'r', { key: null }), 'https://app.test/a?b=1');
    assert.equal(cacheKey({ ...uri, port: 8443 }, 'r', { key: null }), 'https://app.test:8443/a?b=1');
    assert.equal(cacheKey({ ...uri, host: '::1', port: null }, 'r', { key: null }), 'https://[::1]/a?b=1');
  });

  it('is what the label says, for this route alone', () => {
    assert.equal(cacheKey(uri, 'r', { key: '{scheme} {host}{path} {query} {uri}' }), 'r https app.test/a b=1 /a?b=1');
  });

  it('of a Location is one of the same origin or none', () => {
    const of = (reference: string) => sameOriginUri(reference, uri)?.target ?? null;
    assert.equal(of('c'), '/c');
    assert.equal(of('https://app.test/c?d'), '/c?d');
    assert.equal(of('http://app.test/c'), null);
    assert.equal(of('https://other.test/c'), null);
    assert.equal(of('//other.test/c'), null);
    assert.equal(of('http://['), null);
  });
});
