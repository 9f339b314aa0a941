import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * A port that passes on to another. What the server sends goes through as it comes.
 *
 * @param toServer called once per connection; carries what the client sends.
 */
export async function tcpRelay(
  t: TestContext,
  port: number,
  toServer: (client: Socket, server: Socket) => void,
): Promise<number> {
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      t.after(() => socket.destroy());
    }
    server.pipe(client);
    toServer(client, server);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => relay.close());
  return (relay.address() as AddressInfo).port;
}

/** Byte by byte, so that each is read by itself: the next is written only after loopback and the event loop had a turn. */
export function dripping(client: Socket, server: Socket): void {
  const drip = async (): Promise<void> => {
    for await (const chunk of client) {
      for (const byte of chunk as Buffer) {
        server.write(Buffer.from([byte]));
        await new Promise(setImmediate);
        await new Promise(setImmediate);
      }
    }
  };
  // It ends with its connection.
  drip().catch(() => {});
}

/** All but the end of the connection: the server hears only what the client says by TLS. */
export function neverEnding(client: Socket, server: Socket): void {
  client.pipe(server, { end: false });
}
