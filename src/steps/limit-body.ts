import { ProxyFailure } from '../http/failure.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { BodySink } from '../http/transport.ts';
import type { Step } from './step.ts';
import type { StepAnswer } from './step-answer.ts';

const tooLarge: StepAnswer = { kind: 'failure', reason: 'body-too-large' };

/** `proxy.maxbody`: at once where the head states the length, else while it streams; nothing is held. */
export function limitBody(bytesMax: number): Step {
  return {
    name: 'maxbody',
    request({ request: { bodyLength } }) {
      return bodyLength !== null && bodyLength > bytesMax ? tooLarge : undefined;
    },
    intake({ request: { bodyLength } }, sink) {
      return bodyLength === null ? new LimitedSink(sink, bytesMax) : sink;
    },
  };
}

/** A request body on its way to a backend, which is cut where it becomes too large: the client hears of it from the failure. */
class LimitedSink implements BodySink {
  readonly #to: BodySink;
  #leftBytes: number;

  constructor(to: BodySink, bytesMax: number) {
    this.#to = to;
    this.#leftBytes = bytesMax;
  }

  get onDrain(): (() => void) | null {
    return this.#to.onDrain;
  }

  set onDrain(listener: (() => void) | null) {
    this.#to.onDrain = listener;
  }

  write(chunk: Uint8Array, headroomBytes?: number): boolean {
    if (this.#leftBytes < 0) return true;
    this.#leftBytes -= chunk.length;
    if (this.#leftBytes >= 0) return this.#to.write(chunk, headroomBytes);
    this.#to.abort(new ProxyFailure('body-too-large', { source: 'client' }));
    return true;
  }

  end(trailers?: HeaderList): void {
    if (this.#leftBytes >= 0) this.#to.end(trailers);
  }

  abort(failure: ProxyFailure): void {
    if (this.#leftBytes >= 0) this.#to.abort(failure);
  }
}
