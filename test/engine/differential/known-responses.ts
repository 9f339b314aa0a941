import type { Ask, ResponseCase } from './generated-responses.ts';

/**
 * Answers of backends by which parsers were made to disagree, or one client was given another's answer; bytes are latin1. With
 * each stands what the first client must see of it: the answer whole, the proxy's own 502, or a visible cut.
 */
export interface KnownResponse {
  readonly kind: 'whole' | 'refused' | 'cut';
  readonly about: ResponseCase;
}

type Answers = Readonly<Record<string, string>>;
type About = Partial<Omit<ResponseCase, 'bytes' | 'parts'>>;

const ok = 'HTTP/1.1 200 OK\r\n';
const stray = `${ok}X-Stray: 1\r\nContent-Length: 5\r\n\r\nstray`;
const head = (lines: string, status = '200 OK'): string => `HTTP/1.1 ${status}\r\n${lines}\r\n`;
const hello = `${head('Content-Length: 5\r\n')}hello`;
const chunked = head('Transfer-Encoding: chunked\r\n');
const end = '0\r\n\r\n';

/** No head of these is passed on. */
const heads: Answers = {
  'a Content-Length and chunks': `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}${end}`,
  'chunks and a Content-Length': `${head('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}${end}`,
  'two lengths that agree': `${head('Content-Length: 5\r\nContent-Length: 5\r\n')}hello`,
  'two lengths that disagree': `${head('Content-Length: 5\r\nContent-Length: 0\r\n')}hello`,
  'a list of lengths': `${head('Content-Length: 5, 5\r\n')}hello`,
  'an empty length': head('Content-Length:\r\n'),
  'a length with a plus sign': `${head('Content-Length: +5\r\n')}hello`,
  'a length with a minus sign': `${head('Content-Length: -5\r\n')}hello`,
  'a length in hex': `${head('Content-Length: 0x5\r\n')}hello`,
  'a length with an underscore': `${head('Content-Length: 0_5\r\n')}hello`,
  'a length with a letter': `${head('Content-Length: 5a\r\n')}hello`,
  'a length with a point': `${head('Content-Length: 5.0\r\n')}hello`,
  'a length of 64 bits and more': `${head('Content-Length: 18446744073709551621\r\n')}hello`,
  'a length with a space before the colon': `${head('Content-Length : 5\r\n')}hello`,
  'a folded length': `${head('Content-Length:\r\n 5\r\n')}hello`,
  'chunked behind gzip': `${head('Transfer-Encoding: gzip, chunked\r\n')}${end}`,
  'chunked before identity': `${head('Transfer-Encoding: chunked, identity\r\n')}${end}`,
  'chunked twice in a line': `${head('Transfer-Encoding: chunked, chunked\r\n')}${end}`,
  'chunked in two lines': `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')}${end}`,
  'identity as a coding': `${head('Transfer-Encoding: identity\r\n')}hello`,
  'an empty coding': `${head('Transfer-Encoding:\r\n')}hello`,
  xchunked: `${head('Transfer-Encoding: xchunked\r\n')}${end}`,
  'chunked with a vertical tab': `${head('Transfer-Encoding: \x0bchunked\r\n')}${end}`,
  'chunked in quotes': `${head('Transfer-Encoding: "chunked"\r\n')}${end}`,
  'chunked with a parameter': `${head('Transfer-Encoding: chunked;x=y\r\n')}${end}`,
  'a coding with a space before the colon': `${head('Transfer-Encoding : chunked\r\n')}${end}`,
  'chunks in HTTP/1.0': `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${end}`,
  'a length in 103': `${head('Content-Length: 5\r\n', '103 Early Hints')}${hello}`,
  'chunks in 100': `${head('Transfer-Encoding: chunked\r\n', '100 Continue')}${hello}`,
  'a 103 that ends the connection': `${head('Connection: close\r\n', '103 Early Hints')}${hello}`,
  'a 103 of HTTP/1.0': `HTTP/1.0 103 Early Hints\r\n\r\n${hello}`,
  'a length in 204': `${head('Content-Length: 5\r\n', '204 No Content')}hello`,
  'chunks in 204': `${head('Transfer-Encoding: chunked\r\n', '204 No Content')}${end}`,
  'a 101 that nobody asked for': `${head('Connection: Upgrade\r\nUpgrade: websocket\r\n', '101 Switching Protocols')}${stray}`,
  'a bare 101': `${head('', '101 Switching Protocols')}${hello}`,
  'a 101 behind a 100': `${head('', '100 Continue')}${head('', '101 Switching Protocols')}${hello}`,
  'a flood of 100': `${head('', '100 Continue').repeat(40)}${hello}`,
  'a flood of 103': `${head('Link: </a>\r\n', '103 Early Hints').repeat(40)}${hello}`,
  'a status of two digits': head('Content-Length: 0\r\n', '20 OK'),
  'a status of four digits': head('Content-Length: 0\r\n', '2000 OK'),
  'a status with a sign': head('Content-Length: 0\r\n', '+20 OK'),
  'a status below 100': head('Content-Length: 0\r\n', '099 OK'),
  'a status of letters': head('Content-Length: 0\r\n', 'abc OK'),
  'no status': 'HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
  'two spaces before the status': 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n',
  'a tab before the status': 'HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n',
  'a tab behind the status': 'HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/0.9': 'hello',
  'a version in lower case': 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  ICY: 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a space before the version': ` ${hello}`,
  'an empty line before it': `\r\n${hello}`,
  'an empty line of LF before it': `\n${hello}`,
  'a NUL before it': `\0${hello}`,
  'a body of another before it': `hello${hello}`,
  'the end of chunks before it': `${end}${hello}`,
  'lines that end in LF': 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello',
  'a status line that ends in LF': `HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello`,
  'a status line that ends in CR': `HTTP/1.1 200 OK\rContent-Length: 5\r\n\r\nhello`,
  'a head that ends in LF LF': 'HTTP/1.1 200 OK\r\nContent-Length: 5\n\nhello',
  'a bare CR in a reason': 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n',
  'a bare LF in a value': head('X: a\nContent-Length: 0\r\n'),
  'a bare CR in a value': head('X: a\rb\r\nContent-Length: 0\r\n'),
  'a NUL in a value': head('X: a\0b\r\nContent-Length: 0\r\n'),
  'a NUL in a reason': head('Content-Length: 0\r\n', '200 O\0K'),
  'a control character in a value': head('X: a\x01b\r\nContent-Length: 0\r\n'),
  'a folded value': head('X: a\r\n b\r\nContent-Length: 0\r\n'),
  'a space in a name': head('X Y: a\r\nContent-Length: 0\r\n'),
  'a space before a colon': head('X : a\r\nContent-Length: 0\r\n'),
  'a space before a name': head(' X: a\r\nContent-Length: 0\r\n'),
  'a line without a colon': head('X\r\nContent-Length: 0\r\n'),
  'a line without a name': head(': a\r\nContent-Length: 0\r\n'),
  'a byte beyond ASCII in a name': head('X\xe9: a\r\nContent-Length: 0\r\n'),
  'more lines than anybody sends': head(`${'X: y\r\n'.repeat(200)}Content-Length: 0\r\n`),
  'half a head': 'HTTP/1.1 200 OK\r\nContent-Len',
  'half an interim head': 'HTTP/1.1 103 Early Hints\r\nLink',
  'an interim answer alone': head('', '103 Early Hints'),
  'nothing at all': '',
  'an endless head': `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`,
};

/** Bodies that never end, or break: the head is out by then, so the cut must be seen. */
const bodies: Answers = Object.fromEntries(
  Object.entries({
    'a body that is too short': `${head('Content-Length: 6\r\n')}hello`,
    'a body that does not come': head('Content-Length: 6\r\n'),
    'chunks without an end': `${chunked}5\r\nhello\r\n`,
    'half a chunk': `${chunked}5\r\nhel`,
    'half the end of chunks': `${chunked}5\r\nhello\r\n0\r\n`,
    'half a trailer section': `${chunked}${end.slice(0, 3)}X: y\r\n`,
    'a chunk size with a sign': `${chunked}+5\r\nhello\r\n${end}`,
    'a chunk size in 0x': `${chunked}0x5\r\nhello\r\n${end}`,
    'a chunk size with an underscore': `${chunked}0_5\r\nhello\r\n${end}`,
    'a chunk size with a space before it': `${chunked} 5\r\nhello\r\n${end}`,
    'a chunk size with a space behind it': `${chunked}5 \r\nhello\r\n${end}`,
    'a chunk size with a NUL': `${chunked}5\0\r\nhello\r\n${end}`,
    'a chunk size of 64 bits': `${chunked}10000000000000005\r\nhello\r\n${end}`,
    'an empty chunk size': `${chunked}\r\nhello\r\n${end}`,
    'a chunk size that ends in LF': `${chunked}5\nhello\r\n${end}`,
    'a chunk size that ends in CR': `${chunked}5\rhello\r\n${end}`,
    'a chunk that is longer than it says': `${chunked}4\r\nhello\r\n${end}`,
    'a chunk that is shorter than it says': `${chunked}6\r\nhello\r\n${end}`,
    'a chunk that ends in LF': `${chunked}5\r\nhello\n${end}`,
    'a chunk without a line end': `${chunked}5\r\nhello${end}`,
    'a chunk that ends in two spare bytes': `${chunked}5\r\nhelloXX${end}`,
    'an extension with a bare LF': `${chunked}5;a\nb\r\nhello\r\n${end}`,
    'an extension with an open quote': `${chunked}5;a="b\r\nhello\r\n${end}`,
    'an extension of nothing': `${chunked}5;\r\nhello\r\n${end}`,
    'a last chunk that ends in LF': `${chunked}5\r\nhello\r\n0\n\r\n`,
    'an end of chunks of LF': `${chunked}5\r\nhello\r\n0\r\n\n`,
    'a trailer that frames': `${chunked}0\r\nContent-Length: 5\r\n\r\n`,
    'a trailer that chunks': `${chunked}0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'a trailer with a space before the colon': `${chunked}0\r\nX : y\r\n\r\n`,
    'a folded trailer': `${chunked}0\r\nX: y\r\n z\r\n\r\n`,
    'an answer where a trailer would be': `${chunked}0\r\n${stray}`,
    'an answer where a chunk would be': `${chunked}5\r\nhello\r\n${stray}`,
    'no chunks although it says so': `${chunked}hello`,
  }),
);

/** In order, however odd. */
const whole: Answers = {
  'a body by length': hello,
  'a body in chunks': `${chunked}5\r\nhello\r\n${end}`,
  'a chunk extension': `${chunked}5;a="b;\\"c"\r\nhello\r\n0;d\r\n\r\n`,
  'chunk sizes in capitals and with zeros': `${chunked}00A\r\n0123456789\r\n000\r\n\r\n`,
  'a chunk that looks like the end': `${chunked}5\r\n${end}\r\n${end}`,
  'a body that looks like an answer': `${head(`Content-Length: ${stray.length}\r\n`)}${stray}`,
  trailers: `${chunked}5\r\nhello\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a\r\nConnection: close\r\n\r\n`,
  'a length with zeros': `${head('Content-Length: 0005\r\n')}hello`,
  'a length of nothing': head('Content-Length: 0\r\n'),
  'a 204': head('', '204 No Content'),
  'a 204 with a length of nothing': head('Content-Length: 0\r\n', '204 No Content'),
  'a 304': head('ETag: "x"\r\n', '304 Not Modified'),
  'a 304 with a length': head('Content-Length: 500\r\n', '304 Not Modified'),
  'a 304 with chunks': head('Transfer-Encoding: chunked\r\n', '304 Not Modified'),
  'a 205 with a body': `${head('Content-Length: 5\r\n', '205 Reset Content')}hello`,
  'a 100 that nobody asked for': `${head('', '100 Continue')}${hello}`,
  'several hints': `${head('Link: </a>\r\n', '103 Early Hints').repeat(3)}${hello}`,
  'a length of nothing in a 103': `${head('Content-Length: 0\r\n', '103 Early Hints')}${hello}`,
  'a Proxy-Connection that would close, in a 103': `${head('Proxy-Connection: close\r\n', '103 Early Hints')}${hello}`,
  'a status that nobody knows': `${head('Content-Length: 5\r\n', '799 Odd')}hello`,
  'an upgrade that is required': `${head('Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 5\r\n', '426 Upgrade Required')}hello`,
  'no reason': `${head('Content-Length: 5\r\n', '200 ')}hello`,
  'no reason and no space': `${head('Content-Length: 5\r\n', '200')}hello`,
  'bytes beyond ASCII': `${head('X: caf\xe9\xff\r\nContent-Length: 5\r\n', '200 caf\xe9')}hello`,
  'bytes beyond ASCII before a body that comes later': head('X: caf\xe9\r\nContent-Length: 0\r\n'),
  'white space around values': `${head('X: \t y \t \r\nContent-Length:\t5 \r\n')}hello`,
  'fields that repeat': `${head('Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 5\r\n')}hello`,
  'fields of its connection': `${head('Keep-Alive: timeout=5\r\nConnection: X, keep-alive\r\nX: y\r\nProxy-Connection: close\r\nContent-Length: 5\r\n')}hello`,
  'a Connection that names framing': `${head('Connection: Content-Length\r\nContent-Length: 5\r\n')}hello`,
  'HTTP/1.0 with a length': 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.0 that keeps its connection': 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello',
  'an answer that closes': `${head('Connection: close\r\nContent-Length: 5\r\n')}hello`,
};

/** The answer is whole, and more than whole: nobody may see the rest, and the connection must not be used again. */
const more: Answers = {
  'a second answer right behind it': hello + stray,
  'two more answers behind it': hello + stray + stray,
  'half an answer behind it': `${hello}HTTP/1.1 2`,
  'a byte behind it': `${hello}x`,
  'a line end behind it': `${hello}\r\n`,
  'a hint behind it': `${hello}${head('', '103 Early Hints')}`,
  'an answer behind chunks': `${chunked}5\r\nhello\r\n${end}${stray}`,
  'a second end behind chunks': `${chunked}5\r\nhello\r\n${end}${end}`,
  'a body behind a 204': `${head('', '204 No Content')}hello`,
  'an answer behind a 204': `${head('', '204 No Content')}${stray}`,
  'a body behind a 304': `${head('Content-Length: 5\r\n', '304 Not Modified')}hello`,
  'an answer as the body of a 304': `${head(`Content-Length: ${stray.length}\r\n`, '304 Not Modified')}${stray}`,
  'chunks behind a 304': `${head('Transfer-Encoding: chunked\r\n', '304 Not Modified')}5\r\nhello\r\n${end}`,
  'an answer behind one without a body': `${head('Content-Length: 0\r\n')}${stray}`,
  'an answer behind one that closes': `${head('Connection: close\r\nContent-Length: 5\r\n')}hello${stray}`,
};

const heads204 = head('Content-Length: 5\r\n');
const toHead: Answers = {
  'the length of what is not there': heads204,
  'chunks that are not there': chunked,
  'neither length nor end': head(''),
  'a length with zeros, of nothing there': head('Content-Length: 0005\r\n'),
  'a body all the same': hello,
  'a body in chunks all the same': `${chunked}5\r\nhello\r\n${end}`,
  'an answer as its body': `${head(`Content-Length: ${stray.length}\r\n`)}${stray}`,
};

const untilEnd: Answers = {
  'a body up to the end of the connection': `${head('')}hello`,
  'no body up to the end of the connection': head(''),
  'an answer inside a body without an end': `${head('')}${stray}`,
  'a body of HTTP/1.0 without a length': 'HTTP/1.0 200 OK\r\n\r\nhello',
};

const late: Answers = {
  'a second answer': stray,
  'half an answer': 'HTTP/1.1 200 OK\r\nX-St',
  'a line end': '\r\n',
  'a NUL': '\0',
  'a hint': head('', '103 Early Hints'),
  'an answer to a timeout': 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n',
};

function known(kind: KnownResponse['kind'], bytes: string, about: About = {}): KnownResponse {
  const usual = { ask: 'GET' as Ask, finish: 'waits', late: '', when: 'idle' } as const;
  return { kind, about: { ...usual, ...about, bytes, parts: [bytes] } };
}

const all = (kind: KnownResponse['kind'], answers: Answers, about: About = {}): [string, KnownResponse][] =>
  Object.entries(answers).map(([name, bytes]) => [name, known(kind, bytes, about)]);

const early: About = { ask: 'early POST' };
const upgrade: About = { ask: 'upgrade' };
const switched = (protocol: string): string =>
  head(`Connection: upgrade\r\nUpgrade: ${protocol}\r\n`, '101 Switching Protocols');
const expecting: About = { ask: 'expecting POST' };

export const knownResponses: readonly (readonly [string, KnownResponse])[] = [
  ...all('refused', heads),
  ...all('cut', bodies),
  ...all('cut', bodies, { finish: 'resets' }).map(([name, one]) => [`${name}, and an RST`, one] as const),
  ...all('cut', bodies, { ask: 'GET of HTTP/1.0' }).map(([name, one]) => [`${name}, for HTTP/1.0`, one] as const),
  ...all('whole', whole),
  ...all('whole', whole, { finish: 'ends' }).map(([name, one]) => [`${name}, and a FIN`, one] as const),
  ...all('whole', more),
  ...all('whole', toHead, { ask: 'HEAD' }).map(([name, one]) => [`to HEAD ${name}`, one] as const),
  ...all('whole', untilEnd, { finish: 'ends' }),
  ...all('cut', untilEnd, { finish: 'resets' }).map(([name, one]) => [`${name}, which is an RST`, one] as const),
  ['an early answer', known('whole', hello, early)],
  ['an early answer that closes', known('whole', `${head('Connection: close\r\nContent-Length: 5\r\n')}hello`, early)],
  ['an early answer and another', known('whole', hello + stray, early)],
  [
    'an early refusal, and an RST',
    known('whole', `${head('Content-Length: 0\r\n', '413 Too Large')}`, { ...early, finish: 'resets' }),
  ],
  ['an early answer that breaks', known('cut', `${chunked}5\r\nhel`, early)],
  ['an answer instead of 100', known('whole', `${head('Content-Length: 0\r\n', '417 Expectation Failed')}`, expecting)],
  ['a 100 and an answer', known('whole', `${head('', '100 Continue')}${hello}`, expecting)],
  ['a 101 that was asked for', known('whole', `${switched('websocket')}\x81\x02hi`, upgrade)],
  ['a 101 to another protocol', known('refused', switched('h2c') + stray, upgrade)],
  ['a 101 to no protocol', known('refused', head('', '101 Switching Protocols') + stray, upgrade)],
  ['a refused upgrade and an answer behind it', known('whole', hello + stray, upgrade)],
  [
    'a refused upgrade that waits',
    known('whole', `${head('Content-Length: 5\r\n', '426 Upgrade Required')}hello`, upgrade),
  ],
  ['two times 100', known('whole', `${head('', '100 Continue').repeat(2)}${hello}`, expecting)],
  ...(['idle', 'request first', 'late bytes first'] as const).flatMap((when) =>
    Object.entries(late).map(
      ([name, bytes]) => [`${name} that comes later (${when})`, known('whole', hello, { late: bytes, when })] as const,
    ),
  ),
];
