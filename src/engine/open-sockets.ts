import type { Socket } from 'node:net';
import type { Admission } from '../http/transport.ts';

/** The sockets of a listener, from when they were let in until they are gone, whatever is spoken on them and by whom. */
export class OpenSockets {
  readonly #admission: Admission | undefined;
  #count = 0;
  #onNone: (() => void) | null = null;

  constructor(admission: Admission | undefined) {
    this.#admission = admission;
  }

  /** @param address as it was let in under. */
  add(socket: Socket, address: string): void {
    this.#count++;
    socket.once('close', () => {
      this.#admission?.leave(address);
      if (--this.#count === 0) this.#onNone?.();
    });
  }

  /** Resolves when none is left; to be asked once nothing new is accepted. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNone = resolve;
      if (this.#count === 0) resolve();
    });
  }
}
