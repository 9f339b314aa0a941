import type { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import type { Journey } from './journey.ts';

/** A response body on its way to the client: counts it, and remembers why it was cut. */
export class MeteredSink implements BodySink {
  readonly #to: BodySink;
  readonly #journey: Journey;

  constructor(to: BodySink, journey: Journey) {
    this.#to = to;
    this.#journey = journey;
  }

  get onDrain(): (() => void) | null {
    return this.#to.onDrain;
  }

  set onDrain(listener: (() => void) | null) {
    this.#to.onDrain = listener;
  }

  write(chunk: Uint8Array, headroomBytes?: number): boolean {
    this.#journey.responseBytes += chunk.length;
    return this.#to.write(chunk, headroomBytes);
  }

  end(trailers?: HeaderList): void {
    this.#to.end(trailers);
  }

  abort(failure: ProxyFailure): void {
    this.#journey.reason = failure.reason;
    if (failure.source === 'backend' && this.#journey.peer !== null) this.#journey.peer.fail();
    this.#to.abort(failure);
  }
}
