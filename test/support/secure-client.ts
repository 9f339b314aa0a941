import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { RawSocket } from './raw-socket.ts';

/** Shakes hands with a port of this machine; rejects with the alert where it is refused. The connection is gone with the test. */
export async function secureClient(
  t: TestContext,
  port: number,
  options: ConnectionOptions,
): Promise<RawSocket & { readonly socket: TLSSocket }> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  t.after(() => socket.destroy());
  const client = new RawSocket(socket);
  await once(socket, 'secureConnect');
  return client as RawSocket & { readonly socket: TLSSocket };
}
