import type { Duplex } from 'node:stream';
import { IdleTimer } from './idle-timer.ts';
import { FrameScanner } from './tunnel-frames.ts';
import { atTurnEnd, type HeldWriter } from './turn-end.ts';

/** So much of a buffer that is used again is copied to be written at the end of the turn; more is written at once. */
export const copiedBytesMax = 4 * 1024;

export interface TunnelFlowOptions {
  readonly websocket: boolean;
  /** The sender's bytes are read into one buffer that is used again, and come by `push` instead of as 'data'. */
  readonly reusesBuffer: boolean;
  /** The receiver may take nothing, while there is something for it, for so long; 0 = unlimited. */
  readonly stallMs: number;
  readonly onStall: () => void;
}

/** One direction of a tunnel. */
export class TunnelFlow implements HeldWriter {
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #reusesBuffer: boolean;
  readonly #stall: IdleTimer;
  /** Null for a protocol whose frames are not known. */
  readonly #frames: FrameScanner | null;
  /** Our last words in this direction, said at the next end of a frame. */
  #farewell: Buffer | null = null;
  /** To be written at the end of the turn; nobody else has these bytes. */
  #held: Uint8Array | null = null;
  #closed = false;
  #carriedBytes = 0;

  constructor(from: Duplex, to: Duplex, about: TunnelFlowOptions) {
    this.#from = from;
    this.#to = to;
    this.#reusesBuffer = about.reusesBuffer;
    this.#stall = new IdleTimer(about.stallMs, about.onStall);
    this.#frames = about.websocket ? new FrameScanner() : null;
  }

  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /**
   * @param early bytes that came with, or right behind, the handshake.
   * @returns as `push`.
   */
  start(early: Uint8Array): boolean {
    if (!this.#reusesBuffer) this.#from.on('data', this.#onData);
    this.#to.on('drain', this.#onDrain);
    // A socket that was paused before stays so, unless it is told.
    this.#from.resume();
    const more = early.length === 0 || this.push(early);
    if (!more) this.#from.pause();
    // Half closed: the other direction lives on.
    this.#from.on('end', () => this.#end());
    if (this.#from.readableEnded) this.#end();
    return more;
  }

  /** The tunnel is gone. */
  stop(): void {
    this.#held = null;
    this.#stall.stop();
  }

  /** Ends this direction after the frame that is under way; `farewell` is left out where the sender has closed already. */
  close(farewell: Buffer): void {
    if (this.#closed || this.#farewell !== null) return;
    this.writeHeld();
    this.#farewell = farewell;
    if (this.#frames === null || this.#frames.atBoundary) this.#sayFarewell();
  }

  /** @returns false when nothing more may be read until this flow resumes the sender: enough waits, or the bytes are in use. */
  push(chunk: Uint8Array): boolean {
    // What comes after our last words is read, so that the sender can end in peace, and dropped.
    if (this.#closed) return true;
    const frames = this.#frames;
    if (frames !== null) {
      if (this.#farewell !== null) return this.#pushLast(chunk, frames);
      frames.advance(chunk);
    }
    this.writeHeld();
    this.#carriedBytes += chunk.length;
    if (!this.#reusesBuffer) this.#held = chunk;
    else if (chunk.length <= copiedBytesMax) this.#held = Buffer.from(chunk);
    else return this.#write(chunk, true);
    atTurnEnd(this);
    return true;
  }

  writeHeld(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    if (!this.#write(held, false)) this.#from.pause();
  }

  #pushLast(chunk: Uint8Array, frames: FrameScanner): boolean {
    const length = frames.advanceToBoundary(chunk);
    this.#carriedBytes += length;
    const more = this.#write(chunk.subarray(0, length), this.#reusesBuffer);
    if (frames.atBoundary) this.#sayFarewell();
    return more || (this.#closed && !this.#reusesBuffer);
  }

  /** @param lent the bytes are the sender's, which reads over them when this returns true. */
  #write(chunk: Uint8Array, lent: boolean): boolean {
    const to = this.#to;
    const roomLeft = to.write(chunk);
    if (lent ? to.writableLength === 0 : roomLeft) return true;
    this.#stall.touch();
    // 'drain' comes only to whom there was no room for; an empty write is called back when all before have been taken.
    if (roomLeft) to.write('', this.#onDrain);
    return false;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#from.pause();
  };

  readonly #onDrain = (): void => {
    this.#stall.stop();
    this.#from.resume();
  };

  #sayFarewell(): void {
    if (this.#frames !== null && !this.#frames.closed && this.#to.writable) this.#to.write(this.#farewell);
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.writeHeld();
    this.#closed = true;
    // Only then is a buffer free again that holds what was sent last.
    this.#to.end(this.#onDrain);
    if (!this.#reusesBuffer) this.#from.resume();
  }
}
