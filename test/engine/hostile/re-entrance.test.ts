import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { Later, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

/** What one side sends in a single piece makes two things happen within one call of the other: neither may end the worker. */
describe('our own codec survives', () => {
  const makeEngine = createH1Engine;
  it('a body that turns out to be unreadable while 100 and the answer arrive together', async (t) => {
    const backend = await RawBackend.open(t);
    const engine = makeEngine();
    const { connect } = await stage(t, engine, relay(engine.upstream, peerAt(backend.port)));
    const client = await connect();
    client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n');
    const asked = await backend.next();
    await asked.head();
    asked.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    assert.match(await client.rest(), /HTTP\/1.1 502 [\s\S]*bad-request$/);
    await asked.rest();
    // It serves the next as if nothing had been.
    const next = await connect();
    next.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const again = await backend.next();
    await again.head();
    again.write('HTTP/1.1 204 No Content\r\n\r\n');
    assert.match(await next.head(), /^HTTP\/1.1 204 /);
  });
});

for (const [name, makeEngine] of engines) {
  describe(`${name} survives`, () => {
    it('an answer that is complete before its request, and says nothing of it to whoever asked', async (t) => {
      const backend = await RawBackend.open(t);
      const engine = makeEngine();
      const failures = new Later<string>();
      const log = { onFailure: ({ reason }: { reason: string }) => failures.tell(reason) };
      const { connect } = await stage(t, engine, relay(engine.upstream, peerAt(backend.port), log));
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
      const asked = await backend.next();
      await asked.head();
      await asked.bytes(3);
      asked.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno');
      assert.match(await client.until('no'), /^HTTP\/1.1 413 /);
      await asked.rest();
      assert.equal(failures.count, 0);
    });
  });
}
