import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { peerAt } from '../support/stage.ts';
import { block, endHeaders, endStream, type FrameClient, frame, getHead, type Pairs } from './support/frame-client.ts';
import { backendEngine, h2Stage } from './support/h2-stage.ts';

/** HTTP/2, the proxy's two sides, and a backend of HTTP/1.1 as bytes. */
async function scene(t: TestContext): Promise<{ one: FrameClient; backend: RawBackend }> {
  const backend = await RawBackend.open(t);
  const { upstream } = backendEngine(t);
  const { frames } = await h2Stage(t, relay(upstream, peerAt(backend.port)), {
    limits: { headBytesMax: 16_000, uriBytesMax: 8_000 },
  });
  const one = await frames();
  one.begin();
  return { one, backend };
}

const withPseudo = (name: string, value: string): Pairs =>
  getHead.map((pair) => (pair[0] === name ? [name, value] : pair));
const withField = (name: string, value: string): Pairs => [...getHead, [name, value]];
const connect: Pairs = [[':method', 'CONNECT'], [':protocol', 'websocket'], ...getHead.slice(1)];

/** What nghttp2 refuses: the stream is reset with PROTOCOL_ERROR. */
const reset: Record<string, Pairs> = {
  'a line end in the method': withPseudo(':method', 'GET / HTTP/1.1\r\nX: y'),
  'a space in the method': withPseudo(':method', 'GET /admin'),
  'no method': getHead.slice(1),
  'a line end in the path': withPseudo(':path', '/ HTTP/1.1\r\nHost: b\r\n\r\nGET /smuggled'),
  'a space in the path': withPseudo(':path', '/ HTTP/1.1'),
  'a NUL in the path': withPseudo(':path', '/\0'),
  'an empty path': withPseudo(':path', ''),
  'absolute-form': withPseudo(':path', 'http://b.test/'),
  'a path without a slash': withPseudo(':path', 'x'),
  'a star for GET': withPseudo(':path', '*'),
  'a line end in the authority': withPseudo(':authority', 'a\r\nX: y'),
  'userinfo in the authority': withPseudo(':authority', 'x@a.test'),
  'a line end in the scheme': withPseudo(':scheme', 'http\r\n'),
  'a path twice': [...getHead, [':path', '/b']],
  'a pseudo-header behind a field': [getHead[0] as Pairs[0], ['x', 'y'], ...getHead.slice(1)],
  'a pseudo-header nobody knows': [...getHead, [':status', '200']],
  'upper case in a name': withField('X-A', 'b'),
  'Transfer-Encoding': withField('transfer-encoding', 'chunked'),
  Connection: withField('connection', 'x-forwarded-for'),
  'Keep-Alive': withField('keep-alive', 'timeout=5'),
  'Proxy-Connection': withField('proxy-connection', 'keep-alive'),
  Upgrade: withField('upgrade', 'websocket'),
  'TE for more than trailers': withField('te', 'trailers, chunked'),
  'two Hosts': [...withField('host', 'a.test'), ['host', 'a.test']],
  'a tab before a length': withField('content-length', '\t0'),
  'two lengths': [...getHead, ['content-length', '0'], ['content-length', '0']],
  'a sign in the length': withField('content-length', '+0'),
  'a list as length': withField('content-length', '0, 0'),
  'a length that its end belies': withField('content-length', '3'),
  'a protocol without CONNECT': [...getHead.slice(0, 1), [':protocol', 'websocket'], ...getHead.slice(1)],
  'CONNECT to a path': [[':method', 'CONNECT'], ...getHead.slice(1)],
};

/** What we refuse, with an answer. */
const answered: Record<string, readonly [Pairs, string]> = {
  'another Host than the authority': [withField('host', 'b.test'), 'bad-request'],
  'an authority with a comma': [withPseudo(':authority', 'a,b'), 'bad-request'],
  'an authority with a port of letters': [withPseudo(':authority', 'a:b'), 'bad-request'],
  'another scheme than the connection has': [withPseudo(':scheme', 'https'), 'bad-request'],
  'a scheme that is none': [withPseudo(':scheme', 'ftp'), 'bad-request'],
  'a method in lower case': [withPseudo(':method', 'get'), 'bad-request'],
  'a method without end': [withPseudo(':method', 'A'.repeat(33)), 'bad-request'],
  'a fragment': [withPseudo(':path', '/#x'), 'bad-request'],
  'a byte beyond ASCII in the path': [withPseudo(':path', '/\xe9'), 'bad-request'],
  'a space before a value': [withField('x', ' y'), 'bad-request'],
  'a space behind a value': [withField('x', 'y '), 'bad-request'],
  'an expectation nobody knows': [withField('expect', '200-ok'), 'bad-request'],
  'a length on an extended CONNECT': [[...connect, ['content-length', '0']], 'bad-request'],
  'a protocol of HTTP itself': [
    connect.map(([n, v]) => [n, n === ':protocol' ? 'h2c' : v] as const),
    'not-implemented',
  ],
  'CONNECT as such': [[getHead[2] as Pairs[0], [':method', 'CONNECT']], 'not-implemented'],
  TRACE: [withPseudo(':method', 'TRACE'), 'not-implemented'],
  'a path that is too long': [withPseudo(':path', `/${'a'.repeat(8_000)}`), 'uri-too-long'],
  'too many lines': [[...getHead, ...Array.from({ length: 128 }, () => ['x', 'y'] as const)], 'headers-too-large'],
  'too many bytes': [withField('x', 'y'.repeat(16_000)), 'headers-too-large'],
};

/** Lines that nghttp2 leaves out (RFC 9113 §8.2.1 would have the request refused), so that nobody behind it sees them. */
const dropped: Record<string, readonly [string, string]> = {
  'a line end in a value': ['x', 'y\r\nx-smuggled: 1'],
  'a bare LF in a value': ['x', 'y\nx-smuggled: 1'],
  'a bare CR in a value': ['x', 'y\rx-smuggled: 1'],
  'a NUL in a value': ['x-smuggled', 'y\0z'],
  'a control character in a value': ['x-smuggled', 'y\x01z'],
  'a line end in a name': ['x: y\r\nx-smuggled', 'z'],
  'a colon in a name': ['transfer-encoding: chunked\r\nx-smuggled', 'z'],
  'a space in a name': ['x-smuggled ', 'chunked'],
  'an empty name': ['', 'x-smuggled'],
};

describe('HTTP/2 that becomes HTTP/1.1', () => {
  for (const [name, pairs] of Object.entries(reset)) {
    it(`is reset for ${name}, and no backend hears of it`, async (t) => {
      const { one, backend } = await scene(t);
      one.ask(1, pairs);
      assert.equal(await one.resetWith(1), 1);
      assert.equal(backend.connections.length, 0);
    });
  }

  for (const [name, [pairs, reason]] of Object.entries(answered)) {
    it(`is answered with ${reason} for ${name}, and no backend hears of it`, async (t) => {
      const { one, backend } = await scene(t);
      one.ask(1, pairs);
      assert.equal((await one.until('DATA', 1)).payload.toString(), reason);
      assert.equal(backend.connections.length, 0);
    });
  }

  for (const [name, [field, value]] of Object.entries(dropped)) {
    it(`loses a line with ${name}`, async (t) => {
      const { one, backend } = await scene(t);
      one.ask(1, [...getHead, [field, value], ['z', '1']]);
      assert.equal(await (await backend.next()).head(), 'GET / HTTP/1.1\r\nhost: a.test\r\nz: 1\r\n\r\n');
    });
  }

  it('has no length of the client: a body that is open goes out in chunks, whatever is in it', async (t) => {
    const { one, backend } = await scene(t);
    const body = '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    one.ask(1, withPseudo(':method', 'POST'), 0);
    one.send(frame('DATA', endStream, 1, body));
    const upstream = await backend.next();
    assert.equal(await upstream.head(), 'POST / HTTP/1.1\r\nhost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    assert.equal(await upstream.bytes(chunked.length), chunked);
    assert.equal(upstream.unread, '');
  });

  it('states that there is no body where the stream ended with its head', async (t) => {
    const { one, backend } = await scene(t);
    one.ask(1, withPseudo(':method', 'POST'));
    assert.equal(await (await backend.next()).head(), 'POST / HTTP/1.1\r\nhost: a.test\r\nContent-Length: 0\r\n\r\n');
  });

  it('cuts the request of a body that is longer than it said before a byte too many is passed on', async (t) => {
    const { one, backend } = await scene(t);
    one.ask(1, [...withPseudo(':method', 'POST'), ['content-length', '3']], 0);
    const upstream = await backend.next();
    await upstream.head();
    one.send(frame('DATA', 0, 1, 'ab'));
    assert.equal(await upstream.bytes(2), 'ab');
    one.send(frame('DATA', endStream, 1, 'cGET /smuggled HTTP/1.1\r\n\r\n'));
    assert.equal(await upstream.rest(), '');
  });

  it('reads a head in as many CONTINUATION frames as nghttp2 allows as one head', async (t) => {
    const { one, backend } = await scene(t);
    const bytes = block([...getHead, ['x', 'y']]);
    const parts = Array.from({ length: 7 }, (_, i) => bytes.subarray(i * 8, i === 6 ? bytes.length : (i + 1) * 8));
    one.send(
      frame('HEADERS', endStream, 1, parts[0]),
      ...parts.slice(1).map((part, i) => frame('CONTINUATION', i === 5 ? endHeaders : 0, 1, part)),
    );
    assert.equal(await (await backend.next()).head(), 'GET / HTTP/1.1\r\nhost: a.test\r\nx: y\r\n\r\n');
  });
});
