import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestText } from '../../../src/engine/h1/head-text.ts';
import { parseRequestHead } from '../../../src/engine/h1/request-head.ts';
import { readRequest } from '../../../src/engine/h2/request-reading.ts';
import { defaultListenerLimits } from '../../../src/http/transport.ts';
import { fc } from '../../support/properties.ts';

const limits = defaultListenerLimits;

const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 6,
});

/** Mostly in order, and now and then not. */
const mostly = (good: fc.Arbitrary<string>, bad: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 20, arbitrary: good }, { weight: 1, arbitrary: bad });

const name = fc.oneof(
  fc.constantFrom('cookie', 'x', 'accept', 'x_y', 'te', 'user-agent'),
  fc.stringMatching(/^[a-z0-9_-]{1,8}$/).filter((text) => text !== 'host'),
);
const value = mostly(fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/), latin1);
const framing = fc.constantFrom(
  ['content-length', '3'],
  ['content-length', '0'],
  ['expect', '100-continue'],
  ['host', 'a.test'],
);
const field = fc.oneof({ weight: 10, arbitrary: fc.tuple(name, value) }, { weight: 1, arbitrary: framing });
const head = fc.record({
  method: mostly(fc.constantFrom('GET', 'POST', 'OPTIONS', 'PURGE'), fc.oneof(latin1, fc.constantFrom('get', 'G T'))),
  path: mostly(
    fc.oneof(fc.stringMatching(/^\/[!-"$-~]{0,8}$/), fc.constant('//x/../y?z')),
    fc.oneof(latin1, fc.constantFrom('*', 'http://a.test/', '/ HTTP/1.1')),
  ),
  authority: mostly(
    fc.constantFrom('a.test', 'A.test:81', '[::1]'),
    fc.oneof(latin1, fc.constantFrom('a,b', 'x@y', 'a.test\r\nx: y')),
  ),
  scheme: mostly(fc.constantFrom('http', 'HTTP'), fc.constant('https')),
  fields: fc.array(field, { maxLength: 6 }),
  ended: fc.boolean(),
});

describe('a request read from HTTP/2', () => {
  it('is, written as HTTP/1.1, read by a strict parser as the same request', () => {
    let accepted = 0;
    fc.assert(
      fc.property(head, ({ method, path, authority, scheme, fields, ended }) => {
        const pseudo = [':method', method, ':path', path, ':authority', authority, ':scheme', scheme];
        const request = readRequest([...pseudo, ...fields.flat()], limits, { ended, secure: false });
        if (typeof request === 'string') return;
        accepted++;
        const { bodyLength } = request;
        const before = request.headers.flat();
        const text = requestText(request, null);
        const bytes = Buffer.from(text, 'latin1');
        const again = parseRequestHead(bytes, 0, text, limits, { secure: false });
        assert.ok(typeof again === 'object', `${again}: ${JSON.stringify(text)}`);
        assert.deepEqual(
          [again.method, again.target, again.authority, again.bodyLength],
          [method, path, request.authority, bodyLength],
        );
        const written = again.headers.flat();
        const ours = new Set(['connection', 'content-length', 'transfer-encoding', 'trailer']);
        const meant = (flat: readonly string[]) =>
          flat.flatMap((text, i) => (i % 2 === 0 && !ours.has(text.toLowerCase()) ? [[text, flat[i + 1]]] : []));
        assert.deepEqual(meant(written), meant(before));
      }),
      { numRuns: 3_000 },
    );
    assert.ok(accepted > 1_000, `only ${accepted} were accepted`);
  });

  it('has as many bytes and lines as the limits allow, and not one more', () => {
    const pseudo = [':method', 'GET', ':path', '/', ':authority', 'a', ':scheme', 'http'];
    const read = (fields: readonly string[]) =>
      readRequest([...pseudo, ...fields], limits, { ended: true, secure: false });
    const overhead = 'GET / HTTP/1.1\r\nhost: a\r\nx: \r\n\r\n'.length;
    const full = limits.headBytesMax - overhead;
    assert.equal(typeof read(['x', 'y'.repeat(full)]), 'object');
    assert.equal(read(['x', 'y'.repeat(full + 1)]), 'headers-too-large');
    // Host is one of them.
    const lines = Array.from({ length: limits.fieldLinesMax - 1 }, () => ['x', 'y']).flat();
    assert.equal(typeof read(lines), 'object');
    assert.equal(read([...lines, 'x', 'y']), 'headers-too-large');
    // Crumbs are one line.
    assert.equal(typeof read(Array.from({ length: 400 }, () => ['cookie', 'a=b']).flat()), 'object');
  });
});
