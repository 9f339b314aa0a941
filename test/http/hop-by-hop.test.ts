import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { stripHopByHopRequest, stripHopByHopResponse, stripTrailers } from '../../src/http/hop-by-hop.ts';

function stripped(strip: (headers: FlatHeaderList) => void, ...flat: string[]): string[] {
  const headers = new FlatHeaderList(flat);
  strip(headers);
  return headers.flat();
}

describe('hop-by-hop fields of a request', () => {
  it('go, and the others keep their order, case and number', () => {
    assert.deepEqual(
      stripped(
        stripHopByHopRequest,
        ...['HOST', 'a', 'Connection', 'Keep-Alive', 'Cookie', 'a=1', 'Keep-Alive', 'timeout=5', 'cookie', 'b=2'],
        ...['Proxy-Connection', 'x', 'Upgrade', 'h2c', 'Proxy-Authorization', 'Basic eA==', 'Trailer', 'X-Sum'],
      ),
      ['HOST', 'a', 'Cookie', 'a=1', 'cookie', 'b=2', 'Trailer', 'X-Sum'],
    );
  });

  it('include those that Connection names, on any of its lines and in any case', () => {
    assert.deepEqual(
      stripped(
        stripHopByHopRequest,
        ...['Connection', 'close, X-One', 'connection', ' x-TWO ,', 'X-One', '1', 'x-two', '2', 'X-Three', '3'],
      ),
      ['X-Three', '3'],
    );
  });

  it('never include routing, framing or credentials, whatever Connection names', () => {
    const kept = [
      'Host',
      'a',
      'Content-Length',
      '3',
      'Cookie',
      'a=1',
      'Authorization',
      'x',
      'Cache-Control',
      'no-store',
    ];
    assert.deepEqual(
      stripped(
        stripHopByHopRequest,
        ...['Connection', 'host, content-length, cookie, authorization, cache-control', ...kept],
      ),
      kept,
    );
  });

  it('leave of TE only the word trailers', () => {
    assert.deepEqual(stripped(stripHopByHopRequest, 'TE', 'gzip;q=0.5, Trailers', 'Connection', 'TE'), [
      'TE',
      'trailers',
    ]);
    assert.deepEqual(stripped(stripHopByHopRequest, 'TE', 'gzip', 'X', '1'), ['X', '1']);
  });
});

describe('hop-by-hop fields of a response', () => {
  it('go, and cookies cannot be taken away by Connection', () => {
    assert.deepEqual(
      stripped(
        stripHopByHopResponse,
        ...['Connection', 'X-Hop, Set-Cookie', 'X-Hop', '1', 'Set-Cookie', 'a', 'set-cookie', 'b', 'TE', 'trailers'],
        ...['Proxy-Authenticate', 'Basic', 'Transfer-Encoding', 'chunked'],
      ),
      ['Set-Cookie', 'a', 'set-cookie', 'b'],
    );
  });
});

describe('trailers', () => {
  it('lose what frames, routes, authenticates or is written by the proxy', () => {
    assert.deepEqual(
      stripped(
        stripTrailers,
        ...['Grpc-Status', '0', 'Content-Length', '5', 'Transfer-Encoding', 'chunked', 'Host', 'b', 'Cookie', 'a'],
        ...['X-Forwarded-For', '1.2.3.4', 'X_Forwarded_For', '1.2.3.4', 'If-Match', '*', 'X-Sum', 'abc'],
      ),
      ['Grpc-Status', '0', 'X-Sum', 'abc'],
    );
  });
});
