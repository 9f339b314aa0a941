import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import type { Client, ClientHello, ListenOptions, TlsIdentity, TlsTerms, TlsVerdict } from '../../http/transport.ts';
import { Farewell } from '../h1/farewell.ts';
import { IdleTimer } from '../idle-timer.ts';
import { type Alert, alertRecord } from './alert.ts';
import { type FirstWords, HelloReader, helloBytesMax } from './hello-reader.ts';
import type { IdentityServers } from './identity-servers.ts';
import { challengeProtocol, type IdentityUse } from './server-options.ts';

/** What all handshakes of a listener share. */
export interface HandshakeWorld {
  readonly options: ListenOptions;
  readonly terms: TlsTerms;
  readonly lingerMs: number;
  readonly servers: IdentityServers;
  /** Hands the connection to the server, which tells of it once TLS stands. */
  begin(handshake: Handshake, socket: Socket, server: Server): void;
  /** TLS stands, and HTTP may be spoken. */
  onSecure(handshake: Handshake, socket: TLSSocket, client: Client): void;
  /** It ended, and no HTTP was spoken. */
  onEnd(handshake: Handshake): void;
}

/**
 * hello: the ClientHello is awaited, or half read. decision: which certificate to show is not known yet. tls: the handshake proper.
 * farewell: the last words are out, and what still comes is thrown away. over: closed, or somebody else's.
 */
type HandshakePhase = 'hello' | 'decision' | 'tls' | 'farewell' | 'over';

/**
 * A connection from its accept until TLS stands. The ClientHello is read by ourselves, because all that follows depends on it;
 * then its bytes are put back, and node reads them as if nobody had.
 */
export class Handshake {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #world: HandshakeWorld;
  readonly #reader = new HelloReader();
  readonly #farewell: Farewell;
  #deadline: IdleTimer;
  #phase: HandshakePhase = 'hello';
  #hello: ClientHello = { serverName: null, protocols: [] };
  #identity: TlsIdentity | null = null;
  #use: IdentityUse = 'serve';

  constructor(socket: Socket, client: Client, world: HandshakeWorld) {
    this.client = client;
    this.#socket = socket;
    this.#world = world;
    this.#farewell = new Farewell(socket);
    this.#deadline = this.#within(world.options.limits.headTimeoutMs);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', () => {});
    socket.once('close', this.#onClose);
  }

  /** In the words of `/status`. */
  get activity(): 'reading' | 'waiting' {
    return this.#phase === 'hello' && this.#reader.empty ? 'waiting' : 'reading';
  }

  /** Ends it if nothing was said yet. */
  endIfIdle(): boolean {
    if (this.activity !== 'waiting') return false;
    this.destroy();
    return true;
  }

  destroy(): void {
    this.#phase = 'over';
    this.#socket.destroy();
  }

  /** TLS stands. */
  secured(secure: TLSSocket): void {
    const { client } = this;
    switch (this.#use) {
      case 'serve':
        this.#phase = 'over';
        this.#deadline.stop();
        secure.allowHalfOpen = true;
        this.#world.onSecure(this, secure, {
          ...client,
          tls: { serverName: this.#hello.serverName, identity: this.#identity as TlsIdentity },
        });
        break;
      case 'challenge':
        // That it came about is all that an issuer wants to see (RFC 8737 §3).
        secure.on('error', () => {});
        secure.destroySoon();
        break;
      default:
        this.#use satisfies never;
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    switch (this.#phase) {
      case 'hello':
        this.#heard(this.#reader.read(chunk));
        break;
      case 'decision':
        // Read on, so that a client that leaves is noticed; one that pours has to wait.
        this.#reader.append(chunk);
        if (this.#reader.bytes.length > helloBytesMax) this.#socket.pause();
        break;
      case 'farewell':
        this.#farewell.hear(chunk);
        break;
      case 'tls':
      case 'over':
        break;
      default:
        this.#phase satisfies never;
    }
  };

  #heard(words: FirstWords | null): void {
    switch (words?.kind) {
      case undefined:
        break;
      case 'hello':
        this.#phase = 'decision';
        this.#hello = words.hello;
        this.#ask();
        break;
      case 'http':
        this.#farewell.refuse(this.#world, { reason: 'plain-http', accept: undefined, bodyless: false });
        this.#linger();
        break;
      case 'bad':
        this.#alert(words.alert);
        break;
      default:
        words satisfies never;
    }
  }

  #ask(): void {
    const { terms } = this.#world;
    try {
      const verdict = terms.decide(this.#hello);
      if (!(verdict instanceof Promise)) this.#decided(verdict);
      else {
        verdict.then(
          (later) => this.#decided(later),
          () => this.#failed(),
        );
      }
    } catch {
      this.#failed();
    }
  }

  #decided(verdict: TlsVerdict): void {
    if (this.#phase !== 'decision') return;
    switch (verdict.kind) {
      case 'serve':
        this.#show(verdict.identity, 'serve');
        break;
      case 'challenge':
        // To whom would only serve with it, the certificate of a challenge is a strange one.
        if (this.#hello.protocols.includes(challengeProtocol)) this.#show(verdict.identity, 'challenge');
        else this.#alert('no_application_protocol');
        break;
      case 'refuse':
        this.#alert('unrecognized_name');
        break;
      default:
        verdict satisfies never;
    }
  }

  #show(identity: TlsIdentity, use: IdentityUse): void {
    let server: Server;
    try {
      server = this.#world.servers.get(identity, use);
    } catch {
      this.#failed();
      return;
    }
    const socket = this.#socket;
    this.#phase = 'tls';
    this.#identity = identity;
    this.#use = use;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.pause();
    // Nobody hears of an end before TLS stands, so that node has to act on it.
    socket.allowHalfOpen = false;
    socket.unshift(this.#reader.bytes);
    this.#world.begin(this, socket, server);
  }

  /** No certificate can be shown, and the client is not to blame. */
  #failed(): void {
    if (this.#phase === 'decision') this.#alert('internal_error');
  }

  #alert(alert: Alert): void {
    this.#socket.write(alertRecord(alert));
    this.#linger();
  }

  /** Until the client has read the last words; closed with bytes unread, it might get an RST in their place (RFC 9112 §9.6). */
  #linger(): void {
    this.#phase = 'farewell';
    this.#deadline.stop();
    this.#deadline = this.#within(this.#world.lingerMs);
    this.#farewell.begin();
  }

  readonly #onEnd = (): void => this.destroy();

  readonly #onClose = (): void => {
    this.#phase = 'over';
    this.#deadline.stop();
    this.#world.onEnd(this);
  };

  #within(ms: number): IdleTimer {
    const timer = new IdleTimer(ms, () => this.destroy());
    timer.touch();
    return timer;
  }
}
