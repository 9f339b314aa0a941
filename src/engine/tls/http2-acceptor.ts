import type { TLSSocket } from 'node:tls';
import type { Client, ListenerActivity } from '../../http/transport.ts';

/**
 * Speaks HTTP/2 on connections whose handshake has settled it. The listener that hands them over has counted them in, and counts
 * them out when their sockets close.
 */
export interface Http2Acceptor {
  accept(socket: TLSSocket, client: Client): void;
  /** Takes no more requests; resolves when those under way have ended. */
  drain(): Promise<void>;
  /** Cuts what is left. */
  close(): void;
  activity(): ListenerActivity;
  /** Ends a connection on which nothing is asked, of this address or of any, and says whether there was one. */
  endOneIdle(address?: string): boolean;
}
