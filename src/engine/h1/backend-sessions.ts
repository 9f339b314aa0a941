import type { TLSSocket } from 'node:tls';

/** Of each backend the last session; more are only kept for a while. */
export const sessionsMax = 1_000;

/** Sessions of TLS with backends, so that another connection costs neither side a full handshake. */
export class BackendSessions {
  /** Those used longest ago first. */
  readonly #known = new Map<string, Buffer>();

  /** Of this peer, under this server name: it stands for a certificate that was verified, or not, as the peer asks. */
  get(peerId: string, servername: string): Buffer | undefined {
    return this.#known.get(keyOf(peerId, servername));
  }

  /** Keeps what the backend gives on this connection, and forgets what it did not take. */
  watch(socket: TLSSocket, peerId: string, servername: string): void {
    const key = keyOf(peerId, servername);
    socket.on('session', (session) => {
      this.#known.delete(key);
      this.#known.set(key, session);
      if (this.#known.size > sessionsMax) this.#known.delete(this.#known.keys().next().value as string);
    });
    const forget = (): void => void this.#known.delete(key);
    socket.once('error', forget);
    socket.once('secureConnect', () => socket.off('error', forget));
  }
}

function keyOf(peerId: string, servername: string): string {
  return `${servername} ${peerId}`;
}
