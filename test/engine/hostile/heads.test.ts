import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import type { ListenerLimits } from '../../../src/http/transport.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { answering, stage } from '../support/stage.ts';
import { engines, type MakeEngineWith } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A client that behaves, on a connection of its own, is served. */
async function assertServes(connect: () => Promise<RawSocket>): Promise<void> {
  const fair = await connect();
  fair.write(get);
  assert.match(await fair.head(), /^HTTP\/1.1 200 /);
}

describe('our own codec, with a client that sends empty lines without end,', () => {
  it('forgives the first and refuses the next', async (t) => {
    const { connect } = await stage(t, createH1Engine({ lingerMs: 500 }), answering('x'));
    const client = await connect();
    client.write(`\r\n${get}`);
    assert.match(await client.until('x'), /^HTTP\/1.1 200 /);
    assert.ok((await pour(client, '\r\n'.repeat(30_000))) < kernelBytesMax);
  });
});

for (const [name, makeEngine] of engines) {
  const open = (t: TestContext, limits: Partial<ListenerLimits> = {}, make: MakeEngineWith = makeEngine) =>
    stage(t, make({ lingerMs: 500 }), answering('x'), limits);

  describe(`${name} ends`, () => {
    it('heads that come a byte at a time for ever, all at their one deadline (408), and serves others meanwhile', async (t) => {
      const { connect } = await open(t, { headTimeoutMs: 1_000 });
      const slow = await Promise.all(Array.from({ length: 50 }, connect));
      const drip = setInterval(() => {
        for (const client of slow) if (client.socket.writable) client.write('X');
      }, 20);
      t.after(() => clearInterval(drip));
      for (const client of slow) client.write('GET / HTTP/1.1\r\nHost: a\r\nX-');
      await assertServes(connect);
      for (const client of slow) assert.match(await client.rest(), /^HTTP\/1.1 408 /);
      await assertServes(connect);
    });

    it('connections that never say a word', async (t) => {
      const { connect } = await open(t, { headTimeoutMs: 300 });
      const silent = await Promise.all(Array.from({ length: 50 }, connect));
      for (const client of silent) assert.match(await client.rest(), /^(HTTP\/1.1 408 [\s\S]*)?$/);
    });
  });

  const endless: Readonly<Record<string, readonly [start: string, piece: string, status: number]>> = {
    'a target': ['GET /', 'a'.repeat(65_536), 414],
    'a line': ['GET / HTTP/1.1\r\nHost: a\r\nX: ', 'a'.repeat(65_536), 431],
    'a name': ['GET / HTTP/1.1\r\nHost: a\r\n', 'a'.repeat(65_536), 431],
    lines: ['GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'.repeat(10_000), 431],
  };
  describe(`${name}, with a client that sends without end`, () => {
    for (const [what, [start, piece, status]] of Object.entries(endless)) {
      it(`${what}, says ${status} and takes no more than a bounded part`, async (t) => {
        const { connect } = await open(t);
        const client = await connect();
        client.write(start);
        const answer = client.head().catch(() => 'RST came before it was read');
        const taken = await pour(client, piece);
        assert.ok(taken < kernelBytesMax, `${taken} bytes were taken`);
        // What is sent on and on is met by an RST in the end, which may overtake the answer.
        assert.match(await answer, new RegExp(`^(HTTP/1.1 ${status}|RST)`));
        await assertServes(connect);
      });
    }
  });

  describe(`${name} holds heads to the limits it is given:`, () => {
    const line = 'X: y\r\n';
    const cases: Readonly<Record<string, readonly [bytes: string, limits: Partial<ListenerLimits>, status: number]>> = {
      'as many lines': [get.replace('\r\n\r\n', `\r\n${line.repeat(9)}\r\n`), { fieldLinesMax: 10 }, 200],
      'a line more': [get.replace('\r\n\r\n', `\r\n${line.repeat(10)}\r\n`), { fieldLinesMax: 10 }, 431],
      '128 lines where nobody says': [get.replace('\r\n\r\n', `\r\n${line.repeat(128)}\r\n`), {}, 431],
      'as long a target': [get.replace('/', `/${'a'.repeat(299)}`), { uriBytesMax: 300 }, 200],
      'a longer target': [get.replace('/', `/${'a'.repeat(300)}`), { uriBytesMax: 300 }, 414],
      'a target over 16 KiB where nobody says': [get.replace('/', `/${'a'.repeat(16_384)}`), {}, 414],
      'a head as large': [get.replace('\r\n\r\n', `\r\nX: ${'y'.repeat(2_000)}\r\n\r\n`), { headBytesMax: 2_048 }, 200],
      'a larger head': [get.replace('\r\n\r\n', `\r\nX: ${'y'.repeat(2_100)}\r\n\r\n`), { headBytesMax: 2_048 }, 431],
    };
    for (const [what, [bytes, limits, status]] of Object.entries(cases)) {
      it(`${what} → ${status}`, async (t) => {
        const { connect } = await open(t, limits);
        const client = await connect();
        client.write(bytes);
        assert.match(await client.head(), new RegExp(`^HTTP/1.1 ${status} `));
      });
    }
  });
}
