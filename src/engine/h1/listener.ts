import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Listener, ListenOptions } from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { ClientConnection } from './client-connection.ts';
import type { ConnectionWorld } from './connection-world.ts';
import type { Deadlines } from './deadlines.ts';

/** Accepts connections and reads them by our own codec. */
export class H1Listener implements Listener, ConnectionWorld {
  readonly options: ListenOptions;
  readonly deadlines: Deadlines;
  readonly stallMs: number;
  readonly lingerMs: number;
  draining = false;
  port = 0;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  #accepted = 0;
  #drained: Promise<void> | null = null;

  private constructor(options: ListenOptions, engine: EngineOptions, deadlines: Deadlines) {
    this.options = options;
    this.deadlines = deadlines;
    this.stallMs = engine.stallMs;
    this.lingerMs = engine.lingerMs;
    // Half-open, so that a client that closes its side is noticed by us and not answered by a FIN before our answer.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: false }, (socket) => {
      this.#accepted++;
      this.#connections.add(new ClientConnection(socket, this));
    });
  }

  static async listen(options: ListenOptions, engine: EngineOptions, deadlines: Deadlines): Promise<H1Listener> {
    const listener = new H1Listener(options, engine, deadlines);
    const { host, port, reusePort } = options;
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen({ port, reusePort, ...(host === undefined ? {} : { host }) }, () => {
        listener.#server.off('error', reject);
        resolve();
      });
    });
    listener.port = (listener.#server.address() as AddressInfo).port;
    return listener;
  }

  counts(): { readonly active: number; readonly accepted: number } {
    return { active: this.#connections.size, accepted: this.#accepted };
  }

  closed(connection: ClientConnection): void {
    this.#connections.delete(connection);
  }

  drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      this.draining = true;
      this.#server.close(() => resolve());
      for (const connection of this.#connections) connection.drain();
    });
    return this.#drained;
  }

  close(): void {
    void this.drain();
    for (const connection of this.#connections) connection.destroy();
  }
}
