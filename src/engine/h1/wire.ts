import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { flushAfterTurn } from './output-turn.ts';

/** Body bytes up to this many are copied into the text that is going out anyway: one small copy costs less than a second write. */
const copiedBytesMax = 4 * 1024;
/** Text waiting for company is written at this length at the latest. */
const pendingMax = 16 * 1024;
/** Text and body together up to this many bytes are copied into one buffer where there is no room before the body. */
const joinedBytesMax = 64 * 1024;
/** Shared by all connections: a write is over, or has its own buffer, before the next begins. */
let joined = Buffer.allocUnsafeSlow(joinedBytesMax);
/** Output that the kernel has not taken, beyond which a writer of copied text is held up. */
export const unsentBytesMax = 64 * 1024;

/** Who watches over a connection's patience. */
export interface WireOwner {
  /** The kernel begins not to keep up, or has caught up: `stalled` has changed. */
  onWireChange(): void;
}

/** Who writes on a wire, one message at a time. */
export interface WireWriter {
  /** Everything has been taken by the kernel after `bytes` or `text` returned false. */
  onWireDrain(): void;
}

/**
 * The outgoing side of a connection. Heads, chunk sizes and small bodies gather as text and leave in one write at the end of
 * the turn; a large body leaves in one write as well, with the text set right before it in its own buffer where there is room.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #owner: WireOwner;
  /** A TLS socket takes nothing at once, and so tells of each write when it has been taken. */
  readonly #onEach: (() => void) | undefined;
  #pending = '';
  #scheduled = false;
  #waiting = false;
  #onEmpty: (() => void) | null = null;
  writer: WireWriter | null = null;

  constructor(socket: Socket, owner: WireOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#onEach = socket instanceof TLSSocket ? this.#onTaken : undefined;
  }

  /** The kernel does not keep up: it has been given something that it has not taken. */
  get stalled(): boolean {
    return this.#waiting;
  }

  /** Everything that was written has left. */
  get empty(): boolean {
    return this.#pending === '' && this.#socket.writableLength === 0;
  }

  /** @returns false when the kernel does not keep up; the text is taken all the same. */
  text(latin1: string): boolean {
    this.#pending += latin1;
    if (this.#pending.length > pendingMax) this.#send();
    else if (!this.#scheduled) this.#schedule();
    return this.#socket.writableLength <= unsentBytesMax || this.#wait();
  }

  /**
   * @param headroom bytes right before `chunk` in its ArrayBuffer that nobody needs any more.
   * @returns false while `chunk` is still in use: it must stay as it is until `onWireDrain`.
   */
  bytes(chunk: Uint8Array, headroom: number): boolean {
    if (chunk.length <= copiedBytesMax) return this.text(latin1Of(chunk));
    const text = this.#pending;
    this.#pending = '';
    if (text === '') this.#put(chunk);
    else if (text.length <= headroom) {
      const whole = Buffer.from(chunk.buffer, chunk.byteOffset - text.length, text.length + chunk.length);
      whole.write(text, 0, 'latin1');
      this.#put(whole);
    } else if (text.length + chunk.length <= joinedBytesMax) {
      return this.#joined(text, chunk);
    } else {
      this.#put(text);
      this.#put(chunk);
    }
    return this.#socket.writableLength === 0 || this.#wait();
  }

  /** Calls back once everything written so far has left; never when the connection ends first. */
  whenEmpty(callback: () => void): void {
    this.#send();
    this.#onEmpty = callback;
    this.#wait();
  }

  /** Also called at the end of a turn. */
  flush(): void {
    this.#scheduled = false;
    this.#send();
  }

  #send(): void {
    const text = this.#pending;
    if (text === '') return;
    this.#pending = '';
    if (this.#socket.writable) this.#put(text);
  }

  #put(data: string | Uint8Array): void {
    this.#socket.write(data, 'latin1', this.#onEach);
  }

  /** One copy, and one write instead of two; corking would end in a writev, which costs node more than both. */
  #joined(text: string, chunk: Uint8Array): boolean {
    const length = text.length + chunk.length;
    // What will have to wait for sure gets no more memory than it needs.
    const isNext = this.#socket.writableLength === 0 && this.#onEach === undefined;
    const whole = isNext ? joined.subarray(0, length) : Buffer.allocUnsafeSlow(length);
    whole.write(text, 0, 'latin1');
    whole.set(chunk, text.length);
    this.#put(whole);
    // Not taken at once, the bytes are in use for longer than this call.
    if (isNext && this.#socket.writableLength > 0) joined = Buffer.allocUnsafeSlow(joinedBytesMax);
    return this.#socket.writableLength <= unsentBytesMax || this.#wait();
  }

  #schedule(): void {
    this.#scheduled = true;
    if (!flushAfterTurn(this)) process.nextTick(flushLater, this);
  }

  #wait(): false {
    if (this.#waiting) return false;
    this.#waiting = true;
    this.#owner.onWireChange();
    this.#untilTaken();
    return false;
  }

  /** An empty write is called back when all before it have been taken; 'drain' comes only past a threshold. */
  #untilTaken(): void {
    if (this.#onEach === undefined) this.#socket.write('', this.#onTaken);
  }

  readonly #onTaken = (): void => {
    if (!this.#waiting || !this.#socket.writable) return;
    if (!this.empty) {
      // More was written since, and is still in use.
      this.#send();
      this.#untilTaken();
      return;
    }
    this.#waiting = false;
    this.#owner.onWireChange();
    this.writer?.onWireDrain();
    const onEmpty = this.#onEmpty;
    this.#onEmpty = null;
    onEmpty?.();
  };
}

function flushLater(wire: Wire): void {
  wire.flush();
}

function latin1Of(chunk: Uint8Array): string {
  const bytes = chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  return bytes.toString('latin1');
}
