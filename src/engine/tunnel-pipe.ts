import type { Duplex } from 'node:stream';
import type { TakenSocket } from '../http/transport.ts';
import { cut } from './cut.ts';
import { IdleTimer } from './idle-timer.ts';
import { TunnelFlow } from './tunnel-flow.ts';
import { closeFrame } from './tunnel-frames.ts';
import { TunnelIdle } from './tunnel-idle.ts';

export interface TunnelPipeOptions {
  /** Frames are followed, and a close frame is sent before the end. */
  readonly websocket: boolean;
  /** The backend's bytes come by `fromBackend`, from a buffer that is used again, instead of as 'data'. */
  readonly backendReusesBuffer: boolean;
  /** Where the client's bytes do not come as 'data'. */
  readonly carryClient: TakenSocket['carry'];
  /** Without a byte in either direction; 0 = unlimited. */
  readonly idleMs: number;
  /** A side that takes nothing of what there is for it, for so long, costs the tunnel. */
  readonly stallMs: number;
  /** From `close` to the cut, for the last bytes and the goodbye of both sides. */
  readonly closeMs: number;
  /** Four bytes of chance. */
  readonly mask: () => Uint8Array;
  readonly onClose: (carried: { readonly toClientBytes: number; readonly toBackendBytes: number }) => void;
}

/** RFC 6455 §7.4.1. */
export const goingAway = 1001;

/** Two sockets, connected: bytes both ways, each side read only as fast as the other takes it. */
export class TunnelPipe {
  readonly #client: Duplex;
  readonly #backend: Duplex;
  readonly #options: TunnelPipeOptions;
  readonly #toClient: TunnelFlow;
  readonly #toBackend: TunnelFlow;
  readonly #idle: TunnelIdle;
  readonly #deadline: IdleTimer;
  #open = 2;

  constructor(client: Duplex, backend: Duplex, options: TunnelPipeOptions) {
    this.#client = client;
    this.#backend = backend;
    this.#options = options;
    this.#deadline = new IdleTimer(options.closeMs, () => {
      client.destroy();
      backend.destroy();
    });
    const { websocket, stallMs } = options;
    const about = { websocket, stallMs, onStall: () => this.#cut() };
    this.#toClient = new TunnelFlow(backend, client, { ...about, reusesBuffer: options.backendReusesBuffer });
    const { carryClient } = options;
    this.#toBackend = new TunnelFlow(client, backend, { ...about, reusesBuffer: carryClient !== undefined });
    carryClient?.((bytes) => this.#toBackend.push(bytes));
    const carriedBytes = () => this.#toClient.carriedBytes + this.#toBackend.carriedBytes;
    this.#idle = new TunnelIdle(options.idleMs, carriedBytes, () => this.close(goingAway));
  }

  /** @returns as `fromBackend`, for what is early from there. */
  start(early: { readonly fromClient: Uint8Array; readonly fromBackend: Uint8Array }): boolean {
    this.#watch(this.#client, this.#backend);
    this.#watch(this.#backend, this.#client);
    this.#toBackend.start(early.fromClient);
    return this.#toClient.start(early.fromBackend);
  }

  /** @returns false while the bytes are in use: nothing may be read over them until the backend's socket is resumed. */
  fromBackend(chunk: Uint8Array): boolean {
    return this.#toClient.push(chunk);
  }

  close(code: number): void {
    this.#idle.stop();
    this.#deadline.touch();
    this.#toClient.close(closeFrame(code, null));
    this.#toBackend.close(closeFrame(code, this.#options.mask()));
  }

  #cut(): void {
    cut(this.#client);
    cut(this.#backend);
  }

  #watch(socket: Duplex, other: Duplex): void {
    // The `close` that follows says what there is to say.
    socket.on('error', () => {});
    socket.once('close', () => {
      // Cut, not ended: the other side must see a cut, too, and not an end.
      if (!socket.readableEnded || !socket.writableFinished) cut(other);
      if (--this.#open === 0) this.#closed();
    });
    if (socket.destroyed) cut(other);
  }

  #closed(): void {
    this.#idle.stop();
    this.#deadline.stop();
    this.#toClient.stop();
    this.#toBackend.stop();
    this.#options.onClose({
      toClientBytes: this.#toClient.carriedBytes,
      toBackendBytes: this.#toBackend.carriedBytes,
    });
  }
}
