import type { Duplex } from 'node:stream';
import { IdleTimer } from './node/idle-timer.ts';
import { TunnelFlow } from './tunnel-flow.ts';
import { closeFrame } from './tunnel-frames.ts';

export interface TunnelPipeOptions {
  /** Frames are followed, and a close frame is sent before the end. */
  readonly websocket: boolean;
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
const goingAway = 1001;

/** Two sockets, connected: bytes both ways, each side read only as fast as the other takes it. */
export class TunnelPipe {
  readonly #client: Duplex;
  readonly #backend: Duplex;
  readonly #options: TunnelPipeOptions;
  readonly #toClient: TunnelFlow;
  readonly #toBackend: TunnelFlow;
  readonly #idle: IdleTimer;
  readonly #deadline: IdleTimer;
  #open = 2;

  constructor(client: Duplex, backend: Duplex, options: TunnelPipeOptions) {
    this.#client = client;
    this.#backend = backend;
    this.#options = options;
    this.#idle = new IdleTimer(options.idleMs, () => this.close(goingAway));
    this.#deadline = new IdleTimer(options.closeMs, () => {
      client.destroy();
      backend.destroy();
    });
    const about = {
      websocket: options.websocket,
      stallMs: options.stallMs,
      onStall: () => this.#cut(),
      onFlow: () => this.#idle.touch(),
    };
    this.#toClient = new TunnelFlow(backend, client, about);
    this.#toBackend = new TunnelFlow(client, backend, about);
  }

  start(early: { readonly fromClient: Uint8Array; readonly fromBackend: Uint8Array }): void {
    this.#watch(this.#client, this.#backend);
    this.#watch(this.#backend, this.#client);
    this.#idle.touch();
    this.#toClient.start(early.fromBackend);
    this.#toBackend.start(early.fromClient);
  }

  close(code: number): void {
    this.#idle.stop();
    this.#deadline.touch();
    this.#toClient.close(closeFrame(code, null));
    this.#toBackend.close(closeFrame(code, this.#options.mask()));
  }

  #cut(): void {
    reset(this.#client);
    reset(this.#backend);
  }

  #watch(socket: Duplex, other: Duplex): void {
    // The `close` that follows says what there is to say.
    socket.on('error', () => {});
    socket.once('close', () => {
      // Cut, not ended: the other side must see a cut, too, and not an end.
      if (!socket.readableEnded || !socket.writableFinished) reset(other);
      if (--this.#open === 0) this.#closed();
    });
    if (socket.destroyed) reset(other);
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

/** An RST where the transport has one. */
function reset(socket: Duplex): void {
  if (socket.destroyed) return;
  if ('resetAndDestroy' in socket && typeof socket.resetAndDestroy === 'function') socket.resetAndDestroy();
  else socket.destroy();
}
