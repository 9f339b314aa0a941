import fc from 'fast-check';

/**
 * What a message is made of, in order: words, separators and line ends, each by itself, so that a mutation can get hold of
 * what parsers stumble over.
 */
export type Tokens = readonly string[];

/** One thing that goes wrong between a writer and a reader. */
export interface Mutation {
  readonly kind: (typeof kinds)[number];
  /** Where, and where to: counted modulo the number of places there are. */
  readonly at: number;
  readonly to: number;
  readonly text: string;
  readonly line: string;
  readonly number: string;
}

const kinds = [
  ...['drop', 'double', 'swap', 'insert', 'replace', 'case', 'truncate', 'number', 'number'],
  ...['line-insert', 'line-insert', 'line-drop', 'line-double', 'line-move'],
  ...['byte-drop', 'byte-insert', 'byte-replace', 'byte-flip'],
] as const;

/** White space, line ends and delimiters that some parser takes for another one, or for nothing. */
const texts = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\n\r',
    '\r\r\n',
    '\n\n',
    '\r\n\r\n',
    '\r\n ',
    '\r\n\t',
    ' ',
    '  ',
    '\t',
    ' \t',
    '\0',
    '\x01',
  ],
  ...[
    '\x0b',
    '\x0c',
    '\x1b',
    '\x1f',
    '\x7f',
    '\x80',
    '\x85',
    '\xa0',
    '\xad',
    '\xff',
    ':',
    ';',
    ',',
    '=',
    '"',
    "'",
    '\\',
  ],
  ...['#', '?', '/', '..', '%', '%00', '%2e', '@', '*', '_', '-', '+', '0', '1', 'a', 'x', '0x', 'chunked', 'identity'],
  ...['close', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'GET / HTTP/1.1\r\n', '<', '(', '[', '{', '\xef\xbb\xbf'],
];

/** Lines that frame, route or speak about the connection, well and badly written. */
const lines = [
  ...[
    'Content-Length: 0',
    'Content-Length: 5',
    'content-length:5',
    'Content-Length : 5',
    'Content-Length:\t5',
    'Content-Length: 5, 5',
  ],
  ...[
    'Content_Length: 5',
    'Content-Length:',
    'Content-Length: +5',
    'Content-Length: 0x5',
    'Content-Length: 99999999999999999999',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'transfer-encoding:chunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding:\tchunked',
  ],
  ...[
    'Transfer-Encoding: identity',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, chunked',
  ],
  ...[
    'Transfer-Encoding:',
    'Transfer-Encoding: \x0bchunked',
    'Transfer-Encoding: chunked\x0b',
    'Transfer-Encoding: "chunked"',
    'Transfer_Encoding: chunked',
  ],
  ...['Host: app.test', 'Host: evil.test', 'host:app.test', 'Host:', 'Connection: close', 'Connection: keep-alive'],
  ...[
    'Connection: Transfer-Encoding',
    'Connection: Content-Length, close',
    'Connection: X-A, X-Forwarded-For',
    'Connection: \xa0close',
  ],
  ...[
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'Expect: x',
    'TE: trailers',
    'Trailer: X-T',
  ],
  ...[
    ' folded: x',
    '\tfolded',
    'X',
    ':',
    'X-A: b\rc',
    'X-A: b\nX-B: c',
    'X-A: b\0',
    'X A: b',
    'X-A\0: b',
    'Keep-Alive: timeout=5',
  ],
  ...['HTTP/1.1 200 OK', 'GET / HTTP/1.1', '', ' ', 'X-Forwarded-For: 6.6.6.6', 'X_Forwarded_For: 6.6.6.6'],
];

/** Spellings of numbers of which some parsers read the beginning, some the end, and some nothing. */
const numbers = [
  ...[
    '+5',
    '-5',
    '-0',
    '0',
    '1',
    '4',
    '5',
    '6',
    '05',
    '005',
    '0x5',
    '0X5',
    '5_0',
    '0_5',
    '5 ',
    ' 5',
    '\t5',
    '5\t',
    '5,5',
    '5, 5',
    '5;',
    '"5"',
    '',
  ],
  ...[
    '5.0',
    '5e0',
    '1e1',
    '0b1',
    '5\x0b',
    '\x0c5',
    '5\0',
    '5\r',
    '5\n',
    '\n5',
    'a',
    'A',
    'f',
    'g',
    '00',
    '0000000000000000',
    '00000000000000005',
  ],
  ...[
    '18446744073709551616',
    '18446744073709551621',
    '9223372036854775808',
    '9007199254740993',
    '4294967296',
    '4294967301',
    '1000000000000000',
  ],
  ...[
    'ffffffffffffffff',
    '10000000000000005',
    '100000005',
    '7fffffffffffffff',
    'fffffffffffff',
    '-1',
    '\xb2',
    '5-',
    '5a',
    '5g',
  ],
];

const place = fc.nat(99_999);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: place,
  to: place,
  text: fc.constantFrom(...texts),
  line: fc.constantFrom(...lines),
  number: fc.constantFrom(...numbers),
});

/** None as often as one, and seldom more: what is broken in many places is refused for the first of them. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Mutation[]>([]) },
  { weight: 5, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 4 }) },
);

export function mutate(tokens: Tokens, all: readonly Mutation[]): string {
  return all.reduce<Tokens>(apply, tokens).join('');
}

function apply(tokens: Tokens, mutation: Mutation): Tokens {
  const { kind, text, line, number } = mutation;
  if (tokens.length === 0) return [text];
  const [at, to] = [mutation.at % tokens.length, mutation.to % tokens.length];
  const token = tokens[at] as string;
  switch (kind) {
    case 'drop':
      return tokens.toSpliced(at, 1);
    case 'double':
      return tokens.toSpliced(at, 0, token);
    case 'swap':
      return tokens.with(at, tokens[to] as string).with(to, token);
    case 'insert':
      return tokens.toSpliced(at, 0, text);
    case 'replace':
      return tokens.with(at, text);
    case 'case':
      return tokens.with(at, otherCase(token));
    case 'truncate':
      return tokens.slice(0, at + 1);
    case 'number':
      return replaceNumber(tokens, mutation.at, number);
    case 'line-insert':
    case 'line-drop':
    case 'line-double':
    case 'line-move':
      return applyToLine(kind, tokens, mutation, line);
    default:
      return [applyToBytes(kind, tokens.join(''), mutation)];
  }
}

/** Of ASCII only: what is beyond has capitals that are no latin1. */
function otherCase(token: string): string {
  return token.replace(/[a-z]+|[A-Z]+/g, (run) => (run < 'a' ? run.toLowerCase() : run.toUpperCase()));
}

function replaceNumber(tokens: Tokens, at: number, number: string): Tokens {
  const places = tokens.flatMap((token, i) => (/^[0-9a-f]{1,16}$/i.test(token) ? [i] : []));
  return places.length === 0 ? tokens : tokens.with(places[at % places.length] as number, number);
}

function applyToLine(kind: string, tokens: Tokens, { at, to }: Mutation, text: string): Tokens {
  const all = tokens.join('').split('\r\n');
  const i = at % all.length;
  const line = all[i] as string;
  if (kind === 'line-insert') return [all.toSpliced(i, 0, text).join('\r\n')];
  if (kind === 'line-drop') return [all.toSpliced(i, 1).join('\r\n')];
  if (kind === 'line-double') return [all.toSpliced(i, 0, line).join('\r\n')];
  return [
    all
      .toSpliced(i, 1)
      .toSpliced(to % all.length, 0, line)
      .join('\r\n'),
  ];
}

function applyToBytes(kind: string, bytes: string, { at, to, text }: Mutation): string {
  const i = at % Math.max(1, bytes.length);
  const [before, after] = [bytes.slice(0, i), bytes.slice(i + 1)];
  if (kind === 'byte-drop') return before + after;
  if (kind === 'byte-insert') return before + text + bytes.slice(i);
  if (kind === 'byte-replace') return before + text + after;
  return before + String.fromCharCode((bytes.charCodeAt(i) || 0) ^ (1 << (to % 8))) + after;
}

/** Where bytes are cut on their way: nowhere, anywhere, or everywhere. */
export const cuts: fc.Arbitrary<readonly number[] | 'everywhere'> = fc.oneof(
  { weight: 6, arbitrary: fc.array(place, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(place, { minLength: 4, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constant('everywhere' as const) },
);

/** Bytes that come one by one are worth it only where they are few. */
const oneByOneMax = 400;

export function cut(bytes: string, at: readonly number[] | 'everywhere'): string[] {
  if (at === 'everywhere') return bytes.length <= oneByOneMax ? [...bytes] : [bytes];
  const places = [...new Set(at.map((place) => place % Math.max(1, bytes.length)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.slice(from, places[i] ?? bytes.length)).filter((part) => part !== '');
}
