import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsIdentity } from '../../http/transport.ts';
import { type IdentityUse, serverOptions } from './server-options.ts';

/**
 * For each identity a server of node's, which does not listen: connections are handed to it. It is made when it is first needed
 * and goes with its identity; connections that it has ended TLS for live on.
 */
export class IdentityServers {
  readonly #protocols: readonly string[];
  readonly #onSecure: (socket: TLSSocket) => void;
  readonly #known: Record<IdentityUse, WeakMap<TlsIdentity, SealedServer>> = {
    serve: new WeakMap(),
    challenge: new WeakMap(),
  };
  #ticketKeys: Buffer;

  /** @param protocols for ALPN, in the order in which they are preferred. */
  constructor(protocols: readonly string[], ticketKeys: Uint8Array, onSecure: (socket: TLSSocket) => void) {
    this.#protocols = protocols;
    this.#ticketKeys = Buffer.from(ticketKeys);
    this.#onSecure = onSecure;
  }

  /** Seals tickets with these 48 bytes from now on. What was sealed with others cannot be read any more. */
  seal(ticketKeys: Uint8Array): void {
    this.#ticketKeys = Buffer.from(ticketKeys);
  }

  /** @throws where its PEM cannot be used. */
  get(identity: TlsIdentity, use: IdentityUse): Server {
    const known = this.#known[use];
    let entry = known.get(identity);
    if (entry === undefined) {
      const options = serverOptions(identity, use, this.#protocols);
      const server = createServer({ ...options, ticketKeys: this.#ticketKeys }, this.#onSecure);
      entry = { server, sealedWith: this.#ticketKeys };
      known.set(identity, entry);
    } else if (entry.sealedWith !== this.#ticketKeys) {
      entry.server.setTicketKeys(this.#ticketKeys);
      entry.sealedWith = this.#ticketKeys;
    }
    return entry.server;
  }
}

interface SealedServer {
  readonly server: Server;
  sealedWith: Buffer;
}
