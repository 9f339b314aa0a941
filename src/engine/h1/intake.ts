import type { Socket } from 'node:net';
import { stepsMax, waitingBytesMax } from './connection-world.ts';

const noBytes = Buffer.alloc(0);

export interface IntakeOwner {
  /** Deals with some of what waits. @returns false when there is nothing to do until something happens. */
  step(): boolean;
  /** No more may be read for now, however little waits. */
  readonly full: boolean;
  /** The connection is somebody else's, or closed. */
  readonly over: boolean;
}

/** What a client has sent and what waits for its turn; no more of it than is agreed, the rest stays in the kernel. */
export class Intake {
  waiting: Buffer = noBytes;
  readonly #socket: Socket;
  readonly #owner: IntakeOwner;
  #reading = false;

  constructor(socket: Socket, owner: IntakeOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  get empty(): boolean {
    return this.waiting.length === 0;
  }

  add(chunk: Buffer): void {
    this.waiting = this.empty ? chunk : Buffer.concat([this.waiting, chunk]);
  }

  /** What waits has been read up to there. */
  advance(at: number): void {
    this.waiting = at === this.waiting.length ? noBytes : this.waiting.subarray(at);
  }

  /** @returns what waited; nothing does any more. */
  take(): Buffer {
    const bytes = this.waiting;
    this.waiting = noBytes;
    return bytes;
  }

  /** Reads on as far as what has arrived, the handler and the answer under way allow. */
  read(): void {
    // What is called from here may answer at once and so come back here: the loop goes on by itself.
    if (this.#reading) return;
    this.#reading = true;
    let steps = 0;
    while (!this.empty && this.#owner.step()) {
      if (++steps < stepsMax) continue;
      setImmediate(() => this.read());
      break;
    }
    this.#reading = false;
    this.#holdBack(this.waiting.length >= waitingBytesMax || this.#owner.full);
  }

  #holdBack(hold: boolean): void {
    if (hold === this.#socket.isPaused() || this.#owner.over) return;
    if (hold) this.#socket.pause();
    else this.#socket.resume();
  }
}
