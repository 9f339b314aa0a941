import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * The sockets of this process, so that one end of a connection finds the other: where client, proxy and backend live together,
 * nobody has to guess what has been read. By both ports, because the kernel gives one port to connections to several.
 */
class OtherEnds {
  readonly #sockets = new Map<string, Socket>();

  add(socket: Socket): void {
    const key = `${socket.localPort} ${socket.remotePort}`;
    this.#sockets.set(key, socket);
    socket.once('close', () => this.#sockets.get(key) === socket && this.#sockets.delete(key));
  }

  /** The socket at the other end of this one. */
  of({ localPort, remotePort }: Socket): Socket | undefined {
    return this.#sockets.get(`${remotePort} ${localPort}`);
  }
}

/** Connections that were accepted. */
export const accepted = new OtherEnds();
subscribe('net.server.socket', (message) => accepted.add((message as { socket: Socket }).socket));

/** Connections that were dialled. */
export const dialled = new OtherEnds();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  socket.once('connect', () => dialled.add(socket));
});

/** How many turns of the event loop node's own streams may need to hand on what they have read. */
const settlingTurns = 4;
const patienceMs = 10_000;

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns the event loop until it is so; there is no sleep in it, and the limit is met by bugs only. */
export async function until<T>(ready: () => T | undefined | false, what = 'the proxy to come to rest'): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = ready();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await turn();
  }
}

/** Until it is so, and stays so for some turns of the event loop. */
export async function settled(isSettled: () => boolean): Promise<void> {
  for (let turns = 0; turns < settlingTurns; ) {
    await until(isSettled);
    await turn();
    turns = isSettled() ? turns + 1 : 0;
  }
}
