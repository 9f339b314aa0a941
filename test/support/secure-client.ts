import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { eventually } from './engine.ts';
import { RawSocket } from './raw-socket.ts';
import { isRefusedName } from './secure-proxy.ts';

type SecureClient = RawSocket & { readonly socket: TLSSocket };

/**
 * Shakes hands with a port of this machine; the connection is gone with the test. Rejects with the alert where it is refused, but
 * for a name that the worker does not know yet: then it tries again.
 */
export function secureClient(t: TestContext, port: number, options: ConnectionOptions): Promise<SecureClient> {
  return eventually(`${options.servername} is known`, () =>
    secureClientOnce(t, port, options).catch((error: unknown) => {
      if (isRefusedName(error)) return undefined;
      throw error;
    }),
  );
}

/** As `secureClient`, whatever comes of it. */
export async function secureClientOnce(
  t: TestContext,
  port: number,
  options: ConnectionOptions,
): Promise<SecureClient> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  t.after(() => socket.destroy());
  const client = new RawSocket(socket);
  await once(socket, 'secureConnect');
  return client as SecureClient;
}
