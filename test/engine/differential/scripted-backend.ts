import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readRequest } from './strict-message.ts';

/** A connection of the proxy, and how much of what came on it has been understood. */
export interface BackendConnection {
  readonly socket: Socket;
  unread: string;
}

/**
 * A backend with two faces: requests for `/first` it answers with whatever bytes the case wants, all others as a good server
 * would, with the target as the body.
 */
export class ScriptedBackend {
  readonly #server: Server;
  readonly #connections = new Set<BackendConnection>();
  /** Connections on which `/first` has been asked for and nobody has answered yet. */
  readonly asked: BackendConnection[] = [];
  /** By target, on which connection a request came last. */
  readonly askedOn = new Map<string, BackendConnection>();
  faults: string[] = [];

  private constructor() {
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      const connection: BackendConnection = { socket, unread: '' };
      this.#connections.add(connection);
      socket.on('data', (chunk) => this.#read(connection, chunk.toString('latin1')));
      socket.on('end', () => socket.end());
      socket.on('error', () => {});
      socket.on('close', () => this.#connections.delete(connection));
    });
  }

  static async open(): Promise<ScriptedBackend> {
    const backend = new ScriptedBackend();
    backend.#server.listen(0, '127.0.0.1');
    await once(backend.#server, 'listening');
    return backend;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.#connections) socket.destroy();
  }

  #read(connection: BackendConnection, text: string): void {
    connection.unread += text;
    while (connection.unread !== '') {
      const isFirst = /^\S+ \/first /.test(connection.unread);
      // An early answer does not wait for the body, whose rest may never come.
      if (isFirst && connection.unread.includes('\r\n\r\n') && this.askedOn.get('/first') !== connection) {
        this.askedOn.set('/first', connection);
        this.asked.push(connection);
      }
      const reading = readRequest(connection.unread);
      if (reading === 'more') return;
      if ('fault' in reading) {
        this.faults.push(`${reading.fault} at the backend`);
        connection.unread = '';
        connection.socket.destroy();
        return;
      }
      connection.unread = connection.unread.slice(reading.end);
      if (isFirst) continue;
      const [, target] = reading.message.start;
      this.askedOn.set(target, connection);
      connection.socket.write(
        `HTTP/1.1 200 OK\r\nX-Target: ${target}\r\nContent-Length: ${target.length}\r\n\r\n${target}`,
      );
    }
  }
}
