import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { UpstreamRequest } from '../../http/transport.ts';
import { dialOptions } from '../dial-options.ts';

/** Room in front of what is read, for the head that goes to the client before the body. */
export const headroomBytes = 4 * 1024;
/** One read takes this much at most. */
export const readBytes = 64 * 1024;

/**
 * Dials a backend. Reads go into one buffer that is used again and again; node would allocate 64 KiB for each.
 *
 * @param protocol that it is asked to switch to: its connection may be half closed then.
 * @param onRead called with the bytes of each read; returns false when they are still in use, and nothing is read until `resume`.
 */
export function dialBackend(
  { peer, head }: UpstreamRequest,
  protocol: string | undefined,
  onRead: (bytes: Buffer, length: number) => boolean,
): Socket {
  const buffer = Buffer.allocUnsafeSlow(headroomBytes + readBytes).subarray(headroomBytes);
  const options = {
    ...dialOptions(peer, head, protocol ?? null),
    host: peer.host,
    port: peer.port,
    onread: { buffer, callback: (length: number) => onRead(buffer, length) },
    noDelay: true,
  };
  return peer.scheme === 'https' ? connectTls(options as object) : connect(options as unknown as TcpNetConnectOpts);
}
