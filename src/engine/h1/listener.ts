import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Listener, ListenerActivity, ListenOptions, RefusedConnection } from '../../http/transport.ts';
import { activityOf } from '../activity.ts';
import { plainAddress } from '../client-address.ts';
import type { EngineOptions } from '../options.ts';
import { ClientConnection } from './client-connection.ts';
import type { ConnectionWorld } from './connection-world.ts';
import type { Deadlines } from './deadlines.ts';
import { IdleSearch } from './idle-search.ts';
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
  readonly #connections = new Set<ClientConnection>();
  readonly #idle: IdleSearch;
  #drained: Promise<void> | null = null;

  private constructor(options: ListenOptions, engine: EngineOptions, deadlines: Deadlines) {
    this.options = options;
    this.deadlines = deadlines;
    this.pace = engine;
    this.lingerMs = engine.lingerMs;
    // Half-open, so that a client that closes its side is noticed by us and not answered by a FIN before our answer.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: false }, (socket) =>
      this.#accept(socket),
    );
    this.#idle = new IdleSearch(this.#connections);
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
    return activityOf(this.#connections);
  }

  closed(connection: ClientConnection): void {
    this.#connections.delete(connection);
    this.options.admission?.leave(connection.client.address);
  }

  sealTickets(): void {}

  drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      this.draining = true;
      this.#server.close(() => resolve());
      for (const connection of this.#connections) connection.endIfIdle();
    });
    return this.#drained;
  }

  close(): void {
    void this.drain();
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(socket: Socket): void {
    const { admission } = this.options;
    const address = plainAddress(socket.remoteAddress ?? '');
    const verdict = admission?.enter(address) ?? 'in';
    if (verdict !== 'in') {
      // Who waits makes room for who comes; where an address has too many, only its own.
      const hasRoom = this.#idle.endOne(verdict === 'full' ? undefined : address);
      if (!hasRoom) return this.#refuse(verdict, socket);
      admission?.enter(address, { force: true });
    }
    this.#connections.add(new ClientConnection(socket, this));
  }

  /** Without an answer: whoever has too much to do must not be made to do more. */
  #refuse(why: RefusedConnection, socket: Socket): void {
    socket.on('error', () => {});
    socket.destroy();
    this.options.onRefused?.(why);
  }

  /** No file was left for the next connection, or the kernel had another reason; it is there again, and so is the next. */
  #acceptFailed(): void {
    this.#idle.endOne();
    this.options.onRefused?.('files');
  }
}
