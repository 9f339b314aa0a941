import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import type { Client, ListenerActivity, ListenOptions, TlsTerms } from '../../http/transport.ts';
import { activityOf, sumOf } from '../activity.ts';
import { carry } from '../cut.ts';
import { IdleSearch } from '../idle-search.ts';
import { Handshake, type HandshakeWorld } from './handshake.ts';
import type { Http2Acceptor } from './http2-acceptor.ts';
import { IdentityServers } from './identity-servers.ts';

export interface TlsPortOptions {
  readonly options: ListenOptions;
  readonly terms: TlsTerms;
  /** How long last words wait to be read; ms. */
  readonly lingerMs: number;
  /** Null: only HTTP/1.1 is offered. */
  readonly http2: Http2Acceptor | null;
  /** Called with a connection that speaks HTTP/1.1. */
  readonly speak: (socket: TLSSocket, client: Client) => void;
}

/**
 * What a listener with TLS has beside its connections of HTTP/1.1: those in their handshake, and those of HTTP/2. Whoever accepts
 * counts all of them in, and out when their sockets close.
 */
export class TlsPort implements HandshakeWorld {
  readonly options: ListenOptions;
  readonly terms: TlsTerms;
  readonly lingerMs: number;
  readonly servers: IdentityServers;
  readonly #http2: Http2Acceptor | null;
  readonly #speak: (socket: TLSSocket, client: Client) => void;
  readonly #handshakes = new Set<Handshake>();
  readonly #idle = new IdleSearch(this.#handshakes);
  /** Those that node's servers are busy with, by the ends of their connections. */
  readonly #begun = new Map<string, { readonly handshake: Handshake; readonly socket: Socket }>();

  constructor({ options, terms, lingerMs, http2, speak }: TlsPortOptions) {
    this.options = options;
    this.terms = terms;
    this.lingerMs = lingerMs;
    this.#http2 = http2;
    this.#speak = speak;
    const protocols = http2 === null ? ['http/1.1'] : ['h2', 'http/1.1'];
    this.servers = new IdentityServers(protocols, terms.ticketKeys, (secure) => this.#secured(secure));
  }

  accept(socket: Socket, client: Client): void {
    this.#handshakes.add(new Handshake(socket, client, this));
  }

  sealTickets(ticketKeys: Uint8Array): void {
    this.servers.seal(ticketKeys);
  }

  activity(): ListenerActivity {
    const shaking = activityOf(this.#handshakes);
    return this.#http2 === null ? shaking : sumOf(shaking, this.#http2.activity());
  }

  /** Ends one that waits, of this address or of any. */
  endOneIdle(address?: string): boolean {
    return this.#idle.endOne(address) || (this.#http2?.endOneIdle(address) ?? false);
  }

  /** A handshake under way goes on to its first request, as a head does that is half read. */
  drain(): void {
    for (const handshake of this.#handshakes) handshake.endIfIdle();
    void this.#http2?.drain();
  }

  close(): void {
    for (const handshake of this.#handshakes) handshake.destroy();
    this.#http2?.close();
  }

  begin(handshake: Handshake, socket: Socket, server: Server): void {
    const ends = endsOf(socket);
    if (ends === null) {
      socket.destroy();
      return;
    }
    const begun = { handshake, socket };
    this.#begun.set(ends, begun);
    socket.once('close', () => {
      // The client may have come again from the same port.
      if (this.#begun.get(ends) === begun) this.#begun.delete(ends);
    });
    server.emit('connection', socket);
  }

  onSecure(handshake: Handshake, socket: TLSSocket, client: Client): void {
    this.#handshakes.delete(handshake);
    if (socket.alpnProtocol === 'h2' && this.#http2 !== null) this.#http2.accept(socket, client);
    else this.#speak(socket, client);
  }

  onEnd(handshake: Handshake): void {
    this.#handshakes.delete(handshake);
  }

  #secured(secure: TLSSocket): void {
    const ends = endsOf(secure);
    const begun = ends === null ? undefined : this.#begun.get(ends);
    if (begun === undefined) {
      secure.destroy();
      return;
    }
    carry(secure, begun.socket);
    begun.handshake.secured(secure);
  }
}

/** Names a connection: node does not say which socket a `TLSSocket` was made of. Null where the client has reset it meanwhile. */
function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string | null {
  return remoteAddress === undefined ? null : `${localAddress} ${remoteAddress} ${remotePort}`;
}
