import { fc } from '../../support/properties.ts';
import {
  byChunks,
  byConflict,
  byLength,
  crlf,
  type Framed,
  fieldLine,
  flatten,
  oneOf,
  plainField,
} from './message-grammar.ts';
import { cut, cuts, mutate, mutations } from './mutations.ts';

/** What a client asks for in the first exchange, and how. */
export type Ask = 'GET' | 'HEAD' | 'POST' | 'early POST' | 'expecting POST' | 'GET of HTTP/1.0' | 'upgrade';

/** What a backend does with the first exchange, and with the connection afterwards. */
export interface ResponseCase {
  readonly ask: Ask;
  readonly bytes: string;
  readonly parts: readonly string[];
  /** What becomes of the connection when it has all been read; 'waits': nothing, unless the proxy waits for more. */
  readonly finish: 'waits' | 'ends' | 'resets';
  /** What the backend says afterwards, when nobody has asked. */
  readonly late: string;
  /** Before the next request is made, or while it is: then its bytes and these reach the proxy together. */
  readonly when: 'idle' | 'request first' | 'late bytes first';
}

const statusLine = fc
  .tuple(
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'),
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom('200 OK', '404 Not Found', '500 Oops', '206 Partial Content', '302 Found'),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '204 No Content',
          '304 Not Modified',
          '205 Reset Content',
          '200 ',
          '200',
          '299 caf\xe9',
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '599 X',
          '600 X',
          '999 X',
          '099 X',
          '0 X',
          '20 X',
          '2000 X',
          '101 Switching Protocols',
          '426 Upgrade',
        ),
      },
    ),
  )
  .map(([version, rest]) => [version, ' ', ...rest.split(/(?<=^\S+)( )/), crlf]);

const field = fc.oneof(
  { weight: 3, arbitrary: plainField },
  {
    weight: 2,
    arbitrary: fc.oneof(
      oneOf(
        'Connection',
        'close',
        'keep-alive',
        'Keep-Alive, X-A',
        'x-b',
        'Upgrade',
        'Content-Length',
        'Transfer-Encoding',
        'close, close',
      ),
      oneOf('Set-Cookie', 'a=b; Path=/', 'c=d'),
      oneOf('Keep-Alive', 'timeout=5', 'timeout=0'),
      oneOf('Upgrade', 'websocket', 'h2c'),
      oneOf('Trailer', 'X-T'),
      oneOf('TE', 'trailers'),
      oneOf('Proxy-Authenticate', 'Basic'),
      oneOf('Proxy-Connection', 'close'),
      oneOf('Content-Type', 'multipart/byteranges; boundary=x', 'text/plain'),
      oneOf('Content_Length', '5'),
    ),
  },
);

const framed: fc.Arbitrary<Framed> = fc.oneof(
  { weight: 12, arbitrary: byLength },
  { weight: 12, arbitrary: byChunks },
  { weight: 4, arbitrary: fc.constantFrom<Framed>({ lines: [], body: ['until the end'] }, { lines: [], body: [] }) },
  { weight: 2, arbitrary: oneOf('Content-Length', '0', '5').map((lines) => ({ lines, body: [] })) },
  { weight: 1, arbitrary: byConflict },
);

const final: fc.Arbitrary<string[]> = fc
  .tuple(statusLine, flatten(fc.array(field, { maxLength: 3 })), framed, flatten(fc.array(field, { maxLength: 1 })))
  .map(([first, before, { lines, body }, behind]) => [...first, ...before, ...lines, ...behind, crlf, ...body]);

const interim: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.constantFrom(
      '100 Continue',
      '100 Continue',
      '102 Processing',
      '103 Early Hints',
      '199 X',
      '101 Switching Protocols',
    ),
    flatten(
      fc.array(
        fc.oneof(
          plainField,
          oneOf('Link', '</a>; rel=preload'),
          oneOf('Content-Length', '0', '5'),
          oneOf('Connection', 'close', 'X-A'),
        ),
        { maxLength: 1 },
      ),
    ),
  )
  .map(([status, fields]) => ['HTTP/1.1', ' ', ...status.split(/(?<=^\S+)( )/), crlf, ...fields, crlf]);

/** What a client would see if it were given to it. */
const stray = 'HTTP/1.1 200 OK\r\nX-Stray: 1\r\nContent-Length: 5\r\n\r\nstray';

const extra = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constant(stray) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      crlf,
      '\0',
      'x',
      '0\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 2',
      stray + stray,
    ),
  },
);

const answer = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: flatten(fc.array(interim, { minLength: 1, maxLength: 3 })) },
    ),
    final,
    extra,
  )
  .map(([interims, last, more]) => [...interims, ...last, ...(more === '' ? [] : [more])]);

/** Switches protocols where it was asked to: with what a tunnel would carry, or a second answer, behind it. */
const switched = fc
  .tuple(
    fc.constantFrom('websocket', 'websocket', 'WebSocket', 'h2c', 'foo', ''),
    flatten(fc.array(field, { maxLength: 1 })),
    fc.constantFrom('', 'tunnelled', '\x81\x02hi', stray),
  )
  .chain(([protocol, fields, rest]) =>
    fc
      .tuple(fieldLine('Upgrade', protocol), oneOf('Connection', 'Upgrade', 'upgrade', 'close'))
      .map(([upgrade, connection]) => [
        ...['HTTP/1.1', ' ', '101', ' ', 'Switching Protocols', crlf],
        ...upgrade,
        ...connection,
        ...fields,
        crlf,
        rest,
      ]),
  );

const ask = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Ask>('GET') },
  { weight: 5, arbitrary: fc.constantFrom<Ask>('HEAD', 'POST', 'early POST', 'expecting POST', 'GET of HTTP/1.0') },
  { weight: 1, arbitrary: fc.constant<Ask>('upgrade') },
);

export const responseCase: fc.Arbitrary<ResponseCase> = fc
  .record({
    ask,
    answered: answer,
    switched,
    mutated: mutations,
    at: cuts,
    finish: fc.constantFrom('waits', 'waits', 'ends', 'ends', 'resets'),
    late: extra,
    when: fc.constantFrom('idle', 'request first', 'late bytes first'),
  })
  .map(({ ask, answered, switched, mutated, at, finish, late, when }) => {
    // Of those who may switch, half do.
    const tokens = ask === 'upgrade' && late === '' ? switched : answered;
    const bytes = mutate(tokens, mutated);
    return { ask, bytes, parts: cut(bytes, at), finish, late, when } as const;
  });
