import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type {
  BodySink,
  Exchange,
  TunnelCall,
  TunnelEvents,
  TunnelRequest,
  TunnelTransport,
  UpstreamEvents,
} from '../http/transport.ts';
import { readResponse } from './node/response-reading.ts';
import { NodeCall } from './node/upstream-call.ts';
import { TunnelPipe } from './tunnel-pipe.ts';

export interface TunnelOptions {
  readonly tunnelCloseMs: number;
  readonly stallMs: number;
  readonly responseHeadBytesMax: number;
  readonly responseLinesMax: number;
}

/** Opens tunnels: the handshake goes out like any request, on a connection of its own; the answer decides. */
export class TunnelOpener implements TunnelTransport {
  readonly #options: TunnelOptions;

  constructor(options: TunnelOptions) {
    this.#options = options;
  }

  open(exchange: Exchange, request: TunnelRequest, events: TunnelEvents): TunnelCall {
    const tunnel = new Tunnel(exchange, request, events, this.#options);
    tunnel.start();
    return tunnel;
  }
}

class Tunnel implements TunnelCall, UpstreamEvents {
  readonly #exchange: Exchange;
  readonly #request: TunnelRequest;
  readonly #events: TunnelEvents;
  readonly #options: TunnelOptions;
  readonly #call: NodeCall;
  #pipe: TunnelPipe | null = null;

  constructor(exchange: Exchange, request: TunnelRequest, events: TunnelEvents, options: TunnelOptions) {
    const { peer, head, connectMs, readMs } = request;
    this.#exchange = exchange;
    this.#request = request;
    this.#events = events;
    this.#options = options;
    const timeouts = { connectMs, readMs, sendMs: readMs };
    this.#call = new NodeCall({ peer, head, timeouts }, this, {
      agent: null,
      continueWaitMs: 0,
      responseHeadBytesMax: options.responseHeadBytesMax,
      responseLinesMax: options.responseLinesMax,
      upgrade: {
        protocol: head.upgrade ?? '',
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

  #switched(message: IncomingMessage, backend: Socket, early: Buffer): void {
    backend.on('error', () => {});
    const head = readSwitch(message, this.#request.head.upgrade, this.#options.responseLinesMax);
    if (head === null) {
      backend.destroy();
      this.#events.onFailure(
        new ProxyFailure('backend-invalid', { source: 'backend', message: 'its 101 fits no request' }),
      );
      return;
    }
    let taken: ReturnType<Exchange['takeSocket']>;
    try {
      taken = this.#exchange.takeSocket();
    } catch {
      // The client left while the backend agreed; the exchange has said so.
      backend.destroy();
      return;
    }
    const client = taken.socket;
    this.#pipe = new TunnelPipe(client, backend, {
      websocket: this.#request.head.upgrade === 'websocket',
      backendReusesBuffer: false,
      idleMs: this.#request.idleMs,
      stallMs: this.#options.stallMs,
      closeMs: this.#options.tunnelCloseMs,
      mask: () => randomBytes(4),
      onClose: (carried) => this.#events.onClose(carried),
    });
    this.#events.onOpen(head);
    client.write(switchBytes(head, message.headers.upgrade ?? ''), 'latin1');
    this.#pipe.start({ fromClient: taken.early, fromBackend: early });
  }
}

/** The backend's 101; null where it switches to something else than was asked, or announces a body (RFC 9110 §15.2.2). */
function readSwitch(message: IncomingMessage, protocol: string | null, linesMax: number): ResponseHead | null {
  if (message.headers.upgrade?.toLowerCase() !== protocol) return null;
  const head = readResponse(message, 'GET', linesMax);
  if (head === null) return null;
  stripHopByHopResponse(head.headers);
  head.headers.delete('content-length');
  return head;
}

function switchBytes(head: ResponseHead, protocol: string): string {
  const fields = head.headers.flat();
  let text = `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${text}\r\n`;
}
