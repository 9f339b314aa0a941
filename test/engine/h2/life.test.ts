import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { BodySink, Exchange } from '../../../src/http/transport.ts';
import { answering, head, Later } from '../support/stage.ts';
import { frame, getHead } from './support/frame-client.ts';
import { h2Stage } from './support/h2-stage.ts';

const run = promisify(execFile);

describe('a connection of HTTP/2', () => {
  it('ends when nothing is asked for a while, PING or not, and not while something is', async (t) => {
    const later = new Later<Exchange>();
    const { frames } = await h2Stage(
      t,
      (exchange) => (exchange.request.method === 'GET' ? answering('x')(exchange) : later.tell(exchange)),
      { limits: { idleTimeoutMs: 60 } },
    );
    const [idle, busy] = [await frames(), await frames()];
    for (const one of [idle, busy]) one.begin();
    busy.ask(
      1,
      getHead.map(([name, value]) => [name, value === 'GET' ? 'POST' : value]),
    );
    const exchange = await later.promise;
    idle.ask(1);
    await idle.until('DATA', 1);
    const ping = setInterval(() => idle.send(frame('PING', 0, 0, Buffer.alloc(8))), 10);
    t.after(() => clearInterval(ping));
    assert.equal(await idle.goneWith(), 0);
    assert.deepEqual(busy.on(0).includes('GOAWAY'), false);
    exchange.respond(head(204)).end();
    await busy.until('HEADERS', 1);
    assert.equal(await busy.goneWith(), 0);
  });

  it('says so with the last request that it may have', async (t) => {
    const { frames } = await h2Stage(t, answering('x'), { limits: { requestsMax: 3 } });
    const one = await frames();
    one.begin();
    for (const stream of [1, 3, 5]) {
      one.ask(stream);
      await one.until('DATA', stream);
    }
    const { payload } = await one.until('GOAWAY');
    assert.deepEqual([payload.readUInt32BE(0), payload.readUInt32BE(4)], [5, 0]);
    assert.equal(await one.goneWith(), 0);
  });

  it('that drains ends when it is idle, else with its last answer, and takes no more requests', async (t) => {
    const later = new Later<Exchange>();
    const { frames, server } = await h2Stage(t, later.tell);
    const [idle, busy] = [await frames(), await frames()];
    for (const one of [idle, busy]) {
      one.begin();
      await one.until('SETTINGS');
    }
    busy.ask(1);
    const exchange = await later.promise;
    assert.deepEqual(server.activity(), { reading: 0, writing: 1, waiting: 1 });
    const drained = server.drain();
    assert.equal(await idle.goneWith(), 0);
    await busy.until('GOAWAY');
    busy.ask(3);
    const sink = exchange.respond(head(200, {}, null));
    sink.write(Buffer.from('abc'));
    sink.end();
    assert.equal(await busy.goneWith(), 0);
    assert.equal((await busy.until('DATA', 1)).payload.toString(), 'abc');
    assert.ok(busy.frames.some(({ type, flags, stream }) => type === 'DATA' && stream === 1 && flags & 1));
    await drained;
    assert.equal(later.count, 1);
    assert.deepEqual(server.activity(), { reading: 0, writing: 0, waiting: 0 });
  });

  it('that is closed cuts what is left, visibly', async (t) => {
    const later = new Later<BodySink>();
    const closed = new Later<string>();
    const { frames, server } = await h2Stage(t, (exchange) => {
      exchange.onClose = closed.tell;
      const sink = exchange.respond(head(200, {}, null));
      sink.write(Buffer.from('abc'));
      later.tell(sink);
    });
    const one = await frames();
    one.begin();
    one.ask(1);
    await one.until('DATA', 1);
    const drained = server.drain();
    server.close();
    assert.equal(await one.closed, 'reset');
    assert.equal(await closed.promise, 'aborted');
    await drained;
  });

  it('counts as reading while a body comes and nothing is answered, and makes room when it waits', async (t) => {
    const later = new Later<Exchange>();
    const { frames, server } = await h2Stage(t, later.tell);
    const one = await frames();
    one.begin();
    one.ask(
      1,
      getHead.map(([name, value]) => [name, value === 'GET' ? 'POST' : value]),
      0,
    );
    const exchange = await later.promise;
    assert.deepEqual(server.activity(), { reading: 1, writing: 0, waiting: 0 });
    assert.equal(server.endOneIdle(), false);
    exchange.respond(head(204)).end();
    await one.resetWith(1);
    assert.equal(server.endOneIdle('127.0.0.2'), false);
    assert.equal(server.endOneIdle('127.0.0.1'), true);
    assert.equal(await one.goneWith(), 0);
  });

  it('that breaks tells every request of it, once', async (t) => {
    const closed: string[] = [];
    const both = new Later<void>();
    let begun = 0;
    const { frames } = await h2Stage(t, (exchange) => {
      exchange.onClose = (how) => {
        closed.push(how);
        if (closed.length === 2) both.tell();
      };
      if (++begun === 2) one.socket.resetAndDestroy();
    });
    const one = await frames();
    one.begin();
    one.ask(1);
    one.ask(3);
    await both.promise;
    assert.deepEqual(closed, ['aborted', 'aborted']);
  });

  it('says who its client is', async (t) => {
    const later = new Later<unknown>();
    const { client, port } = await h2Stage(t, ({ client: { address, localPort, secure } }) =>
      later.tell([address, localPort, secure]),
    );
    (await client()).get();
    assert.deepEqual(await later.promise, ['127.0.0.1', port, false]);
  });
});

describe('HTTP/2 over TLS', () => {
  it('is served to curl, up and down', async (t) => {
    const { port } = await h2Stage(
      t,
      (exchange) => {
        const sink = exchange.respond(head(200, { 'X-Scheme': String(exchange.client.secure) }, null));
        exchange.receive({
          get onDrain() {
            return sink.onDrain;
          },
          set onDrain(listener) {
            sink.onDrain = listener;
          },
          write: (chunk) => sink.write(chunk),
          end: () => sink.end(),
          abort: (why) => sink.abort(why),
        });
      },
      { secure: true },
    );
    const body = 'x'.repeat(100_000);
    const args = ['-sk', '--http2', '--max-time', '10', '-w', '%{http_version} %{http_code}', '--data-binary', body];
    const { stdout } = await run('curl', [...args, `https://localhost:${port}/`]);
    assert.ok(stdout === `${body}2 200`);
  });

  it('is served to h2load, 64 streams at a time on 8 connections', async (t) => {
    const { port } = await h2Stage(t, answering('x'.repeat(20_000)), { secure: true });
    const { stdout } = await run('h2load', ['-n', '2000', '-c', '8', '-m', '64', `https://localhost:${port}/`]);
    assert.match(stdout, /2000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.match(stdout, /2000 2xx/);
  });
});
