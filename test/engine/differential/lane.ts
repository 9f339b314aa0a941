import { once } from 'node:events';
import { connect } from 'node:net';
import type { BodySink, Engine, Exchange } from '../../../src/http/transport.ts';
import { InProcessProxy } from './in-process-proxy.ts';
import { accepted, settled, until } from './sockets.ts';

/** An exchange that has begun and, for all the proxy knows, has not ended. */
interface OpenExchange {
  readonly method: string;
  /** Nobody has asked for its body yet. */
  received: boolean;
  /** All of its body has been handed on. */
  bodyDone: boolean;
}

/** What a client saw of one connection. */
export interface Seen {
  readonly bytes: string;
  /** The proxy ended it with an RST. */
  readonly reset: boolean;
  /** The proxy ended it before the client did. */
  readonly closedFirst: boolean;
  /** Methods of the requests that were handed to the proxy, in order. */
  readonly methods: readonly string[];
}

/**
 * The whole proxy between a client of bytes and one backend, on one engine, for thousands of cases one after the other: the
 * listener and the kept backend connections live on, so that what one case leaves behind would meet the next.
 *
 * The proxy runs in this process, so nobody has to guess when it is done: it has read every byte that was sent, and each
 * request that it has begun either ended or waits for more bytes of the client.
 */
export class Lane {
  readonly #proxy: InProcessProxy;
  #methods: string[] = [];
  #current: OpenExchange | null = null;

  private constructor(proxy: InProcessProxy) {
    this.#proxy = proxy;
    proxy.onExchange = (exchange) => this.#exchangeBegins(exchange);
    proxy.onEnd = () => {
      if (proxy.idle) this.#current = null;
    };
  }

  /** @param backendPort where every request goes, whatever its host. */
  static async open(engine: Engine, backendPort: number): Promise<Lane> {
    return new Lane(await InProcessProxy.open(engine, backendPort));
  }

  /** Sends the parts, each only once the proxy has read the one before, and reads whatever comes back. */
  async run(parts: readonly string[]): Promise<Seen> {
    this.#methods = [];
    const client = connect({ port: this.#proxy.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let bytes = '';
    let reset = false;
    let over = false;
    client.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
    });
    client.on('error', () => {
      reset = true;
    });
    client.on('end', () => {
      over = true;
    });
    const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
    await once(client, 'connect');
    const near = await until(() => accepted.of(client));
    let sent = 0;
    for (const part of parts) {
      if (near.destroyed || over) break;
      client.write(part, 'latin1');
      sent += part.length;
      await until(() => near.destroyed || near.bytesRead >= sent || over);
    }
    await settled(() => near.destroyed || over || this.#current === null || this.#waitsForClient());
    const closedFirst = over || near.destroyed || near.writableEnded;
    client.end();
    await closed;
    await until(() => this.#proxy.idle);
    this.#current = null;
    return { bytes, reset, closedFirst, methods: this.#methods };
  }

  close(): void {
    this.#proxy.close();
  }

  #exchangeBegins(exchange: Exchange): void {
    const { request } = exchange;
    this.#methods.push(request.method);
    const open: OpenExchange = { method: request.method, received: false, bodyDone: request.bodyLength === 0 };
    this.#current = open;
    const receive = exchange.receive.bind(exchange);
    exchange.receive = (sink) => {
      open.received = true;
      receive(watched(sink, open));
    };
  }

  #waitsForClient(): boolean {
    const current = this.#current;
    return current?.received === true && !current.bodyDone;
  }
}

function watched(sink: BodySink, open: OpenExchange): BodySink {
  return {
    get onDrain() {
      return sink.onDrain;
    },
    set onDrain(listener) {
      sink.onDrain = listener;
    },
    write: (chunk, headroom) => sink.write(chunk, headroom),
    end: (trailers) => {
      open.bodyDone = true;
      sink.end(trailers);
    },
    abort: (failure) => sink.abort(failure),
  };
}
