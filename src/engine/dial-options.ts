import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { readAuthority } from '../http/authority.ts';
import type { RequestHead } from '../http/head.ts';
import type { PeerAddress } from '../http/transport.ts';

export interface DialOptions extends RequestOptions {
  readonly allowHalfOpen: boolean;
  readonly ALPNProtocols?: string[];
}

/** Where to connect, and for TLS with which name; node adds no field by itself. */
export function dialOptions(peer: PeerAddress, head: RequestHead, upgrade: string | null): DialOptions {
  const plain: DialOptions = {
    host: peer.host,
    port: peer.port,
    setHost: false,
    setDefaultHeaders: false,
    // A tunnel may be half closed; an ordinary connection that the backend ends is over.
    allowHalfOpen: upgrade !== null,
  };
  if (peer.scheme === 'http') return plain;
  const name = peer.sni ?? readAuthority(head.authority)?.host ?? '';
  // An address is no server name (RFC 6066 §3).
  const servername = isIP(name) === 0 ? name : '';
  return { ...plain, servername, rejectUnauthorized: peer.verify !== false, ALPNProtocols: ['http/1.1'] };
}
