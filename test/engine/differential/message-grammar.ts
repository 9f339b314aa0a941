import { fc } from '../../support/properties.ts';

/** The parts of RFC 9110 and 9112 that requests and responses share, as tokens (see `mutations.ts`). */

export const crlf = '\r\n';

export const flatten = (arbitrary: fc.Arbitrary<string[][]>): fc.Arbitrary<string[]> =>
  arbitrary.map((all) => all.flat());

/** OWS before and behind a value; seldom more than one space. */
const whiteSpaceBefore = fc.oneof(
  { weight: 8, arbitrary: fc.constant(' ') },
  { weight: 2, arbitrary: fc.constantFrom('', '\t', '  ', ' \t ') },
);
const whiteSpaceBehind = fc.oneof(
  { weight: 9, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\t', ' \t') },
);

/** `name: value CRLF`. */
export function fieldLine(name: string, value: string): fc.Arbitrary<string[]> {
  return fc
    .tuple(whiteSpaceBefore, whiteSpaceBehind)
    .map(([before, behind]) => [name, ':', before, ...words(value), behind, crlf]);
}

/** A value taken apart at its delimiters. */
function words(value: string): string[] {
  return value.split(/([ ,;=]+)/).filter((word) => word !== '');
}

const plainNames = [
  'X-A',
  'x-b',
  'X-LONGER-NAME',
  'Accept',
  'Cookie',
  'User-Agent',
  "X!#$%&'*+.^`|~",
  'Via',
  'Date',
  'X_Y',
  'Range',
];
const plainValues = [
  '',
  'a',
  'b c',
  'a, b',
  '"q\\"s"',
  'caf\xe9\xff',
  'a:b',
  '<x>; y=z',
  '0',
  '\xa0',
  'a\tb',
  'GET / HTTP/1.1',
  'chunked',
];

export const plainField = fc
  .tuple(fc.constantFrom(...plainNames), fc.constantFrom(...plainValues))
  .chain(([name, value]) => fieldLine(name, value));

export const oneOf = (name: string, ...values: string[]): fc.Arbitrary<string[]> =>
  fc.constantFrom(...values).chain((value) => fieldLine(name, value));

const extension = fc.oneof(
  { weight: 40, arbitrary: fc.constant('') },
  { weight: 10, arbitrary: fc.constantFrom(';a', ';a=b', ';a;b=c', ';a="b c"', ';a="\\""', ';x="=;"') },
  { weight: 1, arbitrary: fc.constantFrom(';x=;', '; a=b', ' ;a', ';a = b', ';', ';a="b') },
);

/** A chunk size in the spellings that are legal. */
const sizeOf = (length: number): fc.Arbitrary<string> => {
  const hex = length.toString(16);
  return fc.constantFrom(hex, hex, hex, hex.toUpperCase(), `0${hex}`, `000${hex}`);
};

/** More than is copied, more than is waited for, more than one read takes; every 16 bytes are others. */
const large = fc.constantFrom(5_000, 20_000, 70_000).map((length) => numbered(length));

function numbered(length: number): string {
  return Array.from({ length: Math.ceil(length / 16) }, (_, i) => `${i.toString(36).padStart(14, '.')}\r\n`)
    .join('')
    .slice(0, length);
}

/** Content that might be taken for something else, in latin1. */
export const content = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('hello', 'a', '', '0123456789abcdef0123') },
  { weight: 1, arbitrary: large },
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      '\r\n',
      '0\r\n\r\n',
      '5\r\nhello\r\n',
      '\0\xff',
      'GET /inner HTTP/1.1\r\nHost: app.test\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
    ),
  },
);

const chunk = content
  .filter((data) => data !== '')
  .chain((data) => fc.tuple(sizeOf(data.length), extension).map(([size, ext]) => [size, ext, crlf, data, crlf]));

const trailer = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      ...[
        'X-T: 1',
        'X-T:',
        'x-sum: abc',
        'Host: evil.test',
        'Authorization: x',
        'X-Forwarded-For: 6.6.6.6',
        'X_Real_IP: 6.6.6.6',
      ],
      ...['Set-Cookie: a=b', 'Trailer: x', 'Connection: close', 'Connection: X-T'],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('Content-Length: 5', 'Transfer-Encoding: chunked', 'Content_Length: 1') },
);

const trailerLine = trailer.map((line) => [...line.split(/(:| )/).filter((word) => word !== ''), crlf]);

const lastChunk = fc.tuple(fc.constantFrom('0', '0', '0', '000'), extension).map(([size, ext]) => [size, ext, crlf]);

export const chunkedBody: fc.Arbitrary<string[]> = fc
  .tuple(
    flatten(fc.array(chunk, { maxLength: 3 })),
    lastChunk,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: flatten(fc.array(trailerLine, { minLength: 1, maxLength: 2 })) },
    ),
  )
  .map(([chunks, last, trailers]) => [...chunks, ...last, ...trailers, crlf]);

/** Framing lines, in any place among the others, and the body that they speak of. */
export interface Framed {
  readonly lines: string[];
  readonly body: string[];
}

export const byLength: fc.Arbitrary<Framed> = content.chain((body) =>
  fc
    .constantFrom(String(body.length), String(body.length), `00${body.length}`)
    .chain((length) => fieldLine('Content-Length', length))
    .map((lines) => ({ lines, body: [body] })),
);

export const byChunks: fc.Arbitrary<Framed> = fc
  .tuple(oneOf('Transfer-Encoding', 'chunked', 'chunked', 'Chunked'), chunkedBody)
  .map(([lines, body]) => ({ lines, body }));

/** Both at once, twice, or something unknown. */
export const byConflict: fc.Arbitrary<Framed> = fc
  .tuple(
    flatten(
      fc.array(
        fc.oneof(
          oneOf('Content-Length', '0', '5', '6', '+5', '5,5', '5, 5', '0x5', '', '5 5'),
          oneOf(
            'Transfer-Encoding',
            'chunked',
            'identity',
            'gzip',
            'gzip, chunked',
            'xchunked',
            'chunked, chunked',
            '',
          ),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    ),
    fc.oneof(
      content.map((body) => [body]),
      chunkedBody,
    ),
  )
  .map(([lines, body]) => ({ lines, body }));
