import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toEncodedHead, toHeldTag } from '../../src/compress/encoded-head.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';

const encoded = (fields: string[], method = 'GET') => {
  const bodyLength = method === 'HEAD' ? 0 : 5_000;
  const head = {
    status: 200,
    reason: '',
    headers: new FlatHeaderList(fields),
    bodyLength: bodyLength as number | null,
  };
  toEncodedHead(head, 'br', method);
  return { fields: head.headers.flat(), bodyLength: head.bodyLength };
};

test('a compressed answer says so, has no length and no parts, and its tag promises less', () => {
  const fields = ['Content-Type', 'text/html', 'Content-Length', '5000', 'accept-ranges', 'bytes', 'Etag', '"v1"'];
  const answer = ['Content-Type', 'text/html', 'ETag', 'W/"v1"', 'Content-Encoding', 'br'];
  assert.deepEqual(encoded(fields), { fields: answer, bodyLength: null });
  assert.deepEqual(encoded(fields, 'HEAD'), { fields: answer, bodyLength: 0 });
});

test('a weak tag stays as it is, and what is no tag does not stand for two bodies', () => {
  assert.deepEqual(encoded(['ETag', 'W/"v1"']).fields, ['ETag', 'W/"v1"', 'Content-Encoding', 'br']);
  assert.deepEqual(encoded(['ETag', 'v1']).fields, ['Content-Encoding', 'br']);
  assert.deepEqual(encoded(['ETag', '"a"', 'ETag', '"b"']).fields, ['Content-Encoding', 'br']);
});

test('a 304 has its tag in the form that the client holds', () => {
  const told = (tag: string, ...held: string[]) => {
    const headers = new FlatHeaderList(['ETag', tag]);
    toHeldTag(headers, held);
    return headers.get('etag');
  };
  assert.equal(told('"v1"', 'W/"v1"'), 'W/"v1"');
  assert.equal(told('"v1"', '"v0", W/"v1"'), 'W/"v1"');
  assert.equal(told('"v1"', '"v0"', 'W/"v1"'), 'W/"v1"');
  assert.equal(told('"v1"', '"v1"'), '"v1"');
  assert.equal(told('"v1"', 'W/"v0"'), '"v1"');
  assert.equal(told('"v1"', '*'), '"v1"');
  assert.equal(told('"v1"'), '"v1"');
});
