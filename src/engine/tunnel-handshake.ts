import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import { linesText } from '../http/header-block.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type {
  BodySink,
  Exchange,
  TakenSocket,
  TunnelEvents,
  TunnelRequest,
  UpstreamEvents,
  UpstreamRequest,
} from '../http/transport.ts';
import { TunnelPipe } from './tunnel-pipe.ts';
import { acceptOf, websocketKey } from './websocket-key.ts';

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
  /** Where we shake hands by ourselves: over HTTP/2 the client has no key (RFC 8441 §5). */
  readonly #key: string | null;

  constructor(exchange: Exchange, request: TunnelRequest, events: TunnelEvents, options: TunnelOptions) {
    const { peer, head, connectMs, readMs, idleMs } = request;
    this.request = { peer, head, timeouts: { connectMs, readMs, sendMs: readMs } };
    this.protocol = head.upgrade ?? '';
    this.#exchange = exchange;
    this.#idleMs = idleMs;
    this.#events = events;
    this.#options = options;
    this.#key = head.version === '2' && this.protocol === 'websocket' ? websocketKey() : null;
    if (this.#key !== null) head.headers.set('Sec-WebSocket-Key', this.#key);
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
   * @returns the pipe, to be started with the bytes that were early; null when there is none, and who asked knows.
   */
  agreed(
    backend: Socket,
    head: ResponseHead,
    about: { readonly backendReusesBuffer: boolean },
  ): { readonly pipe: TunnelPipe; readonly fromClient: Uint8Array } | null {
    if (this.#key !== null && head.headers.only('sec-websocket-accept') !== acceptOf(this.#key)) {
      backend.destroy();
      this.onFailure(
        new ProxyFailure('backend-invalid', { source: 'backend', message: 'its 101 does not answer our key' }),
      );
      return null;
    }
    let taken: TakenSocket;
    try {
      taken = this.#exchange.takeSocket();
    } catch {
      // The client left while the backend agreed; the exchange has said so.
      backend.destroy();
      return null;
    }
    const { socket: client, early: fromClient, carry: carryClient, agree } = taken;
    const pipe = new TunnelPipe(client, backend, {
      websocket: this.protocol === 'websocket',
      backendReusesBuffer: about.backendReusesBuffer,
      carryClient,
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
    if (this.#key !== null) head.headers.delete('sec-websocket-accept');
    this.#events.onOpen(head);
    if (agree === undefined) client.write(switchText(head, protocol), 'latin1');
    else agree(head);
    return { pipe, fromClient };
  }
}

/** The 101 as the client gets it (RFC 9110 §7.8). */
function switchText(head: ResponseHead, protocol: string): string {
  const lines = linesText(head.headers.flat());
  return `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;
}
