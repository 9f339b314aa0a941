import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createLog } from '../../../src/base/log.ts';
import { TrustedNetworks } from '../../../src/http/forwarded.ts';
import {
  type BodySink,
  defaultListenerLimits,
  type Engine,
  type Exchange,
  type Listener,
  type ListenerLimits,
} from '../../../src/http/transport.ts';
import { AccessLog } from '../../../src/proxy/access-log.ts';
import { proxyHandler } from '../../../src/proxy/handle.ts';
import { TableCell } from '../../../src/proxy/table-cell.ts';
import { Peers } from '../../../src/upstream/peers.ts';
import { aBackend, aRoute } from '../../upstream/builders.ts';
import { refusal } from '../support/stage.ts';

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

/** Our ends of the connections of all clients of this process, by the client's port. */
const accepted = new Map<number, Socket>();
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  const port = socket.remotePort ?? 0;
  accepted.set(port, socket);
  socket.once('close', () => accepted.get(port) === socket && accepted.delete(port));
});

/** How many turns of the event loop node's own streams may need to hand on what they have read. */
const settlingTurns = 4;
const patienceMs = 20_000;

/**
 * The whole proxy between a client of bytes and one backend, on one engine, for thousands of cases one after the other: the
 * listener and the kept backend connections live on, so that what one case leaves behind would meet the next.
 *
 * The proxy runs in this process, so nobody has to guess when it is done: it has read every byte that was sent, and each
 * request that it has begun either ended or waits for more bytes of the client.
 */
export class Lane {
  readonly #engine: Engine;
  readonly #listener: Listener;
  #begun = 0;
  #ended = 0;
  #methods: string[] = [];
  #current: OpenExchange | null = null;

  private constructor(engine: Engine, listener: Listener) {
    this.#engine = engine;
    this.#listener = listener;
  }

  /** @param backendPort where every request goes, whatever its host. */
  static async open(
    engine: Engine,
    backendPort: number,
    about: { readonly readMs?: number; readonly limits?: Partial<ListenerLimits> } = {},
  ): Promise<Lane> {
    const cell = new TableCell(new Peers(engine.upstream));
    let lane: Lane | null = null;
    const handler = proxyHandler({
      cell,
      upstream: engine.upstream,
      tunnel: engine.tunnel,
      tunnels: new Set(),
      trusted: new TrustedNetworks([]),
      unknownHost: '404',
      accessLog: new AccessLog(
        () => lane?.exchangeEnded(),
        () => 0,
      ),
      log: createLog({ level: 'silent', format: 'json' }),
      counts: { requests: 0 },
      now: () => 0,
      monotonic: () => performance.now(),
    });
    const route = aRoute({
      host: { kind: 'any', text: '*' },
      serving: { kind: 'pool', backends: [aBackend({ port: backendPort })] },
    });
    const policy = { ...route.policy, retries: 0, readMs: about.readMs ?? 10_000 };
    cell.swap({ version: 1, routes: [{ ...route, policy }] });
    const listener = await engine.listen({
      host: '127.0.0.1',
      port: 0,
      reusePort: false,
      limits: { ...defaultListenerLimits, ...about.limits },
      handler: (exchange) => {
        lane?.exchangeBegins(exchange);
        handler(exchange);
      },
      refuse: refusal,
    });
    lane = new Lane(engine, listener);
    return lane;
  }

  /** Sends the parts, each only once the proxy has read the one before, and reads whatever comes back. */
  async run(parts: readonly string[]): Promise<Seen> {
    this.#methods = [];
    const client = connect({ port: this.#listener.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
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
    const near = await this.#until(() => accepted.get(client.localPort ?? 0));
    let sent = 0;
    for (const part of parts) {
      if (near.destroyed || over) break;
      client.write(part, 'latin1');
      sent += part.length;
      await this.#until(() => near.destroyed || near.bytesRead >= sent || over || undefined);
    }
    await this.#settle(() => near.destroyed || over || this.#current === null || this.#waitsForClient());
    const closedFirst = over || near.destroyed;
    client.end();
    await closed;
    await this.#until(() => this.#begun === this.#ended || undefined);
    this.#current = null;
    return { bytes, reset, closedFirst, methods: this.#methods };
  }

  close(): void {
    this.#listener.close();
    this.#engine.upstream.close();
  }

  exchangeBegins(exchange: Exchange): void {
    this.#begun++;
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

  exchangeEnded(): void {
    this.#ended++;
    if (this.#begun === this.#ended) this.#current = null;
  }

  #waitsForClient(): boolean {
    const current = this.#current;
    return current?.received === true && !current.bodyDone;
  }

  /** Until it is so, and stays so for some turns of the event loop. */
  async #settle(isSettled: () => boolean): Promise<void> {
    for (let turns = 0; turns < settlingTurns; ) {
      await this.#until(() => isSettled() || undefined);
      await new Promise(setImmediate);
      turns = isSettled() ? turns + 1 : 0;
    }
  }

  async #until<T>(ready: () => T | undefined): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const value = ready();
      if (value !== undefined) return value;
      if (performance.now() > deadline) throw new Error('the proxy did not come to rest');
      await new Promise(setImmediate);
    }
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
