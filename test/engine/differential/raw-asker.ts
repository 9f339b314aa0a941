import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { accepted, turn, until } from './sockets.ts';

/** A client of bytes, and the proxy's end of its connection. */
export class RawAsker {
  readonly #socket: Socket;
  readonly #near: Socket;
  bytes = '';
  /** By an RST. */
  reset = false;
  /** The proxy has said that nothing more comes. */
  over = false;

  private constructor(socket: Socket, near: Socket) {
    this.#socket = socket;
    this.#near = near;
    socket.on('data', (chunk) => {
      this.bytes += chunk.toString('latin1');
    });
    socket.on('end', () => {
      this.over = true;
    });
    socket.on('error', () => {
      this.reset = true;
    });
    socket.on('close', () => {
      this.over = true;
    });
  }

  static async open(port: number): Promise<RawAsker> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    const asker = new RawAsker(socket, await until(() => accepted.of(socket)));
    // The proxy begins to listen to it in the turn after, and what is written until then would come last of all.
    for (let turns = 0; turns < 2; turns++) await turn();
    return asker;
  }

  write(text: string): void {
    if (this.#socket.writable) this.#socket.write(text, 'latin1');
  }

  /** Until all that the proxy has written has come, or the connection has ended. */
  async caughtUp(): Promise<void> {
    await until(
      () => this.over || (this.#isOpen && this.#socket.bytesRead >= this.#near.bytesWritten),
      'the client to be told everything',
    );
  }

  /** As far as the proxy has decided; an end that is on its way is not open. */
  get #isOpen(): boolean {
    return !this.#near.destroyed && !this.#near.writableEnded;
  }

  async close(): Promise<void> {
    this.#socket.end();
    await until(() => this.#socket.destroyed, 'the client connection to end');
  }
}
