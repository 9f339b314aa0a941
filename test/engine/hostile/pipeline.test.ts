import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { answering, head, stage } from '../support/stage.ts';
import { engines } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('our own codec, with a client that asks much at once,', () => {
  it('answers a few requests and then lets the others have their turn', async (t) => {
    const answer = answering('x');
    let inThisTurn = 0;
    let most = 0;
    const { connect } = await stage(t, createH1Engine(), (exchange) => {
      if (inThisTurn++ === 0)
        setImmediate(() => {
          most = Math.max(most, inThisTurn);
          inThisTurn = 0;
        });
      answer(exchange);
    });
    const client = await connect();
    const total = 2_000;
    client.write(get.repeat(total));
    for (let i = 0; i < total; i++) await client.until('\r\n\r\nx');
    assert.ok(most <= 100, `${most} requests of one client were served in one turn`);
  });
});

for (const [name, makeEngine] of engines) {
  describe(`${name}, with a client that sends requests and never reads the answers,`, () => {
    it('holds a bounded part of them, gives the client up, and serves others meanwhile', async (t) => {
      const body = 'x'.repeat(20_000);
      let answers = 0;
      const { connect } = await stage(t, makeEngine({ stallMs: 1_000, lingerMs: 500 }), (exchange) => {
        if (exchange.request.target === '/fair') return answering('fair')(exchange);
        answers++;
        const sink = exchange.respond(head(200, {}, body.length));
        sink.write(Buffer.from(body));
        sink.end();
      });
      const client = await connect();
      client.socket.pause();
      const poured = pour(client, get.repeat(1_000));
      const fair = await connect();
      fair.write(get.replace('/', '/fair'));
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
      assert.ok((await poured) < 2 * kernelBytesMax);
      // Answers are made one after the other, and only while the kernel takes them.
      assert.ok(answers * body.length < kernelBytesMax, `${answers} answers were made`);
      fair.write(get.replace('/', '/fair'));
      assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
    });
  });

  describe(`${name}, with a number of requests that a connection may have,`, () => {
    it('says close with the last of them, and looks at no other', async (t) => {
      const { connect } = await stage(t, makeEngine(), answering('x'), { requestsMax: 3 });
      const client = await connect();
      client.write(get.repeat(5));
      const answers = (await client.rest()).split('HTTP/1.1 200 OK').slice(1);
      assert.deepEqual(
        answers.map((answer) => answer.includes('Connection: close')),
        [false, false, true],
      );
    });
  });
}
