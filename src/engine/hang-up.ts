import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Ends a connection on which nothing is owed. Over TLS this is said (close_notify, RFC 8446 §6.1), so that it is no truncation,
 * unless something is still in its way.
 *
 * @param waitMs how long a client that takes nothing keeps the end from being said; 0 = for ever.
 */
export function hangUp(socket: Socket, waitMs: number): void {
  if (!(socket instanceof TLSSocket) || socket.writableLength > 0) {
    socket.destroy();
    return;
  }
  // Nobody looks at what still comes.
  socket.pause();
  socket.setTimeout(waitMs, () => socket.destroy());
  socket.destroySoon();
}
