import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { TestContext } from 'node:test';
import { RawSocket } from './raw-socket.ts';

/** A backend that answers nothing by itself: the test takes its connections one by one, reads and writes bytes. */
export class RawBackend {
  readonly #server: Server;
  readonly #waiting: ((socket: RawSocket) => void)[] = [];
  readonly #arrived: RawSocket[] = [];
  /** Every connection so far. */
  readonly connections: RawSocket[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      const raw = new RawSocket(socket);
      this.connections.push(raw);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(raw);
      else waiting(raw);
    });
  }

  /** @param port 0 = a free one. */
  static async open(t: TestContext, port = 0): Promise<RawBackend> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const backend = new RawBackend(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => backend.close());
    return backend;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection that no test has taken. */
  next(): Promise<RawSocket> {
    const arrived = this.#arrived.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  /** Answers every request head, on every connection from now on, with the same bytes. */
  always(answer: string): this {
    const serve = async (): Promise<never> => {
      const connection = await this.next();
      serve().catch(() => {});
      for (;;) {
        await connection.head();
        connection.write(answer);
      }
    };
    // Each loop ends with its connection.
    serve().catch(() => {});
    return this;
  }

  close(): void {
    this.#server.close();
    for (const connection of this.connections) connection.socket.destroy();
  }
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
