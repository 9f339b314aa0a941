import type { Socket } from 'node:net';
import type { ProxyFailure } from '../../http/failure.ts';
import type {
  Exchange,
  TunnelCall,
  TunnelEvents,
  TunnelRequest,
  TunnelTransport,
  UpstreamRequest,
} from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { TunnelHandshake } from '../tunnel-handshake.ts';
import { goingAway, type TunnelPipe } from '../tunnel-pipe.ts';
import type { BackendSessions } from './backend-sessions.ts';
import type { ConnectionCall, ConnectionKeeper, ProtocolSwitch, SwitchTaker } from './connection-call.ts';
import type { Deadlines } from './deadlines.ts';
import type { ParsedResponse } from './response-head.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** Opens tunnels: the handshake goes out like any request, on a connection of its own; the answer decides. */
export class H1TunnelOpener implements TunnelTransport, ConnectionKeeper {
  readonly deadlines: Deadlines;
  readonly limits: EngineOptions;
  readonly sessions: BackendSessions;
  readonly idleMs = 0;
  readonly continueWaitMs = 0;

  constructor(options: EngineOptions, deadlines: Deadlines, sessions: BackendSessions) {
    this.limits = options;
    this.deadlines = deadlines;
    this.sessions = sessions;
  }

  open(exchange: Exchange, request: TunnelRequest, events: TunnelEvents): TunnelCall {
    return new H1Tunnel(new TunnelHandshake(exchange, request, events, this.limits), this);
  }

  /** A connection that served one handshake serves nothing else. */
  idle(connection: UpstreamConnection): void {
    connection.destroy();
  }

  closed(): void {}
}

class H1Tunnel implements TunnelCall, ConnectionCall, ProtocolSwitch, SwitchTaker {
  readonly request: UpstreamRequest;
  readonly events: TunnelHandshake;
  readonly switching: ProtocolSwitch = this;
  readonly protocol: string;
  readonly #connection: UpstreamConnection;
  #pipe: TunnelPipe | null = null;
  /** Bytes that came right behind the client's handshake, until the pipe starts. */
  #early: Uint8Array | null = null;
  /** The last read; messages of one size need only one. */
  #view: Buffer = noBytes;

  constructor(handshake: TunnelHandshake, opener: H1TunnelOpener) {
    this.request = handshake.request;
    this.events = handshake;
    this.protocol = handshake.protocol;
    this.#connection = new UpstreamConnection(this, opener);
  }

  /** Before the backend has answered there is no tunnel to end: the attempt is given up, and no event follows. */
  close(code: number): void {
    if (this.#pipe === null) this.#connection.abandon(this);
    else this.#pipe.close(code);
  }

  sever(): void {
    if (this.#pipe === null) this.#connection.sever(this);
    else this.#pipe.close(goingAway);
  }

  onFailure(failure: ProxyFailure): void {
    this.events.onFailure(failure);
  }

  onSwitch(head: ParsedResponse, backend: Socket): SwitchTaker {
    const agreed = this.events.agreed(backend, head, { backendReusesBuffer: true });
    if (agreed !== null) {
      this.#pipe = agreed.pipe;
      this.#early = agreed.fromClient;
    }
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
