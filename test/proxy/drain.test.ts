import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a container that was sent its stop signal (engine ${name})`, () => drainSuite(makeEngine));
}

const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
/** FIN, opcode 8, 1001. */
const goingAway = '\x88\x02\x03\xe9';

function drainSuite(makeEngine: MakeEngine): void {
  it('finishes what it has and gets nothing new; its connection is not kept', async (t) => {
    const [leaving, staying] = [await RawBackend.open(t), await RawBackend.open(t)];
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([leaving.port]));
    const client = await stage.connect();
    client.write(get());
    const upstream = await leaving.next();
    await upstream.head();
    stage.serve(routeTo([leaving.port, staying.port]));
    stage.peers.withdraw(`c${leaving.port}`);
    staying.always(ok);
    const other = await stage.connect();
    for (let i = 0; i < 4; i++) {
      other.write(get());
      assert.match(await other.head(), /^HTTP\/1.1 200 /);
      await other.bytes(2);
    }
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    assert.equal(await upstream.rest(), '');
    assert.equal(leaving.connections.length, 1);
  });

  it('has a close frame sent to both sides of its WebSockets when its time is over; others stay', async (t) => {
    const clock = new FakeClock();
    const [leaving, staying] = [await RawBackend.open(t), await RawBackend.open(t)];
    const stage = await proxyStage(t, makeEngine(), { clock });
    stage.serve(routeTo([leaving.port], { backends: { drainMs: 5_000 } }), routeTo([staying.port], { host: 'b.test' }));
    const open = async (backend: RawBackend, host: string) => {
      const client = await stage.connect();
      client.write(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n').replace('app.test', host));
      const upstream = await backend.next();
      await upstream.head();
      upstream.write(upgraded);
      await client.head();
      return { client, upstream };
    };
    const [tunnel, other] = [await open(leaving, 'app.test'), await open(staying, 'b.test')];
    stage.peers.withdraw(`c${leaving.port}`);
    clock.advance(4_900);
    tunnel.upstream.write('\x81\x02hi');
    assert.equal(await tunnel.client.bytes(4), '\x81\x02hi');
    clock.advance(600);
    assert.equal(await tunnel.client.bytes(4), goingAway);
    // To the backend it is masked, as from a client.
    assert.match(await tunnel.upstream.bytes(2), /^\x88\x82$/);
    other.upstream.write('\x81\x02hi');
    assert.equal(await other.client.bytes(4), '\x81\x02hi');
  });

  it('is not waited for where its connection does not stand yet: the request goes to another', async (t) => {
    const [silent, staying] = [await RawBackend.open(t), (await RawBackend.open(t)).always(ok)];
    const stage = await proxyStage(t, makeEngine());
    // A handshake that is never answered is a connection that never stands.
    const leaving = routeTo([silent.port], { backends: { scheme: 'https' }, policy: { waitMs: 10_000 } });
    stage.serve(leaving);
    const client = await stage.connect();
    client.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nhi');
    await silent.next();
    stage.peers.withdraw(`c${silent.port}`);
    stage.serve(routeTo([staying.port], { policy: { waitMs: 10_000 } }));
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });
}
