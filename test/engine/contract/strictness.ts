import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answering, type MakeEngine, stage } from '../support/stage.ts';

const h = 'Host: a.test\r\n';
const chunked = `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\n\r\n`;

/** Requests that two parsers could read differently, as bytes. */
const refused: Record<string, string> = {
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'two Hosts': `GET / HTTP/1.1\r\n${h}Host: b.test\r\n\r\n`,
  'the same Host twice': `GET / HTTP/1.1\r\n${h}${h}\r\n`,
  'an empty Host': 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
  'a Host with a comma': 'GET / HTTP/1.1\r\nHost: a.test,evil\r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a.test/x\r\n\r\n',
  'a Host with userinfo': 'GET / HTTP/1.1\r\nHost: x@a.test\r\n\r\n',
  'two Hosts in HTTP/1.0': `GET / HTTP/1.0\r\n${h}Host: b.test\r\n\r\n`,
  'absolute-form that names another host': `GET http://b.test/ HTTP/1.1\r\n${h}\r\n`,
  'absolute-form with userinfo': `GET http://x@a.test/ HTTP/1.1\r\n${h}\r\n`,
  'absolute-form of another scheme': `GET ftp://a.test/ HTTP/1.1\r\n${h}\r\n`,
  'absolute-form without Host in HTTP/1.0': 'GET http://a.test/ HTTP/1.0\r\n\r\n',
  'a target without a slash': `GET x HTTP/1.1\r\n${h}\r\n`,
  'a target with a fragment': `GET /#x HTTP/1.1\r\n${h}\r\n`,
  'a target with a byte beyond ASCII': `GET /\xe9 HTTP/1.1\r\n${h}\r\n`,
  'a tab in the request line': `GET\t/ HTTP/1.1\r\n${h}\r\n`,
  'GET *': `GET * HTTP/1.1\r\n${h}\r\n`,
  'HTTP/2.0 as a version word': `GET / HTTP/2.0\r\n${h}\r\n`,
  'HTTP/0.9 as a version word': `GET / HTTP/0.9\r\n${h}\r\n`,
  'HTTP/1.2': `GET / HTTP/1.2\r\n${h}\r\n`,
  'no version': 'GET /\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'TLS on a plain port': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  'Content-Length with Transfer-Encoding': `POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding with Content-Length': `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n`,
  'two Content-Lengths': `POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
  'equal Content-Lengths': `POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
  'a list as Content-Length': `POST / HTTP/1.1\r\n${h}Content-Length: 1, 1\r\n\r\nx`,
  'a sign in Content-Length': `POST / HTTP/1.1\r\n${h}Content-Length: +1\r\n\r\nx`,
  'hex in Content-Length': `POST / HTTP/1.1\r\n${h}Content-Length: 0x1\r\n\r\nx`,
  'an empty Content-Length': `POST / HTTP/1.1\r\n${h}Content-Length:\r\n\r\n`,
  'a Content-Length nobody can count': `POST / HTTP/1.1\r\n${h}Content-Length: 99999999999999999999\r\n\r\n`,
  'chunked twice': `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'two lines of Transfer-Encoding': `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked that is not last': `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding in HTTP/1.0': `POST / HTTP/1.0\r\n${h}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'an expectation nobody knows': `POST / HTTP/1.1\r\n${h}Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx`,
  'a space before the colon': `GET / HTTP/1.1\r\n${h}X : y\r\n\r\n`,
  'obs-fold': `GET / HTTP/1.1\r\n${h}X: y\r\n z\r\n\r\n`,
  'a line without a name': `GET / HTTP/1.1\r\n${h}: y\r\n\r\n`,
  'a line without a colon': `GET / HTTP/1.1\r\n${h}X\r\n\r\n`,
  'bare LF after a header line': `GET / HTTP/1.1\r\n${h}X: y\nZ: 1\r\n\r\n`,
  'bare LF everywhere': 'GET / HTTP/1.1\nHost: a.test\n\n',
  'bare CR in a value': `GET / HTTP/1.1\r\n${h}X: y\rz\r\n\r\n`,
  'NUL in a value': `GET / HTTP/1.1\r\n${h}X: y\0z\r\n\r\n`,
  'a control character in a value': `GET / HTTP/1.1\r\n${h}X: y\x01z\r\n\r\n`,
  'DEL in a value': `GET / HTTP/1.1\r\n${h}X: y\x7fz\r\n\r\n`,
};

const unimplemented: Record<string, string> = {
  'a coding nobody knows': `POST / HTTP/1.1\r\n${h}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  CONNECT: `CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n`,
  TRACE: `TRACE / HTTP/1.1\r\n${h}\r\n`,
};

/** Bodies that break after a head that was in order. */
const brokenBodies: Record<string, string> = {
  'a chunk size with a prefix': `${chunked}0x1\r\nx\r\n0\r\n\r\n`,
  'a chunk size with a sign': `${chunked}+1\r\nx\r\n0\r\n\r\n`,
  'a chunk size nobody can count': `${chunked}fffffffffffffffff\r\nx\r\n0\r\n\r\n`,
  'a chunk size that ends with LF': `${chunked}1\nx\r\n0\r\n\r\n`,
  'LF in a chunk extension': `${chunked}1;a\nb\r\nx\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${chunked}1\r\nxy\r\n0\r\n\r\n`,
  'a space before the colon of a trailer': `${chunked}0\r\nX : y\r\n\r\n`,
};

/** What a listener refuses, because what it passes on must mean one thing only. */
export function strictnessContract(makeEngine: MakeEngine): void {
  const expectRefusal = (name: string, bytes: string, status: number): void => {
    it(`answers ${status} to ${name}, and closes`, async (t) => {
      let handled = 0;
      const { connect } = await stage(t, makeEngine(), () => void handled++);
      const client = await connect();
      client.write(`${bytes}GET /smuggled HTTP/1.1\r\n${h}\r\n`);
      const answer = await client.rest();
      assert.match(
        answer,
        new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*\\r\\nX-Own: 1\\r\\n[\\s\\S]*Connection: close\\r\\n`),
      );
      assert.equal(answer.split('HTTP/1.1 ').length, 2, 'one answer');
      assert.equal(handled, 0);
      client.end();
      assert.equal(await client.closed, 'ended');
    });
  };

  describe('a listener refuses', () => {
    for (const [name, bytes] of Object.entries(refused)) expectRefusal(name, bytes, 400);
    for (const [name, bytes] of Object.entries(unimplemented)) expectRefusal(name, bytes, 501);

    for (const [name, bytes] of Object.entries(brokenBodies)) {
      it(`answers 400 to ${name}, and takes nothing more`, async (t) => {
        const targets: string[] = [];
        const aborts: string[] = [];
        const { connect } = await stage(t, makeEngine(), (exchange) => {
          targets.push(exchange.request.target);
          exchange.receive({
            onDrain: null,
            write: () => true,
            end: () => assert.fail('the body is not whole'),
            abort: ({ reason }) => aborts.push(reason),
          });
        });
        const client = await connect();
        client.write(`${bytes}GET /smuggled HTTP/1.1\r\n${h}\r\n`);
        assert.match(await client.rest(), /^HTTP\/1.1 400 [\s\S]*Connection: close\r\n/);
        assert.deepEqual([targets, aborts], [['/'], ['bad-request']]);
      });
    }

    it('what follows a good request only after that one was answered', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write(`GET / HTTP/1.1\r\n${h}\r\nGET / HTTP/1.1\r\nHost : b\r\n\r\n`);
      const answers = await client.rest();
      assert.match(answers, /^HTTP\/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP\/1.1 400 /);
    });

    it('without an RST that would overtake its answer, however much is on its way', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'));
      const client = await connect();
      client.write(`GET / HTTP/1.1\r\n\r\n${'x'.repeat(500_000)}`);
      assert.match(await client.rest(), /^HTTP\/1.1 400 /);
    });
  });
}
