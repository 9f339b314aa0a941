import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Client, Listener, ListenerActivity, ListenOptions, RefusedConnection } from '../../http/transport.ts';
import { activityOf, sumOf } from '../activity.ts';
import { clientOf } from '../client-address.ts';
import { H2Server } from '../h2/h2-server.ts';
import { IdleSearch } from '../idle-search.ts';
import { OpenSockets } from '../open-sockets.ts';
import type { EngineOptions } from '../options.ts';
import { TlsPort } from '../tls/tls-port.ts';
import { adopt } from './adopt.ts';
import { ClientConnection } from './client-connection.ts';
import { ClientReads } from './client-reads.ts';
import type { ConnectionWorld } from './connection-world.ts';
import type { Deadlines } from './deadlines.ts';
import type { Pace } from './patience.ts';

/** Accepts connections and reads them by our own codec. */
export class H1Listener implements Listener, ConnectionWorld {
  readonly options: ListenOptions;
  readonly deadlines: Deadlines;
  readonly pace: Pace;
  readonly lingerMs: number;
  draining = false;
  port = 0;
  readonly #server: Server;
  readonly #open: OpenSockets;
  readonly #connections = new Set<ClientConnection>();
  readonly #idle: IdleSearch;
  /** Null on a plain listener. */
  readonly #tls: TlsPort | null;
  #drained: Promise<void> | null = null;

  private constructor(options: ListenOptions, engine: EngineOptions, deadlines: Deadlines) {
    this.options = options;
    this.#open = new OpenSockets(options.admission);
    this.deadlines = deadlines;
    this.pace = engine;
    this.lingerMs = engine.lingerMs;
    // Half-open, so that a client that closes its side is noticed by us and not answered by a FIN before our answer.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: false }, (socket) =>
      this.#accept(socket),
    );
    this.#idle = new IdleSearch(this.#connections);
    const { tls: terms } = options;
    const speak = (secure: Socket, client: Client): void => this.#speak(secure, client, null);
    this.#tls =
      terms === undefined
        ? null
        : new TlsPort({ options, terms, lingerMs: engine.lingerMs, http2: new H2Server(options, engine), speak });
  }

  static async listen(options: ListenOptions, engine: EngineOptions, deadlines: Deadlines): Promise<H1Listener> {
    const listener = new H1Listener(options, engine, deadlines);
    const { host, port, reusePort } = options;
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen({ port, reusePort, ...(host === undefined ? {} : { host }) }, () => {
        listener.#server.off('error', reject);
        listener.#server.on('error', () => listener.#acceptFailed());
        resolve();
      });
    });
    listener.port = (listener.#server.address() as AddressInfo).port;
    return listener;
  }

  activity(): ListenerActivity {
    const now = activityOf(this.#connections);
    return this.#tls === null ? now : sumOf(now, this.#tls.activity());
  }

  closed(connection: ClientConnection): void {
    this.#connections.delete(connection);
  }

  sealTickets(ticketKeys: Uint8Array): void {
    this.#tls?.sealTickets(ticketKeys);
  }

  drain(): Promise<void> {
    if (this.#drained === null) {
      this.draining = true;
      this.#server.close();
      for (const connection of this.#connections) connection.endIfIdle();
      this.#tls?.drain();
      this.#drained = this.#open.gone();
    }
    return this.#drained;
  }

  close(): void {
    void this.drain();
    for (const connection of this.#connections) connection.destroy();
    this.#tls?.close();
  }

  #accept(socket: Socket): void {
    const { admission } = this.options;
    const client = clientOf(socket, { secure: this.#tls !== null });
    const { address } = client;
    const verdict = admission?.enter(address) ?? 'in';
    if (verdict !== 'in') {
      // Who waits makes room for who comes; where an address has too many, only its own.
      if (!this.#endOneIdle(verdict === 'full' ? undefined : address)) return this.#refuse(verdict, socket);
      admission?.enter(address, { force: true });
    }
    if (this.#tls === null) {
      const reads = new ClientReads();
      const adopted = adopt(socket, reads);
      this.#open.add(adopted ?? socket, address);
      this.#speak(adopted ?? socket, client, adopted === null ? null : reads);
      return;
    }
    this.#open.add(socket, address);
    this.#tls.accept(socket, client);
  }

  #speak(socket: Socket, client: Client, reads: ClientReads | null): void {
    this.#connections.add(new ClientConnection(socket, client, this, reads));
  }

  #endOneIdle(address?: string): boolean {
    return this.#idle.endOne(address) || (this.#tls?.endOneIdle(address) ?? false);
  }

  /** Without an answer: whoever has too much to do must not be made to do more. */
  #refuse(why: RefusedConnection, socket: Socket): void {
    socket.on('error', () => {});
    socket.destroy();
    this.options.onRefused?.(why);
  }

  /** No file was left for the next connection, or the kernel had another reason; it is there again, and so is the next. */
  #acceptFailed(): void {
    this.#endOneIdle();
    this.options.onRefused?.('files');
  }
}
