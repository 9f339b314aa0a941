import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readRequest, type StrictMessage } from './strict-message.ts';

/** A request as it came to the backend. */
export interface Recorded {
  /** Counts all requests of a recorder; the answer carries it. */
  readonly serial: number;
  readonly message: StrictMessage;
}

/** What one case left at the backend. */
export interface Record {
  readonly requests: readonly Recorded[];
  /** Beginnings of requests that never ended. */
  readonly partial: readonly string[];
  /** Bytes that are no requests. */
  readonly faults: readonly string[];
}

interface Connection {
  readonly socket: Socket;
  unread: string;
  continued: boolean;
}

/**
 * A backend that reads what it is sent with the strict parser, answers every whole request with its serial number, and takes
 * note of everything else.
 */
export class Recorder {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #requests: Recorded[] = [];
  #partial: string[] = [];
  #faults: string[] = [];
  #serial = 0;

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      const connection: Connection = { socket, unread: '', continued: false };
      this.#connections.add(connection);
      socket.on('data', (chunk) => this.#read(connection, chunk.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#connections.delete(connection);
        if (connection.unread !== '') this.#partial.push(connection.unread);
      });
    });
  }

  static async open(): Promise<Recorder> {
    const recorder = new Recorder();
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    return recorder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** No request has begun that could still end. */
  get settled(): boolean {
    for (const { unread } of this.#connections) if (unread !== '') return false;
    return true;
  }

  /** What has come since the last time. */
  take(): Record {
    const record = { requests: this.#requests, partial: this.#partial, faults: this.#faults };
    this.#requests = [];
    this.#partial = [];
    this.#faults = [];
    return record;
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.#connections) socket.destroy();
  }

  #read(connection: Connection, text: string): void {
    connection.unread += text;
    while (connection.unread !== '') {
      const reading = readRequest(connection.unread);
      if (reading === 'more') {
        this.#askForBody(connection);
        return;
      }
      if ('fault' in reading) {
        this.#faults.push(`${reading.fault} in ${JSON.stringify(connection.unread)}`);
        connection.unread = '';
        connection.socket.destroy();
        return;
      }
      connection.unread = connection.unread.slice(reading.end);
      connection.continued = false;
      this.#answer(connection.socket, reading.message);
    }
  }

  #askForBody(connection: Connection): void {
    if (connection.continued || !/\r\nexpect: *100-continue\r\n[\s\S]*\r\n\r\n$/i.test(connection.unread)) return;
    connection.continued = true;
    connection.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  #answer(socket: Socket, message: StrictMessage): void {
    const serial = ++this.#serial;
    this.#requests.push({ serial, message });
    const body = message.start[0] === 'HEAD' ? '' : `serial ${serial}`;
    socket.write(
      `HTTP/1.1 200 OK\r\nX-Serial: ${serial}\r\nContent-Length: ${`serial ${serial}`.length}\r\n\r\n${body}`,
    );
  }
}
