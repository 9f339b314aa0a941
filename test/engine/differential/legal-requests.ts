/**
 * Requests that look odd and mean one thing: they must pass, and with them what the backend is to see: `method target body`
 * of each request, in order.
 */
export interface Legal {
  readonly bytes: string;
  readonly forwarded: readonly string[];
}

const h = 'Host: app.test\r\n';
const get = (lines: string, start = 'GET / HTTP/1.1'): string => `${start}\r\n${h}${lines}\r\n`;
const post = (lines: string, body = ''): string => `POST / HTTP/1.1\r\n${h}${lines}\r\n${body}`;
const chunked = (body: string, lines = 'Transfer-Encoding: chunked\r\n'): string => post(lines, body);
const hello = '5\r\nhello\r\n0\r\n\r\n';
const next = get('', 'GET /next HTTP/1.1');

const single: Readonly<Record<string, string>> = {
  'white space around a value': get('X: \t y \t \r\n'),
  'no white space before a value': get('X:y\r\n'),
  'an empty value': get('X:\r\n'),
  'bytes beyond ASCII in a value': get('X: caf\xe9 \xff\x80\r\n'),
  'every character a name may have': get("!#$%&'*+-.^`|~09azAZ: y\r\n"),
  'quotes and brackets in a value': get('X: "a\\"b" <c> {d} (e)\r\n'),
  'a colon in a value': get('X: a:b::c\r\n'),
  'fields that repeat': get('Cookie: a=1\r\nCookie: b=2\r\nX: 1\r\nx: 2\r\n'),
  'a hundred fields': get('X: y\r\n'.repeat(100)),
  'a port in Host': 'GET / HTTP/1.1\r\nHost: app.test:8080\r\n\r\n',
  'an IPv6 address as Host': 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
  'a Host in capitals with a dot at its end': 'GET / HTTP/1.1\r\nHost: APP.TEST.\r\n\r\n',
  'Host as the last field': 'GET / HTTP/1.1\r\nX: y\r\nHost: app.test\r\n\r\n',
  'Host in odd case': 'GET / HTTP/1.1\r\nhOsT:app.test\r\n\r\n',
  'an underscore in a name': get('X_Y: z\r\n'),
  'names that a CGI folds into ours': get(
    'X_Forwarded_For: 6.6.6.6\r\nContent_Length: 9\r\nHost_: x\r\nTransfer_Encoding: chunked\r\n',
  ),
  'forwarded fields of its own': get(
    'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n',
  ),
  'Connection that names our fields': get('Connection: X-Forwarded-For, X-Real-IP, Host, Content-Length, close\r\n'),
  'Connection that names framing': get('Connection: Transfer-Encoding, Content-Length\r\n'),
  'Connection of commas': get('Connection: ,,\r\nConnection: , keep-alive ,\r\n'),
  'hop-by-hop fields': get('Keep-Alive: 5\r\nProxy-Connection: close\r\nProxy-Authorization: x\r\nTE: gzip\r\n'),
  'TE: trailers': get('TE: trailers;q=0.5, trailers\r\nConnection: TE\r\n'),
  'Upgrade without Connection': get('Upgrade: websocket\r\n'),
  'Connection: upgrade without Upgrade': get('Connection: upgrade\r\n'),
  'an upgrade to h2c': get(
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
  ),
  'an upgrade to h2c in capitals': get('Connection: upgrade\r\nUpgrade: H2C\r\n'),
  'an upgrade to h2c in a list': get('Connection: upgrade\r\nUpgrade: foo, h2c\r\n'),
  'an upgrade to h2c behind a comma': get('Connection: upgrade\r\nUpgrade: ,h2c\r\n'),
  'an upgrade to h2c in a second line': get('Connection: upgrade\r\nUpgrade: foo\r\nUpgrade: h2c\r\n'),
  'an upgrade to TLS': get('Connection: upgrade\r\nUpgrade: TLS/1.0\r\n'),
  'an upgrade to HTTP/2.0': get('Connection: upgrade\r\nUpgrade: HTTP/2.0\r\n'),
  'a query with odd characters': get('', 'GET /?q=100%&a=\\&b=[]{}|^`"<>\' HTTP/1.1'),
  'a path with odd characters': get('', "GET /a;b=c/@:!$&'()*+,=~-._ HTTP/1.1"),
  'a path with two slashes': get('', 'GET //evil.test/x HTTP/1.1'),
  'a path with dots': get('', 'GET /a/./b/../c HTTP/1.1'),
  'a path with encoded dots and slashes': get('', 'GET /a%2Fb%2e%2e/c HTTP/1.1'),
  'a URL in the path': get('', 'GET /http://evil.test/ HTTP/1.1'),
  'an empty query': get('', 'GET /? HTTP/1.1'),
  HEAD: get('', 'HEAD / HTTP/1.1'),
  DELETE: get('', 'DELETE /x HTTP/1.1'),
  'a method of WebDAV': get('', 'PROPFIND /x HTTP/1.1'),
  'a method with a dash': get('', 'M-SEARCH /x HTTP/1.1'),
  'HTTP/1.0': get('', 'GET / HTTP/1.0'),
  'HTTP/1.0 with keep-alive': get('Connection: keep-alive\r\n', 'GET / HTTP/1.0'),
  'HTTP/1.0 with an expectation': `POST / HTTP/1.0\r\n${h}Expect: 100-continue\r\nContent-Length: 0\r\n\r\n`,
  'an empty line before it': `\r\n${get('')}`,
  'an expectation without a body': get('Expect: 100-continue\r\n'),
  'POST without a length': post(''),
  'Content-Length: 0': post('Content-Length: 0\r\n'),
  'an empty chunked body': chunked('0\r\n\r\n'),
};

function expectation(bytes: string): string {
  const [, method, target] = /^(?:\r\n)?(\S+) (\S+) /.exec(bytes) ?? [];
  return `${method} ${target} `;
}

const withBody: Readonly<Record<string, Legal>> = {
  'OPTIONS *': { bytes: get('', 'OPTIONS * HTTP/1.1'), forwarded: ['OPTIONS * '] },
  'absolute-form that agrees with Host': {
    bytes: get('', 'GET http://app.test/x?y HTTP/1.1'),
    forwarded: ['GET /x?y '],
  },
  'absolute-form in capitals': { bytes: get('', 'GET HTTP://APP.TEST/x HTTP/1.1'), forwarded: ['GET /x '] },
  'absolute-form without a path': { bytes: get('', 'GET http://app.test HTTP/1.1'), forwarded: ['GET / '] },
  'absolute-form with a query only': { bytes: get('', 'GET http://app.test?x HTTP/1.1'), forwarded: ['GET /?x '] },
  'a Content-Length with zeros': { bytes: post('Content-Length: 0005\r\n', 'hello'), forwarded: ['POST / hello'] },
  'a GET with a body': { bytes: `${get('Content-Length: 5\r\n')}hello`, forwarded: ['GET / hello'] },
  'a GET with chunks': { bytes: `${get('Transfer-Encoding: chunked\r\n')}${hello}`, forwarded: ['GET / hello'] },
  'a DELETE with chunks': {
    bytes: `${get('Transfer-Encoding: chunked\r\n', 'DELETE / HTTP/1.1')}${hello}${next}`,
    forwarded: ['DELETE / hello', 'GET /next '],
  },
  'OPTIONS of a whole server in absolute-form': {
    bytes: get('', 'OPTIONS http://app.test HTTP/1.1'),
    forwarded: ['OPTIONS * '],
  },
  'OPTIONS of a root in absolute-form': {
    bytes: get('', 'OPTIONS http://app.test/ HTTP/1.1'),
    forwarded: ['OPTIONS / '],
  },
  'OPTIONS of a query in absolute-form': {
    bytes: get('', 'OPTIONS http://app.test?x HTTP/1.1'),
    forwarded: ['OPTIONS /?x '],
  },
  'absolute-form with the port of Host': {
    bytes: 'GET http://APP.test:80/x HTTP/1.1\r\nHost: app.TEST:80\r\n\r\n',
    forwarded: ['GET /x '],
  },
  'bytes beyond ASCII in a value, before a body': {
    bytes: `${post('X: caf\xe9 \xff\x80\r\nContent-Length: 5\r\n', 'hello')}${next}`,
    forwarded: ['POST / hello', 'GET /next '],
  },
  'bytes beyond ASCII in a value, beside an expectation': {
    bytes: get('X: caf\xe9\r\nExpect: 100-continue\r\n'),
    forwarded: ['GET / '],
  },
  'a no-break space before an option of Connection': {
    bytes: `${get('Connection: \xa0close\r\n')}${next}`,
    forwarded: ['GET / ', 'GET /next '],
  },
  'a Proxy-Connection that would close': {
    bytes: `${get('Proxy-Connection: close\r\n')}${next}`,
    forwarded: ['GET / ', 'GET /next '],
  },
  'a trailer that would close': {
    bytes: `${chunked('5\r\nhello\r\n0\r\nConnection: close\r\n\r\n')}${next}`,
    forwarded: ['POST / hello', 'GET /next '],
  },
  'an OPTIONS with a body': {
    bytes: `${get('Content-Length: 5\r\n', 'OPTIONS / HTTP/1.1')}hello${next}`,
    forwarded: ['OPTIONS / hello', 'GET /next '],
  },
  'a HEAD with a body': {
    bytes: `${get('Content-Length: 5\r\n', 'HEAD / HTTP/1.1')}hello${next}`,
    forwarded: ['HEAD / hello', 'GET /next '],
  },
  'a body that looks like a request': {
    bytes: `${post(`Content-Length: ${next.length}\r\n`, next)}${next}`,
    forwarded: [`POST / ${next}`, 'GET /next '],
  },
  'a chunk that looks like the last': {
    bytes: chunked(`5\r\n0\r\n\r\n\r\n${hello}`),
    forwarded: ['POST / 0\r\n\r\nhello'],
  },
  'chunk sizes in capitals and with zeros': {
    bytes: chunked('000A\r\n0123456789\r\n0000\r\n\r\n'),
    forwarded: ['POST / 0123456789'],
  },
  'a chunk extension': { bytes: chunked('5;a=b;c;d="e;\\"f"\r\nhello\r\n0;x\r\n\r\n'), forwarded: ['POST / hello'] },
  trailers: { bytes: chunked('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'), forwarded: ['POST / hello'] },
  'trailers that would route and say who asks': {
    bytes: chunked(
      '5\r\nhello\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nHost: evil.test\r\nConnection: close\r\nAuthorization: x\r\n\r\n',
    ),
    forwarded: ['POST / hello'],
  },
  'Transfer-Encoding with a tab before its value': {
    bytes: chunked(hello, 'Transfer-Encoding:\tchunked\r\n'),
    forwarded: ['POST / hello'],
  },
  'Transfer-Encoding with white space behind its value': {
    bytes: chunked(hello, 'Transfer-Encoding: chunked \t\r\n'),
    forwarded: ['POST / hello'],
  },
  'Transfer-Encoding in odd case': {
    bytes: chunked(hello, 'tRANSFER-eNCODING:cHUNKED\r\n'),
    forwarded: ['POST / hello'],
  },
  'an upgrade with a body': {
    bytes: `${post('Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n', 'hello')}${next}`,
    forwarded: ['POST / hello', 'GET /next '],
  },
  'an expectation with its body': {
    bytes: `${post('Expect: 100-Continue\r\nContent-Length: 5\r\n', 'hello')}${next}`,
    forwarded: ['POST / hello', 'GET /next '],
  },
  'a body of HTTP/1.0': { bytes: `POST / HTTP/1.0\r\n${h}Content-Length: 5\r\n\r\nhello`, forwarded: ['POST / hello'] },
  'an empty line behind a body': {
    bytes: `${post('Content-Length: 5\r\n', 'hello')}\r\n${next}`,
    forwarded: ['POST / hello', 'GET /next '],
  },
  'many at once': {
    bytes: `${chunked(hello)}${get('')}${post('Content-Length: 5\r\n', 'hello')}${get('', 'HEAD / HTTP/1.1')}${chunked('0\r\nX: y\r\n\r\n')}${next}`,
    forwarded: ['POST / hello', 'GET / ', 'POST / hello', 'HEAD / ', 'POST / ', 'GET /next '],
  },
  'nothing behind Connection: close': { bytes: `${get('Connection: close\r\n')}${next}`, forwarded: ['GET / '] },
  'nothing behind HTTP/1.0': { bytes: `${get('', 'GET / HTTP/1.0')}${next}`, forwarded: ['GET / '] },
};

export const legalRequests: readonly (readonly [string, Legal])[] = [
  ...Object.entries(single).map(([name, bytes]) => [name, { bytes, forwarded: [expectation(bytes)] }] as const),
  ...Object.entries(withBody),
];
