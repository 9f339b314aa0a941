import type { ServerResponse } from 'node:http';
import type { ProxyFailure } from '../../http/failure.ts';
import type { HeaderList } from '../../http/header-list.ts';
import type { BodySink } from '../../http/transport.ts';
import { IdleTimer } from '../idle-timer.ts';
import type { FramedResponse } from './response-framing.ts';
import { pairs } from './upstream-body.ts';

/** The body of a response on its way to the client. It holds what is pushed to what the head promised. */
export class ResponseSink implements BodySink {
  onDrain: (() => void) | null = null;
  readonly #response: ServerResponse;
  readonly #framed: FramedResponse;
  readonly #cut: () => void;
  /** A client that takes nothing for this long while there is something for it is gone; nginx's send_timeout is the model. */
  readonly #stall: IdleTimer;
  #sentBytes = 0;
  #done = false;

  constructor(response: ServerResponse, framed: FramedResponse, about: { stallMs: number; cut: () => void }) {
    this.#response = response;
    this.#framed = framed;
    this.#cut = about.cut;
    this.#stall = new IdleTimer(about.stallMs, () => this.#fail());
    response.on('drain', () => {
      this.#stall.stop();
      if (!this.#done) this.onDrain?.();
    });
    response.once('finish', () => this.#stall.stop());
    response.once('close', () => this.close());
  }

  /** The head has gone out with what was pushed. */
  get begun(): boolean {
    return this.#sentBytes > 0 || this.#done;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#done || this.#framed.bodyless || chunk.length === 0) return true;
    this.#sentBytes += chunk.length;
    const { bodyLength } = this.#framed;
    if (bodyLength !== null && this.#sentBytes > bodyLength) {
      // One byte more would be the beginning of the next response.
      this.#fail();
      return true;
    }
    if (this.#response.write(chunk)) return true;
    this.#stall.touch();
    return false;
  }

  end(trailers?: HeaderList): void {
    if (this.#done) return;
    const { bodyLength, bodyless } = this.#framed;
    if (!bodyless && bodyLength !== null && this.#sentBytes < bodyLength) {
      this.#fail();
      return;
    }
    this.#done = true;
    if (trailers !== undefined && bodyLength === null && !bodyless) this.#response.addTrailers(pairs(trailers));
    this.#response.end();
    this.#stall.touch();
  }

  abort(_failure: ProxyFailure): void {
    if (!this.#done) this.#fail();
  }

  /** The client is gone. */
  close(): void {
    this.#done = true;
    this.onDrain = null;
    this.#stall.stop();
  }

  #fail(): void {
    this.close();
    this.#cut();
  }
}
