import { ProxyFailure } from '../http/failure.ts';
import type { RequestHead, ResponseHead } from '../http/head.ts';
import type { BodySink, Client, Exchange, TakenSocket } from '../http/transport.ts';

/** Who gets what comes back. */
export interface FetchEvents {
  respond(head: ResponseHead): BodySink;
  inform(head: ResponseHead): void;
  destroy(): void;
}

/** A request of the cache's own, on behalf of those who wait for its answer. It has no body. */
export class FetchExchange implements Exchange {
  readonly request: RequestHead;
  readonly client: Client;
  onClose: ((how: 'complete' | 'aborted') => void) | null = null;
  readonly #events: FetchEvents;

  constructor(request: RequestHead, client: Client, events: FetchEvents) {
    this.request = request;
    this.client = client;
    this.#events = events;
  }

  receive(sink: BodySink): void {
    sink.end();
  }

  inform(head: ResponseHead): void {
    this.#events.inform(head);
  }

  respond(head: ResponseHead): BodySink {
    return this.#events.respond(head);
  }

  takeSocket(): TakenSocket {
    throw new ProxyFailure('proxy-error', { source: 'proxy', message: 'a fetch of the cache has no socket' });
  }

  destroy(): void {
    this.#events.destroy();
  }
}
