import type { ClientRequest } from 'node:http';
import { ProxyFailure } from '../../http/failure.ts';
import type { HeaderList } from '../../http/header-list.ts';
import type { BodySink } from '../../http/transport.ts';
import { IdleTimer } from '../idle-timer.ts';

/** The body of a request on its way to a backend. It holds what is pushed to what the head promised. */
export class UpstreamBody implements BodySink {
  onDrain: (() => void) | null = null;
  readonly #request: ClientRequest;
  readonly #bodyLength: number | null;
  readonly #events: UpstreamBodyEvents;
  readonly #idle: IdleTimer;
  #sentBytes = 0;
  #done = false;

  constructor(
    request: ClientRequest,
    about: { bodyLength: number | null; sendMs: number },
    events: UpstreamBodyEvents,
  ) {
    this.#request = request;
    this.#bodyLength = about.bodyLength;
    this.#events = events;
    this.#idle = new IdleTimer(about.sendMs, () => this.#events.onStall());
    request.on('drain', () => {
      this.#idle.stop();
      if (!this.#done) this.onDrain?.();
    });
    request.once('finish', () => {
      this.#idle.stop();
      events.onSent();
    });
  }

  write(chunk: Uint8Array): boolean {
    if (this.#done || chunk.length === 0) return true;
    this.#sentBytes += chunk.length;
    if (this.#bodyLength !== null && this.#sentBytes > this.#bodyLength) {
      this.abort(misframed());
      return true;
    }
    if (this.#request.write(chunk)) return true;
    this.#idle.touch();
    return false;
  }

  end(trailers?: HeaderList): void {
    if (this.#done) return;
    if (this.#bodyLength !== null && this.#sentBytes !== this.#bodyLength) {
      this.abort(misframed());
      return;
    }
    this.#done = true;
    if (trailers !== undefined && this.#bodyLength === null) this.#request.addTrailers(pairs(trailers));
    this.#idle.touch();
    this.#request.end();
  }

  abort(failure: ProxyFailure): void {
    if (this.#done) return;
    this.close();
    this.#events.onAbort(failure);
  }

  /** The call is over. */
  close(): void {
    this.#done = true;
    this.onDrain = null;
    this.#idle.stop();
  }
}

export interface UpstreamBodyEvents {
  /** The last byte has been handed to the kernel. */
  onSent(): void;
  /** The backend takes nothing. */
  onStall(): void;
  onAbort(failure: ProxyFailure): void;
}

/** One byte more or less than the head said would be the beginning, or the rest, of another request. */
function misframed(): ProxyFailure {
  return new ProxyFailure('proxy-error', {
    source: 'proxy',
    message: 'the body does not have the length its head states',
  });
}

/** A flat header list as node's addTrailers takes it. */
export function pairs(headers: HeaderList): [string, string][] {
  const flat = headers.flat();
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as string, flat[2 * i + 1] as string]);
}
