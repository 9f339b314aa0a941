import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import { linesText } from '../http/header-block.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type {
  BodySink,
  Exchange,
  TunnelEvents,
  TunnelRequest,
  UpstreamEvents,
  UpstreamRequest,
} from '../http/transport.ts';
import { TunnelPipe } from './tunnel-pipe.ts';

export interface TunnelOptions {
  readonly tunnelCloseMs: number;
  readonly stallMs: number;
}

/** The request that may become a tunnel, whoever carries it: what is answered on the way to the 101, and what comes of that. */
export class TunnelHandshake implements UpstreamEvents {
  readonly request: UpstreamRequest;
  /** In lower case. */
  readonly protocol: string;
  readonly #exchange: Exchange;
  readonly #idleMs: number;
  readonly #events: TunnelEvents;
  readonly #options: TunnelOptions;

  constructor(exchange: Exchange, request: TunnelRequest, events: TunnelEvents, options: TunnelOptions) {
    const { peer, head, connectMs, readMs, idleMs } = request;
    this.request = { peer, head, timeouts: { connectMs, readMs, sendMs: readMs } };
    this.protocol = head.upgrade ?? '';
    this.#exchange = exchange;
    this.#idleMs = idleMs;
    this.#events = events;
    this.#options = options;
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

  /**
   * The backend agrees: the client is told.
   *
   * @param head its 101.
   * @returns the pipe, to be started with the bytes that were early; null when the client is gone.
   */
  agreed(
    backend: Socket,
    head: ResponseHead,
    about: { readonly backendReusesBuffer: boolean },
  ): { readonly pipe: TunnelPipe; readonly fromClient: Uint8Array } | null {
    let taken: ReturnType<Exchange['takeSocket']>;
    try {
      taken = this.#exchange.takeSocket();
    } catch {
      // The client left while the backend agreed; the exchange has said so.
      backend.destroy();
      return null;
    }
    const { socket: client, early: fromClient } = taken;
    const pipe = new TunnelPipe(client, backend, {
      websocket: this.protocol === 'websocket',
      backendReusesBuffer: about.backendReusesBuffer,
      idleMs: this.#idleMs,
      stallMs: this.#options.stallMs,
      closeMs: this.#options.tunnelCloseMs,
      mask: () => randomBytes(4),
      onClose: (carried) => this.#events.onClose(carried),
    });
    // In the backend's spelling.
    const protocol = head.headers.get('upgrade') ?? '';
    stripHopByHopResponse(head.headers);
    head.headers.delete('content-length');
    this.#events.onOpen(head);
    client.write(switchText(head, protocol), 'latin1');
    return { pipe, fromClient };
  }
}

/** The 101 as the client gets it (RFC 9110 §7.8). */
function switchText(head: ResponseHead, protocol: string): string {
  const lines = linesText(head.headers.flat());
  return `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;
}
