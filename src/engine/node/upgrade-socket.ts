import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a client may send behind its handshake before it is answered; more waits in the kernel. */
const earlyBytesMax = 64 * 1024;

/**
 * The socket of an upgrade request between its head and the decision: kept reading, because otherwise nobody would notice
 * that the client left, and what comes is kept for the tunnel.
 */
export class UpgradeSocket {
  readonly #socket: Socket;
  readonly #response: ServerResponse;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #released = false;
  #taken = false;

  constructor(socket: Socket, response: ServerResponse, head: Buffer) {
    this.#socket = socket;
    this.#response = response;
    if (head.length > 0) this.#onData(head);
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
  }

  get hasEarly(): boolean {
    return this.#earlyBytes > 0;
  }

  get taken(): boolean {
    return this.#taken;
  }

  take(): { socket: Duplex; early: Uint8Array } {
    this.release();
    this.#taken = true;
    return { socket: this.#socket, early: Buffer.concat(this.#early) };
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    this.#socket.pause();
    // After its end, a response has let go by itself.
    if (this.#response.socket !== null) this.#response.detachSocket(this.#socket);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= earlyBytesMax) this.#socket.pause();
  };

  /** node's server passes this on only for sockets that its parser still holds. */
  readonly #onDrain = (): void => {
    this.#response.emit('drain');
  };
}
