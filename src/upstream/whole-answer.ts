import type { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import type { BodySink, UpstreamCall, UpstreamEvents, UpstreamRequest, UpstreamTransport } from '../http/transport.ts';

/** An answer with all of its body. */
export interface AnswerInFull {
  readonly head: ResponseHead;
  readonly body: Uint8Array;
}

/** One request of the proxy's own, and its answer as a whole. A connection that was kept and turns out to be dead costs another try. */
export class WholeAnswer implements UpstreamEvents {
  /** Null = none, or none that is complete. */
  readonly answer: Promise<AnswerInFull | null>;
  readonly #upstream: Pick<UpstreamTransport, 'send'>;
  readonly #request: UpstreamRequest;
  readonly #bodyBytesMax: number;
  readonly #resolve: (answer: AnswerInFull | null) => void;
  #call: UpstreamCall;
  #tries = 1;

  /** @param bounds `signal`: nobody wants it any more. */
  constructor(
    upstream: Pick<UpstreamTransport, 'send'>,
    request: UpstreamRequest,
    bounds: { readonly bodyBytesMax: number; readonly signal: AbortSignal },
  ) {
    const { promise, resolve } = Promise.withResolvers<AnswerInFull | null>();
    const { signal } = bounds;
    const leave = (): void => this.#giveUp();
    signal.addEventListener('abort', leave, { once: true });
    this.answer = promise;
    this.#resolve = (answer) => {
      signal.removeEventListener('abort', leave);
      resolve(answer);
    };
    this.#upstream = upstream;
    this.#request = request;
    this.#bodyBytesMax = bounds.bodyBytesMax;
    this.#call = upstream.send(request, this);
  }

  onReady(body: BodySink): void {
    body.end();
  }

  onInform(): void {}

  onHead(head: ResponseHead): BodySink {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    return {
      onDrain: null,
      write: (chunk) => {
        bytes += chunk.length;
        if (bytes > this.#bodyBytesMax) this.#giveUp();
        // Its buffer is used again.
        else chunks.push(chunk.slice());
        return true;
      },
      end: () => this.#resolve({ head, body: Buffer.concat(chunks) }),
      abort: () => this.#resolve(null),
    };
  }

  onFailure({ retry }: ProxyFailure): void {
    if (retry === 'never' || this.#tries === 2) return this.#resolve(null);
    this.#tries++;
    this.#call = this.#upstream.send(this.#request, this);
  }

  #giveUp(): void {
    this.#call.abort();
    this.#resolve(null);
  }
}
