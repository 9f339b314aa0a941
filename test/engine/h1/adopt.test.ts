import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { adopt } from '../../../src/engine/h1/adopt.ts';

/** An accepted socket, and who has dialled it. */
async function pair(t: TestContext): Promise<{ accepted: Socket; dialled: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dialled = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  // Within the event: later it may have read already.
  const accepted = await new Promise<Socket>((resolve) => server.once('connection', resolve));
  t.after(() => {
    dialled.destroy();
    accepted.destroy();
    server.close();
  });
  return { accepted, dialled };
}

describe('an accepted socket', () => {
  it('reads into a buffer of ours, by means that this node has and does not promise', async (t) => {
    const { accepted, dialled } = await pair(t);
    const buffer = Buffer.alloc(1024);
    const read = Promise.withResolvers<number>();
    const adopted = adopt(accepted, {
      buffer: () => buffer,
      callback: (length) => {
        read.resolve(length);
        return true;
      },
    });
    assert.ok(adopted !== null, 'this node has another net.Socket: see src/engine/h1/adopt.ts');
    t.after(() => adopted.destroy());
    assert.deepEqual([adopted.remotePort, adopted.allowHalfOpen], [dialled.localPort, true]);
    dialled.write('hello');
    assert.equal(await read.promise, 5);
    assert.equal(buffer.toString('latin1', 0, 5), 'hello');
    adopted.end('bye');
    const [answer] = (await once(dialled, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'bye');
    dialled.end();
    await once(adopted, 'end');
  });

  it('stays as it is where node has no such means', async (t) => {
    const { accepted, dialled } = await pair(t);
    const { _handle: handle } = accepted as Socket & { _handle: { useUserBuffer?: unknown } };
    Object.defineProperty(handle, 'useUserBuffer', { value: undefined });
    const never = (): never => assert.fail('nothing was adopted');
    assert.equal(adopt(accepted, { buffer: never, callback: never }), null);
    dialled.write('hello');
    const [chunk] = (await once(accepted, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'hello');
  });
});
