import type { Socket } from 'node:net';

/** How long a test waits for bytes before it says what came instead. */
const patienceMs = 5_000;

/** One end of a connection as bytes (latin1): what a test wants to see where framing matters. */
export class RawSocket {
  readonly socket: Socket;
  readonly #below: Socket;
  /** How the other side ended the connection: FIN, or RST. */
  readonly closed: Promise<'ended' | 'reset'>;
  #unread = '';
  #ended = false;
  #wake: (() => void) | null = null;

  /** @param below what carries it, where it is a socket of TLS. */
  constructor(socket: Socket, below = socket) {
    this.socket = socket;
    this.#below = below;
    let how: 'ended' | 'reset' = 'ended';
    socket.on('data', (chunk: Buffer) => {
      this.#unread += chunk.toString('latin1');
      this.#wake?.();
    });
    socket.on('error', () => {
      how = 'reset';
    });
    socket.on('end', () => this.#end());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#end();
        resolve(how);
      });
    });
  }

  /** What has arrived and has not been read by the test. */
  get unread(): string {
    return this.#unread;
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  end(): void {
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    this.#below.resetAndDestroy();
  }

  /** Reads up to and including the marker. */
  async until(marker: string): Promise<string> {
    await this.#wait(() => this.#unread.includes(marker), `"${marker}"`);
    return this.#take(this.#unread.indexOf(marker) + marker.length);
  }

  /** Reads a head: start line, fields, empty line. */
  head(): Promise<string> {
    return this.until('\r\n\r\n');
  }

  async bytes(count: number): Promise<string> {
    await this.#wait(() => this.#unread.length >= count, `${count} bytes`);
    return this.#take(count);
  }

  /** Reads everything up to the end of the connection. */
  async rest(): Promise<string> {
    await this.#wait(() => this.#ended, 'the end');
    return this.#take(this.#unread.length);
  }

  #take(count: number): string {
    const taken = this.#unread.slice(0, count);
    this.#unread = this.#unread.slice(count);
    return taken;
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #wait(isThere: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    while (!isThere()) {
      const ended = this.#ended;
      if (ended || signal.aborted) {
        const got = JSON.stringify(this.#unread.slice(0, 2000));
        throw new Error(`waited for ${what}, but ${ended ? 'the connection ended' : 'nothing came'} after ${got}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
