import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { eventually } from '../../support/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import { relay } from '../support/relay.ts';
import { peerAt, stage } from '../support/stage.ts';

test('kept connections are bounded per backend and over all backends, and are found again', async (t) => {
  const engine = createH1Engine({ idleSocketsMax: 2, idleSocketsTotalMax: 3 });
  const backends = [await RawBackend.open(t), await RawBackend.open(t)] as const;
  const { connect } = await stage(t, engine, (exchange) => {
    const backend = backends[Number(exchange.request.target.slice(1))] as RawBackend;
    relay(engine.upstream, peerAt(backend.port))(exchange);
  });
  const ask = async (number: number, count: number): Promise<void> => {
    const backend = backends[number] as RawBackend;
    const before = backend.connections.length;
    const clients = await Promise.all(Array.from({ length: count }, connect));
    for (const client of clients) client.write(`GET /${number} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const open = () => backend.connections.filter(({ socket }) => !socket.destroyed);
    await eventually('all are asked', async () => open().filter(({ unread }) => unread !== '').length === count);
    for (const connection of open()) {
      await connection.head();
      connection.write('HTTP/1.1 204 No Content\r\n\r\n');
    }
    for (const client of clients) await client.head();
    assert.ok(backend.connections.length >= before);
  };
  const kept = async (number: number, count: number): Promise<void> => {
    await eventually(`${count} are kept`, async () => {
      const { connections } = backends[number] as RawBackend;
      for (const { socket } of connections) if (socket.readableEnded) socket.end();
      return connections.filter(({ socket }) => !socket.destroyed).length === count;
    });
  };
  await ask(0, 5);
  await kept(0, 2);
  await ask(1, 5);
  await kept(1, 1);
  // Taken out and put back, they count as before.
  for (let i = 0; i < 5; i++) await ask(0, 2);
  await kept(0, 2);
  assert.equal(backends[0].connections.length, 5);
  engine.upstream.forget(peerAt(backends[0].port).id);
  await kept(0, 0);
  await ask(1, 4);
  await kept(1, 2);
});
