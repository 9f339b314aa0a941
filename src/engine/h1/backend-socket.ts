import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { dialOptions } from '../dial-options.ts';
import type { BackendSessions } from './backend-sessions.ts';
import type { ConnectionCall } from './connection-call.ts';

/** Room in front of what is read, for the head that goes to the client before the body. */
export const headroomBytes = 4 * 1024;
/** One read takes this much at most. */
export const readBytes = 64 * 1024;

/** Called with the bytes of each read; returns false when they are still in use, and nothing is read until `resume`. */
type OnRead = (bytes: Buffer, length: number) => boolean;

/** Dials a backend. Reads go into one buffer that is used again and again; node would allocate 64 KiB for each. */
export function dialBackend(call: ConnectionCall, sessions: BackendSessions, onRead: OnRead): Socket {
  const { peer, head } = call.request;
  const options = {
    ...dialOptions(peer, head, call.switching?.protocol ?? null),
    host: peer.host,
    port: peer.port,
    noDelay: true,
  };
  const buffer = Buffer.allocUnsafeSlow(headroomBytes + readBytes).subarray(headroomBytes);
  if (peer.scheme === 'https') {
    const { servername = '' } = options;
    const session = sessions.get(peer.id, servername);
    const socket = connectTls({ ...options, session } as ConnectionOptions);
    sessions.watch(socket, peer.id, servername);
    return readSecure(socket, buffer, onRead);
  }
  const onread = { buffer, callback: (length: number) => onRead(buffer, length) };
  return connect({ ...options, onread } as unknown as TcpNetConnectOpts);
}

/**
 * Over TLS node (26.10) does not stop where its own way to read into one buffer asks for it: records that have arrived already
 * go on overwriting bytes that are in use. Its stream does stop.
 */
function readSecure(socket: Socket, buffer: Buffer, onRead: OnRead): Socket {
  return socket.on('data', (chunk: Buffer) => {
    // A chunk is one record at most, 16 KiB.
    buffer.set(chunk);
    if (!onRead(buffer, chunk.length)) socket.pause();
  });
}
