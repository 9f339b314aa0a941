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

/** What one client sends, and into which parts it may be cut. */
export interface RequestCase {
  readonly bytes: string;
  readonly parts: readonly string[];
}

/** Mostly what is in order; of the rest, one in so many, because a pipeline is refused from the first of them on. */
const seldom = <T>(often: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 24, arbitrary: often }, { weight: 1, arbitrary: rare });

const method = seldom(
  fc.constantFrom('GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'PATCH', 'PROPFIND', 'M-SEARCH'),
  fc.constantFrom('FOO', 'X_Y', 'get', 'CONNECT', 'TRACE'),
);

const target = seldom(
  fc.constantFrom(
    ...['/', '/', '/a', '/a/b?c=d', '/?x', '/a%2Fb', '//a', '/a;b=c', '/*', '/?%&\\', '/../x', '/a\\b', '/%00', '/%zz'],
    ...['http://app.test/x', 'http://app.test', 'HTTP://APP.TEST/?y', 'http://app.test?y'],
  ),
  fc.constantFrom(
    ...[
      'http://app.test:80/',
      'http://app.test./',
      'http://evil.test/',
      'https://app.test/',
      'http://u@app.test/',
      '*',
    ],
    ...['app.test:80', 'x', '/#x', '/\xe9', ''],
  ),
);

const host = seldom(
  oneOf('Host', 'app.test', 'app.test', 'app.test', 'APP.test', 'app.test:80', 'app.test.', '[::1]:80'),
  fc.oneof(oneOf('host', '', 'a b', 'a,b', 'app.test:', 'u@app.test', 'evil.test/'), fc.constant<string[]>([])),
);

const upgrade = fc
  .tuple(
    oneOf('Connection', 'Upgrade', 'upgrade, keep-alive', 'keep-alive, Upgrade, HTTP2-Settings'),
    oneOf('Upgrade', 'websocket', 'websocket', 'h2c', 'foo/1', 'foo, bar', 'WebSocket', 'TLS/1.0', ''),
  )
  .map((lines) => lines.flat());

const specialField = fc.oneof(
  oneOf('Connection', 'keep-alive', 'X-A', 'x-b , ,', 'Host', 'Content-Length', 'Transfer-Encoding', 'Upgrade', 'TE'),
  seldom(oneOf('Connection', 'keep-alive', ''), oneOf('Connection', 'close', 'Close', 'TE, close', 'close, close')),
  upgrade,
  oneOf('Upgrade', 'websocket', 'h2c'),
  seldom(oneOf('Expect', '100-continue', '100-Continue'), oneOf('Expect', '100-continue, x', 'x', '')),
  oneOf('TE', 'trailers', 'gzip, trailers', 'trailers;q=1', ''),
  oneOf('Trailer', 'X-T', 'Content-Length'),
  oneOf('X-Forwarded-For', '6.6.6.6'),
  oneOf('X_Forwarded_For', '6.6.6.6'),
  oneOf('X-Real-IP', '6.6.6.6'),
  oneOf('Keep-Alive', '5'),
  oneOf('Proxy-Connection', 'keep-alive', 'keep-alive', 'close'),
  oneOf('HTTP2-Settings', 'AAMAAABkAAQAAP__'),
  oneOf('Content_Length', '5'),
  oneOf('Transfer_Encoding', 'chunked'),
);

const framed: fc.Arbitrary<Framed> = seldom(
  fc.oneof(fc.constant<Framed>({ lines: [], body: [] }), byLength, byChunks),
  byConflict,
);

const field = fc.oneof({ weight: 3, arbitrary: plainField }, { weight: 2, arbitrary: specialField });

const request: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.tuple(method, target, seldom(fc.constant('HTTP/1.1'), fc.constant('HTTP/1.0'))),
    host,
    flatten(fc.array(field, { maxLength: 3 })),
    framed,
    flatten(fc.array(field, { maxLength: 1 })),
    fc.constantFrom('', '', '', '', '', '', '', '', crlf),
  )
  .map(([[verb, uri, version], hostLine, before, { lines, body }, behind, emptyLine]) => [
    ...(emptyLine === '' ? [] : [emptyLine]),
    ...[verb, ' ', uri, ' ', version, crlf],
    ...hostLine,
    ...before,
    ...lines,
    ...behind,
    crlf,
    ...body,
  ]);

/** Stands at the end of most pipelines, where nobody may find anything else. */
const last: fc.Arbitrary<string[]> = fieldLine('Host', 'app.test').map((line) => [
  'GET',
  ' ',
  '/last',
  ' ',
  'HTTP/1.1',
  crlf,
  ...line,
  crlf,
]);

const pipeline = fc
  .tuple(flatten(fc.array(request, { minLength: 1, maxLength: 4 })), fc.oneof(last, last, fc.constant<string[]>([])))
  .map((parts) => parts.flat());

export const requestCase: fc.Arbitrary<RequestCase> = fc
  .tuple(pipeline, mutations, cuts)
  .map(([tokens, mutated, at]) => {
    const bytes = mutate(tokens, mutated);
    return { bytes, parts: cut(bytes, at) };
  });
