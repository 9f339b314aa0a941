import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ProxyFailure } from '../../http/failure.ts';
import type { ResponseHead } from '../../http/head.ts';
import { stripHopByHopResponse } from '../../http/hop-by-hop.ts';
import type {
  BodySink,
  Exchange,
  TunnelCall,
  TunnelEvents,
  TunnelRequest,
  TunnelTransport,
  UpstreamEvents,
  UpstreamRequest,
} from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { TunnelPipe } from '../tunnel-pipe.ts';
import type { ConnectionCall, ConnectionKeeper, ProtocolSwitch, SwitchTaker } from './connection-call.ts';
import type { Deadlines } from './deadlines.ts';
import { switchText, takeProtocol } from './protocol-switch.ts';
import type { ParsedResponse } from './response-head.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** Opens tunnels: the handshake goes out like any request, on a connection of its own; the answer decides. */
export class H1TunnelOpener implements TunnelTransport, ConnectionKeeper {
  readonly deadlines: Deadlines;
  readonly limits: EngineOptions;
  readonly idleMs = 0;
  readonly continueWaitMs = 0;

  constructor(options: EngineOptions, deadlines: Deadlines) {
    this.limits = options;
    this.deadlines = deadlines;
  }

  open(exchange: Exchange, request: TunnelRequest, events: TunnelEvents): TunnelCall {
    return new H1Tunnel(exchange, request, events, this);
  }

  /** A connection that served one handshake serves nothing else. */
  idle(connection: UpstreamConnection): void {
    connection.destroy();
  }

  closed(): void {}
}

class H1Tunnel implements TunnelCall, ConnectionCall, UpstreamEvents, ProtocolSwitch, SwitchTaker {
  readonly request: UpstreamRequest;
  readonly events: UpstreamEvents = this;
  readonly switching: ProtocolSwitch = this;
  readonly protocol: string;
  readonly #exchange: Exchange;
  readonly #events: TunnelEvents;
  readonly #idleMs: number;
  readonly #limits: EngineOptions;
  readonly #connection: UpstreamConnection;
  #pipe: TunnelPipe | null = null;
  /** Bytes that came right behind the client's handshake, until the pipe starts. */
  #early: Uint8Array | null = null;
  /** The last read; messages of one size need only one. */
  #view: Buffer = noBytes;

  constructor(exchange: Exchange, request: TunnelRequest, events: TunnelEvents, opener: H1TunnelOpener) {
    const { peer, head, connectMs, readMs, idleMs } = request;
    this.request = { peer, head, timeouts: { connectMs, readMs, sendMs: readMs } };
    this.protocol = head.upgrade ?? '';
    this.#exchange = exchange;
    this.#events = events;
    this.#idleMs = idleMs;
    this.#limits = opener.limits;
    this.#connection = new UpstreamConnection(this, opener);
  }

  /** Before the backend has answered there is no tunnel to end: the attempt is given up, and no event follows. */
  close(code: number): void {
    if (this.#pipe === null) this.#connection.abandon(this);
    else this.#pipe.close(code);
  }

  onReady(body: BodySink): void {
    body.end();
  }

  onInform(head: ResponseHead): void {
    stripHopByHopResponse(head.headers);
    this.#exchange.inform(head);
  }

  onHead(head: ResponseHead): BodySink {
    return this.#events.onRefused(head);
  }

  onFailure(failure: ProxyFailure): void {
    this.#events.onFailure(failure);
  }

  onSwitch(head: ParsedResponse, backend: Socket): SwitchTaker {
    let taken: ReturnType<Exchange['takeSocket']>;
    try {
      taken = this.#exchange.takeSocket();
    } catch {
      // The client left while the backend agreed; the exchange has said so.
      backend.destroy();
      return this;
    }
    const client = taken.socket;
    this.#early = taken.early;
    this.#pipe = new TunnelPipe(client, backend, {
      websocket: this.protocol === 'websocket',
      backendReusesBuffer: true,
      idleMs: this.#idleMs,
      stallMs: this.#limits.stallMs,
      closeMs: this.#limits.tunnelCloseMs,
      mask: () => randomBytes(4),
      onClose: (carried) => this.#events.onClose(carried),
    });
    const protocol = takeProtocol(head);
    this.#events.onOpen(head);
    client.write(switchText(head, protocol), 'latin1');
    return this;
  }

  read(bytes: Buffer, at: number, end: number): boolean {
    const pipe = this.#pipe;
    if (pipe === null) return true;
    const early = this.#early;
    if (early !== null) {
      this.#early = null;
      return pipe.start({ fromClient: early, fromBackend: bytes.subarray(at, end) });
    }
    if (this.#view.length !== end) this.#view = bytes.subarray(0, end);
    return pipe.fromBackend(this.#view);
  }
}

const noBytes = Buffer.alloc(0);
