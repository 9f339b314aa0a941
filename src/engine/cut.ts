import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Ends a connection so that its other side sees that this is not the end of what was to come: by an RST. Over TLS, where node
 * throws instead, the missing close_notify says so (RFC 8446 §6.1).
 */
export function cut(socket: Duplex): void {
  if (socket.destroyed) return;
  if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  else socket.destroy();
}
