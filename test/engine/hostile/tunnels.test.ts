import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../../support/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { tunnelRelay } from '../support/relay.ts';
import { peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';
import { kernelBytesMax, pour } from './pour.ts';

const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello';
/** WebSocket frames of 16 KiB, one behind the other. */
const frames = `\x82\x7e\x40\x00${'x'.repeat(0x4000)}`.repeat(4);

for (const [name, makeEngine] of engines) {
  const tunnel = async (t: TestContext): Promise<{ client: RawSocket; backend: RawSocket; gone: Promise<true> }> => {
    const backend = await RawBackend.open(t);
    const engine = makeEngine({ stallMs: 1_000, tunnelCloseMs: 200 });
    const { connect, counts } = await stage(t, engine, tunnelRelay(engine.tunnel, peerAt(backend.port)));
    const client = await connect();
    client.write(upgrade);
    const asked = await backend.next();
    await asked.head();
    asked.write(switched);
    await client.until('hello');
    const gone = eventually('the tunnel is gone', async () => counts().active === 0) as Promise<true>;
    return { client, backend: asked, gone };
  };

  describe(`${name} cuts a tunnel`, () => {
    for (const [who, reader, writer] of [
      ['client', 'client', 'backend'],
      ['backend', 'backend', 'client'],
    ] as const) {
      it(`whose ${who} takes nothing of what it is sent, and holds a bounded part of it`, async (t) => {
        const ends = await tunnel(t);
        ends[reader].socket.pause();
        const taken = await pour(ends[writer], frames);
        assert.ok(taken < 2 * kernelBytesMax, `${taken} bytes were taken`);
        await ends.gone;
      });
    }
  });
}
