import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyFailure } from '../../http/failure.ts';
import type { ResponseHead } from '../../http/head.ts';
import type { Exchange, TunnelCall, TunnelEvents, TunnelRequest, TunnelTransport } from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { TunnelHandshake } from '../tunnel-handshake.ts';
import { goingAway, type TunnelPipe } from '../tunnel-pipe.ts';
import { readResponse } from './response-reading.ts';
import { NodeCall } from './upstream-call.ts';

/** Opens tunnels: the handshake goes out like any request, on a connection of its own; the answer decides. */
export class NodeTunnelOpener implements TunnelTransport {
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  open(exchange: Exchange, request: TunnelRequest, events: TunnelEvents): TunnelCall {
    const tunnel = new NodeTunnel(new TunnelHandshake(exchange, request, events, this.#options), this.#options);
    tunnel.start();
    return tunnel;
  }
}

class NodeTunnel implements TunnelCall {
  readonly #handshake: TunnelHandshake;
  readonly #linesMax: number;
  readonly #call: NodeCall;
  #pipe: TunnelPipe | null = null;

  constructor(handshake: TunnelHandshake, { responseHeadBytesMax, responseLinesMax }: EngineOptions) {
    this.#handshake = handshake;
    this.#linesMax = responseLinesMax;
    this.#call = new NodeCall(handshake.request, handshake, {
      agent: null,
      continueWaitMs: 0,
      responseHeadBytesMax,
      responseLinesMax,
      upgrade: {
        protocol: handshake.protocol,
        onSwitch: (message, socket, early) => this.#switched(message, socket, early),
      },
    });
  }

  start(): void {
    this.#call.start();
  }

  /** Before the backend has answered there is no tunnel to end: the attempt is given up, and no event follows. */
  close(code: number): void {
    if (this.#pipe === null) this.#call.abort();
    else this.#pipe.close(code);
  }

  sever(): void {
    if (this.#pipe === null) this.#call.sever();
    else this.#pipe.close(goingAway);
  }

  #switched(message: IncomingMessage, backend: Socket, fromBackend: Buffer): void {
    backend.on('error', () => {});
    const head = this.#readSwitch(message);
    if (head === null) {
      backend.destroy();
      this.#handshake.onFailure(
        new ProxyFailure('backend-invalid', { source: 'backend', message: 'its 101 fits no request' }),
      );
      return;
    }
    const agreed = this.#handshake.agreed(backend, head, { backendReusesBuffer: false });
    if (agreed === null) return;
    this.#pipe = agreed.pipe;
    agreed.pipe.start({ fromClient: agreed.fromClient, fromBackend });
  }

  /** The backend's 101; null where it switches to something else than was asked, or announces a body (RFC 9110 §15.2.2). */
  #readSwitch(message: IncomingMessage): ResponseHead | null {
    if (message.headers.upgrade?.toLowerCase() !== this.#handshake.protocol) return null;
    return readResponse(message, 'GET', this.#linesMax);
  }
}
