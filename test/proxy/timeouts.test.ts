import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`the timeouts of a route (engine ${name})`, () => timeoutSuite(makeEngine));
}

/** Ten minutes and a timeout of one, on a smaller scale: parts that come well within the time, and together take far longer. */
const parts = 8;
const partEveryMs = 100;
const policy = { connectMs: 500, readMs: 500, sendMs: 500 };

function timeoutSuite(makeEngine: MakeEngine): void {
  it('leave an upload alone that takes longer than all of them', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    client.write(`POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${parts}\r\n\r\n`);
    const upstream = await backend.next();
    await upstream.head();
    for (let i = 0; i < parts; i++) {
      await after(partEveryMs);
      client.write('x');
      assert.equal(await upstream.bytes(1), 'x');
    }
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('leave a download alone that takes longer than all of them', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy }));
    const client = await stage.connect();
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${parts}\r\n\r\n`);
    await client.head();
    for (let i = 0; i < parts; i++) {
      await after(partEveryMs);
      upstream.write('x');
      assert.equal(await client.bytes(1), 'x');
    }
    client.write(get());
    assert.match(await upstream.head(), /^GET /);
  });

  it('are told apart by the reason: no connection, no answer, no room for the request', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    const backend = await RawBackend.open(t);
    const bodyBytes = 64_000_000;
    for (const [about, request, reason] of [
      [{ policy: { connectMs: 40 }, backends: { scheme: 'https' } }, get(), 'backend-connect-timeout'],
      [{ policy: { readMs: 40 } }, get(), 'backend-timeout'],
      [
        { policy: { sendMs: 60 } },
        `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${bodyBytes}\r\n\r\n`,
        'backend-send-timeout',
      ],
    ] as const) {
      stage.serve(routeTo([backend.port], about));
      const client = await stage.connect();
      client.write(request);
      const upstream = await backend.next();
      if (reason === 'backend-send-timeout') {
        await upstream.head();
        upstream.socket.pause();
        client.socket.write(Buffer.alloc(bodyBytes));
      }
      assert.match(await client.head(), new RegExp(`^HTTP/1.1 504 [\\s\\S]*details=${reason}\\r\\n`));
    }
  });
}
