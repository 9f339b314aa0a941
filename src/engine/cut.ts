import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

const carriers = new WeakMap<TLSSocket, Socket>();

/**
 * Ends a connection so that its other side sees that this is not the end of what was to come: by an RST. Over TLS the socket below
 * has to do it, because node throws where a TLS socket is asked; where that is not known, the missing close_notify says so
 * (RFC 8446 §6.1), which not every client minds. A stream of HTTP/2, which with an error is reset and not ended, must have somebody
 * who listens to that.
 */
export function cut(socket: Duplex): void {
  if (socket.destroyed) return;
  const below = socket instanceof TLSSocket ? carriers.get(socket) : socket;
  if (!(below instanceof Socket)) socket.destroy(socket instanceof TLSSocket ? undefined : new Error('cut'));
  // What is about to send its FIN node cannot reset (26.10): it says EINVAL, and the socket stays.
  else if (below.writableEnded && !below.writableFinished) socket.destroy();
  else below.resetAndDestroy();
}

/** Tells what carries a connection over TLS. */
export function carry(secure: TLSSocket, below: Socket): void {
  carriers.set(secure, below);
}
