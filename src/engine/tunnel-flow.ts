import type { Duplex } from 'node:stream';
import { IdleTimer } from './node/idle-timer.ts';
import { FrameScanner } from './tunnel-frames.ts';

export interface TunnelFlowOptions {
  readonly websocket: boolean;
  /** The receiver may take nothing, while there is something for it, for so long; 0 = unlimited. */
  readonly stallMs: number;
  readonly onStall: () => void;
  readonly onFlow: () => void;
}

/** One direction of a tunnel. */
export class TunnelFlow {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #onFlow: () => void;
  readonly #stall: IdleTimer;
  /** Null for a protocol whose frames are not known. */
  readonly #frames: FrameScanner | null;
  /** Our last words in this direction, said at the next end of a frame. */
  #farewell: Buffer | null = null;
  #closed = false;
  #carriedBytes = 0;

  constructor(from: Duplex, to: Duplex, about: TunnelFlowOptions) {
    this.#from = from;
    this.#to = to;
    this.#onFlow = about.onFlow;
    this.#stall = new IdleTimer(about.stallMs, about.onStall);
    this.#frames = about.websocket ? new FrameScanner() : null;
  }

  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /** @param early bytes that came with, or right behind, the handshake. */
  start(early: Uint8Array): void {
    this.#from.on('data', (chunk: Buffer) => this.#push(chunk));
    // A socket that was paused before stays so, unless it is told.
    this.#from.resume();
    if (early.length > 0) this.#push(early);
    this.#to.on('drain', () => {
      this.#stall.stop();
      this.#from.resume();
    });
    // Half closed: the other direction lives on.
    this.#from.on('end', () => this.#end());
    if (this.#from.readableEnded) this.#end();
  }

  /** The tunnel is gone. */
  stop(): void {
    this.#stall.stop();
  }

  /** Ends this direction after the frame that is under way; `farewell` is left out where the sender has closed already. */
  close(farewell: Buffer): void {
    if (this.#closed || this.#farewell !== null) return;
    this.#farewell = farewell;
    if (this.#frames === null || this.#frames.atBoundary) this.#sayFarewell();
  }

  #push(chunk: Uint8Array): void {
    // What comes after our last words is read, so that the sender can end in peace, and dropped.
    if (this.#closed) return;
    this.#onFlow();
    if (this.#farewell !== null && this.#frames !== null) {
      const length = this.#frames.advanceToBoundary(chunk);
      this.#write(chunk.subarray(0, length));
      if (this.#frames.atBoundary) this.#sayFarewell();
      return;
    }
    this.#frames?.advance(chunk);
    this.#write(chunk);
  }

  #write(chunk: Uint8Array): void {
    this.#carriedBytes += chunk.length;
    if (this.#to.write(chunk)) return;
    this.#from.pause();
    this.#stall.touch();
  }

  #sayFarewell(): void {
    if (this.#frames !== null && !this.#frames.closed && this.#to.writable) this.#to.write(this.#farewell);
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#to.end();
    this.#from.resume();
  }
}
