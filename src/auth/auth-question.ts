import type { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import type { BodySink, UpstreamCall, UpstreamEvents, UpstreamRequest, UpstreamTransport } from '../http/transport.ts';
import type { AuthAnswer } from './auth-server.ts';

/** More than any page to sign in on has. */
const bodyBytesMax = 1024 ** 2;

/** One question to a server, and its answer as a whole. A connection that was kept and turns out to be dead costs another try. */
export class AuthQuestion implements UpstreamEvents {
  /** Null = none, or none that is complete. */
  readonly answer: Promise<AuthAnswer | null>;
  readonly #upstream: Pick<UpstreamTransport, 'send'>;
  readonly #request: UpstreamRequest;
  readonly #resolve: (answer: AuthAnswer | null) => void;
  #call: UpstreamCall;
  #tries = 1;

  constructor(upstream: Pick<UpstreamTransport, 'send'>, request: UpstreamRequest, gone: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<AuthAnswer | null>();
    const leave = (): void => this.#giveUp();
    gone.addEventListener('abort', leave, { once: true });
    this.answer = promise;
    this.#resolve = (answer) => {
      gone.removeEventListener('abort', leave);
      resolve(answer);
    };
    this.#upstream = upstream;
    this.#request = request;
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
        if (bytes > bodyBytesMax) this.#giveUp();
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
