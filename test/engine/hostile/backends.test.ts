import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EngineOptions } from '../../../src/engine/options.ts';
import type { ListenOptions } from '../../../src/http/transport.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { relay } from '../support/relay.ts';
import { answering, Later, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const interim = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\n';

for (const [name, makeEngine] of engines) {
  /** A request that has reached its backend. */
  const ask = async (
    t: TestContext,
    options: Partial<EngineOptions> = {},
  ): Promise<{ client: RawSocket; asked: RawSocket; reason: Promise<string>; serves: () => Promise<void> }> => {
    const backend = await RawBackend.open(t);
    const engine = makeEngine(options);
    const reason = new Later<string>();
    const toBackend = relay(engine.upstream, peerAt(backend.port), { onFailure: (why) => reason.tell(why.reason) });
    const handler: ListenOptions['handler'] = (exchange) =>
      exchange.request.target === '/fair' ? answering('fair')(exchange) : toBackend(exchange);
    const { connect } = await stage(t, engine, handler);
    const client = await connect();
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const asked = await backend.next();
    await asked.head();
    const serves = async (): Promise<void> => {
      const fair = await connect();
      fair.write('GET /fair HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
    };
    return { client, asked, reason: reason.promise, serves };
  };

  const endless: Readonly<Record<string, readonly [start: string, piece: string]>> = {
    'interim answers': ['', interim.repeat(1_000)],
    'an interim answer': ['HTTP/1.1 103 Early Hints\r\nLink: ', 'x'.repeat(65_536)],
    'a status line': ['HTTP/1.1 200 ', 'x'.repeat(65_536)],
    'a header line': [`${ok}X: `, 'x'.repeat(65_536)],
    'header lines': [ok, 'X: y\r\n'.repeat(10_000)],
  };
  describe(`${name}, with a backend that sends without end`, () => {
    for (const [what, [start, piece]] of Object.entries(endless)) {
      it(`${what}, answers 502, hangs up after a bounded part, and serves others`, async (t) => {
        const { client, asked, reason, serves } = await ask(t);
        asked.write(start);
        const taken = await pour(asked, piece);
        assert.ok(taken < kernelBytesMax, `${taken} bytes were taken`);
        assert.equal(await reason, 'backend-invalid');
        assert.match(await client.until('backend-invalid'), /HTTP\/1.1 502 /);
        await serves();
      });
    }

    for (const [what, piece] of [
      ['a chunk extension', 'a'.repeat(65_536)],
      ['a trailer line', 'a'.repeat(65_536)],
      ['trailer lines', 'X: y\r\n'.repeat(10_000)],
    ] as const) {
      it(`${what} behind a head that is out already, cuts the answer visibly`, async (t) => {
        const { client, asked, serves } = await ask(t);
        const start = what === 'a chunk extension' ? '1;a=' : what === 'a trailer line' ? '0\r\nX: ' : '0\r\n';
        asked.write(`${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n${start}`);
        assert.ok((await pour(asked, piece)) < kernelBytesMax);
        assert.equal(await client.closed, 'reset');
        await serves();
      });
    }
  });

  describe(`${name} holds answers to the limits it is given:`, () => {
    const line = 'X: y\r\n';
    const cases: Readonly<Record<string, readonly [head: string, options: Partial<EngineOptions>, status: number]>> = {
      'as many lines': [ok + line.repeat(8), { responseLinesMax: 10 }, 200],
      'more lines': [ok + line.repeat(12), { responseLinesMax: 10 }, 502],
      '200 lines where nobody says': [ok + line.repeat(200), {}, 502],
      'a large head': [`${ok}X: ${'y'.repeat(60_000)}\r\n`, {}, 200],
      'a larger head': [`${ok}X: ${'y'.repeat(70_000)}\r\n`, {}, 502],
      'a few interim answers': [interim.repeat(20) + ok, {}, 200],
      'many interim answers': [interim.repeat(40) + ok, {}, 502],
    };
    for (const [what, [head, options, status]] of Object.entries(cases)) {
      it(`${what} → ${status}`, async (t) => {
        const { client, asked } = await ask(t, options);
        asked.write(`${head}Content-Length: 0\r\n\r\n`);
        assert.match(await client.until(`HTTP/1.1 ${status} `), /HTTP/);
      });
    }
  });
}
