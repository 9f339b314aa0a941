import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { RawSocket } from './raw-socket.ts';

/** Connects to a port of this machine; the connection is gone with the test. */
export async function rawClient(t: TestContext, port: number, host = '127.0.0.1'): Promise<RawSocket> {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
  t.after(() => socket.destroy());
  const client = new RawSocket(socket);
  await once(socket, 'connect');
  return client;
}
