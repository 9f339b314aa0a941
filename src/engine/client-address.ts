import type { Socket } from 'node:net';
import type { Client } from '../http/transport.ts';

/** The client at the other end of a socket. */
export function clientOf(socket: Socket, { secure }: { readonly secure: boolean }): Client {
  const { remoteAddress = '', remotePort: port = 0, localPort = 0 } = socket;
  return { address: plainAddress(remoteAddress), port, localPort, secure, memory: null };
}

/** IPv4 that came over a dual-stack socket is written as IPv4, and a zone (`fe80::1%eth0`) is no part of an address. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%', 1);
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}
