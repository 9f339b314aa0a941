import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Encodable, encodableOf, withoutDigests } from '../../src/compress/encodable.ts';
import { MediaTypes } from '../../src/compress/media-types.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { stepContext } from '../steps/step-context.ts';

interface Case {
  readonly status?: number;
  readonly type?: string;
  readonly fields?: string[];
  readonly bytes?: number | null;
  readonly method?: string;
  readonly asked?: string[];
}

/** An answer of 5,000 bytes of HTML to a GET, unless it is said otherwise. */
function verdict({ status = 200, type = 'text/html', fields = [], bytes = 5_000, method = 'GET', asked = [] }: Case) {
  const headers = new FlatHeaderList([...(type === '' ? [] : ['Content-Type', type]), ...fields]);
  const { request } = stepContext({ method, headers: asked });
  const head = { status, reason: '', headers, bodyLength: bytes };
  return encodableOf(head, request, { types: new MediaTypes(['text/*', 'application/json']), bytesMin: 1_024 });
}

function all(expected: Encodable, cases: readonly Case[]): void {
  for (const one of cases) assert.equal(verdict(one), expected, JSON.stringify(one));
}

test('a page is compressed whatever its status, by whatever method, and where nobody knows how long it is', () => {
  all('this-request', [
    {},
    { status: 404 },
    { status: 500, type: 'application/json' },
    { method: 'POST' },
    { bytes: null },
    { bytes: 1_024 },
    { fields: ['Cache-Control', 'public, max-age=60'] },
  ]);
});

test('what must not be changed, is too small or not worth it is left alone', () => {
  all('never', [
    { status: 204, bytes: 0 },
    { status: 205, bytes: 0 },
    { fields: ['Content-Encoding', 'br'] },
    { fields: ['content-encoding', 'identity'] },
    { fields: ['Cache-Control', 'public, No-Transform'] },
    { type: 'image/png' },
    { type: '' },
    { fields: ['Content-Type', 'text/plain'] },
    { bytes: 1_023 },
    { bytes: 0 },
  ]);
});

test('a body of which a sum is stated is left alone, also where the sum comes behind it', () => {
  all('never', [
    { fields: ['Content-Digest', 'sha-256=:AAAA:'] },
    { fields: ['Repr-Digest', 'sha-256=:AAAA:'] },
    { fields: ['Digest', 'sha-256=AAAA'] },
    { fields: ['Content-MD5', 'AAAA'] },
    { fields: ['Trailer', 'X-Sum, Content-Digest'], bytes: null },
  ]);
  all('this-request', [{ fields: ['Trailer', 'X-Sum'], bytes: null }]);
  const trailers = new FlatHeaderList(['X-Sum', '1', 'content-digest', 'sha-256=:AAAA:']);
  assert.deepEqual(withoutDigests(trailers).flat(), ['X-Sum', '1']);
  assert.equal(trailers.size, 2);
});

test('a part, and what is asked for without changes, is left alone, but another request may get it compressed', () => {
  all('other-request', [
    { status: 206, fields: ['Content-Range', 'bytes 0-4999/9000'] },
    { asked: ['Range', 'bytes=0-'] },
    { asked: ['Cache-Control', 'no-transform'] },
  ]);
});

test('the word that nothing has changed is about an answer that may have been compressed', () => {
  all('other-request', [
    { status: 304, type: '', bytes: 0 },
    { status: 304, bytes: 0 },
  ]);
  all('never', [
    { status: 304, type: 'image/png', bytes: 0 },
    { status: 304, fields: ['Content-Encoding', 'gzip'], bytes: 0 },
  ]);
});

test('HEAD is judged by the length that GET would have had', () => {
  const head = { method: 'HEAD', bytes: 0 };
  all('this-request', [{ ...head, fields: ['Content-Length', '5000'] }, head]);
  all('never', [
    { ...head, fields: ['Content-Length', '5'] },
    { ...head, fields: ['Content-Length', '0'] },
  ]);
});
