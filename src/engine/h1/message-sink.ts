import { ProxyFailure } from '../../http/failure.ts';
import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import type { BodySink } from '../../http/transport.ts';
import { fieldText } from './head-text.ts';
import type { Wire, WireWriter } from './wire.ts';

/**
 * How the end of a body is marked: by its length in bytes, by chunks, by the end of the connection; 'ignored' = there is
 * none, and bytes pushed all the same (the body of an answer to HEAD) are dropped.
 */
export type Framing = number | 'chunked' | 'close' | 'ignored';

export interface MessageOwner {
  /** The message is complete as far as we are concerned. */
  onMessageEnd(): void;
  /** It never will be: the pusher said so (with its failure), or did not keep to the length (null). */
  onMessageCut(failure: ProxyFailure | null): void;
}

/** The body of a message on its way out, in either direction; holds what is pushed to what the head promised. */
export class MessageSink implements BodySink, WireWriter {
  onDrain: (() => void) | null = null;
  readonly #wire: Wire;
  readonly #framing: Framing;
  readonly #owner: MessageOwner;
  #left: number;
  #done = false;

  constructor(wire: Wire, framing: Framing, owner: MessageOwner) {
    this.#wire = wire;
    this.#framing = framing;
    this.#owner = owner;
    this.#left = typeof framing === 'number' ? framing : 0;
    wire.writer = this;
  }

  onWireDrain(): void {
    if (!this.#done) this.onDrain?.();
  }

  write(chunk: Uint8Array, headroom = 0): boolean {
    const { length } = chunk;
    if (this.#done || length === 0 || this.#framing === 'ignored') return true;
    if (this.#framing === 'chunked') {
      this.#wire.text(`${length.toString(16)}\r\n`);
      const taken = this.#wire.bytes(chunk, headroom);
      return this.#wire.text('\r\n') && taken;
    }
    if (this.#framing !== 'close') {
      this.#left -= length;
      if (this.#left < 0) {
        // One byte more would be the beginning of the next message.
        this.#abort(null);
        return true;
      }
    }
    return this.#wire.bytes(chunk, headroom);
  }

  end(trailers?: HeaderList): void {
    if (this.#done) return;
    if (this.#left > 0) {
      this.#abort(null);
      return;
    }
    this.#done = true;
    if (this.#framing === 'chunked') {
      const fields = trailers === undefined ? '' : fieldText(new FlatHeaderList(trailers.flat()));
      this.#wire.text(`0\r\n${fields}\r\n`);
    }
    this.#wire.flush();
    this.#owner.onMessageEnd();
  }

  abort(failure: ProxyFailure): void {
    if (!this.#done) this.#abort(failure);
  }

  /** Takes no more, and tells nobody. */
  close(): void {
    this.#done = true;
    this.onDrain = null;
  }

  #abort(failure: ProxyFailure | null): void {
    this.close();
    this.#owner.onMessageCut(failure);
  }
}

/** The failure of a cut that has none of its own. */
export function misframed(): ProxyFailure {
  return new ProxyFailure('proxy-error', {
    source: 'proxy',
    message: 'the body does not have the length its head states',
  });
}
