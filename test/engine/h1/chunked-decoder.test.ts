import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkedDecoder } from '../../../src/engine/h1/chunked-decoder.ts';
import { fc } from '../../support/properties.ts';

/** Feeds the parts one after the other; what was read of the body, the verdict, and the bytes left behind it. */
function decode(parts: readonly string[]): {
  body: string;
  verdict: 'done' | 'bad' | 'more';
  left: string;
  trailers: string;
} {
  const decoder = new ChunkedDecoder();
  let body = '';
  let left = '';
  for (const part of parts) {
    const bytes = Buffer.from(part, 'latin1');
    let at = 0;
    while (at < bytes.length && !decoder.done && !decoder.bad) {
      at = decoder.read(bytes, at, (from, to) => {
        body += bytes.toString('latin1', from, to);
        return true;
      });
    }
    left += bytes.toString('latin1', at);
  }
  const verdict = decoder.done ? 'done' : decoder.bad ? 'bad' : 'more';
  return { body, verdict, left, trailers: decoder.trailers?.text ?? '' };
}

test('a body comes out of its chunks, and what follows is left', () => {
  assert.deepEqual(decode(['4\r\nWiki\r\n6;a=b\r\npedia \r\n0\r\n\r\nGET /']), {
    body: 'Wikipedia ',
    verdict: 'done',
    left: 'GET /',
    trailers: '',
  });
});

test('trailers are kept', () => {
  assert.equal(decode(['0\r\nX-Sum: 1\r\nY: 2\r\n\r\n']).trailers, 'X-Sum: 1\r\nY: 2\r\n\r\n');
});

test('it makes no difference where the bytes are split', () => {
  const wire = '4;x="a;b"\r\nWiki\r\n00A\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nrest';
  const whole = decode([wire]);
  assert.equal(whole.verdict, 'done');
  for (let i = 0; i <= wire.length; i++)
    assert.deepEqual(decode([wire.slice(0, i), wire.slice(i)]), whole, `split at ${i}`);
  assert.deepEqual(decode([...wire]), whole);
});

const bad = [
  'x\r\n',
  '\r\n',
  '-1\r\n',
  '+1\r\n',
  '0x1\r\n',
  '1_0\r\n',
  ' 1\r\n',
  '1 \r\n',
  '1\n',
  '1\r',
  '1\rx',
  '1\r\nab\r\n',
  '1\r\na\n',
  '1\r\na\rX',
  '4\r\nWikiX',
  '00000000000001\r\n',
  '1;\r\na',
  '1; a\r\n',
  '1;a =b\r\n',
  '1;a="b\r\n',
  '1;a\nb\r\n',
  `1;${'a'.repeat(2000)}\r\n`,
  '0\r\nX\r\n\r\n',
  '0\r\nX : 1\r\n\r\n',
  '0\r\n X: 1\r\n\r\n',
  '0\r\nX: 1\n\r\n',
  '0\r\n\n',
  `0\r\nX: ${'a'.repeat(9000)}\r\n\r\n`,
  '0\r\nX: a\rb\r\n\r\n',
];
for (const wire of bad) {
  if (wire === '1\r') continue;
  test(`refuses ${JSON.stringify(wire.slice(0, 30))}`, () => {
    assert.equal(decode([wire]).verdict, 'bad');
    assert.equal(decode([...wire]).verdict, 'bad');
  });
}

test('whatever the body and the sizes, it comes out as it went in', () => {
  const chunks = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 50 }), { maxLength: 8 });
  fc.assert(
    fc.property(chunks, fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), (bodies, cuts) => {
      const wire = `${bodies.map((body) => `${body.length.toString(16)}\r\n${body}\r\n`).join('')}0\r\n\r\n`;
      const at = [0, ...cuts.map((cut) => cut % (wire.length + 1)).sort((a, b) => a - b), wire.length];
      const parts = at.slice(1).map((to, i) => wire.slice(at[i], to));
      assert.deepEqual(decode(parts), { body: bodies.join(''), verdict: 'done', left: '', trailers: '' });
    }),
  );
});

test('stops where it is told to, and goes on from there', () => {
  const decoder = new ChunkedDecoder();
  const bytes = Buffer.from('1\r\na\r\n1\r\nb\r\n0\r\n\r\n');
  const runs: string[] = [];
  const take = (from: number, to: number): boolean => runs.push(bytes.toString('latin1', from, to)) === 0;
  let at = decoder.read(bytes, 0, take);
  assert.deepEqual(runs, ['a']);
  at = decoder.read(bytes, at, take);
  assert.deepEqual(runs, ['a', 'b']);
  at = decoder.read(bytes, at, take);
  assert.equal(at, bytes.length);
  assert.equal(decoder.done, true);
});
