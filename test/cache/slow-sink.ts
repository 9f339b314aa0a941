import type { ProxyFailure } from '../../src/http/failure.ts';
import type { BodySink } from '../../src/http/transport.ts';

/** A client that takes one chunk at a time, and says so in a later turn; or only when it is told to. */
export class SlowSink implements BodySink {
  onDrain: (() => void) | null = null;
  failure: ProxyFailure | null = null;
  readonly #chunks: Uint8Array[] = [];
  readonly #pace: 'by-itself' | 'when-told';
  readonly #ended = Promise.withResolvers<void>();

  constructor(pace: 'by-itself' | 'when-told' = 'by-itself') {
    this.#pace = pace;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** What it has been given. */
  get soFar(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  write(chunk: Uint8Array): boolean {
    // As an engine may: the buffer is ours until it drains.
    this.#chunks.push(Buffer.from(chunk));
    if (this.#pace === 'by-itself') setImmediate(() => this.onDrain?.());
    return false;
  }

  /** Takes the next one. */
  drain(): void {
    this.onDrain?.();
  }

  end(): void {
    this.#ended.resolve();
  }

  abort(failure: ProxyFailure): void {
    this.failure = failure;
    this.#ended.resolve();
  }

  /** All of it, once it has ended. */
  async whole(): Promise<Buffer> {
    await this.#ended.promise;
    return this.soFar;
  }
}
