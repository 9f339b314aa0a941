import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ProxyFailure } from '../../http/failure.ts';
import type { ResponseHead } from '../../http/head.ts';
import type { BodySink, Client, Exchange } from '../../http/transport.ts';
import { clientAborted, lostSink } from '../lost-client.ts';
import { MessagePump } from './message-pump.ts';
import type { NodeRequest } from './request-reading.ts';
import { frameResponse } from './response-framing.ts';
import { ResponseSink } from './response-sink.ts';

/** What an exchange may ask of the connection it is on. */
export interface ExchangeConnection {
  readonly client: Client;
  /** A client stalls in the middle of a body, or takes nothing of an answer, for at most this long. */
  readonly stallMs: number;
  /** What a request body must bring within that time. */
  readonly paceBytes: number;
  /** The next answer may leave the connection open. */
  mayPersist(exchange: NodeExchange): boolean;
  /** RST: what was sent is visibly not everything. */
  reset(): void;
  /** Closes without an answer. */
  hangUp(): void;
  /** Answers in the engine's name and closes. */
  refuse(failure: ProxyFailure, request: NodeRequest): void;
  /** The answer has been handed to the kernel; `open` = the next request may come. */
  finished(about: { readonly open: boolean }): void;
}

/** Where the connection of an upgrade request can be had. */
export interface SocketSource {
  take(): { socket: Duplex; early: Uint8Array };
}

/**
 * A request body that nobody wants is swallowed up to this size so that the connection can live on; a longer one costs the
 * connection, because reading it would cost more.
 */
const discardBytesMax = 64 * 1024;

/** A request on node's server, and its answer. */
export class NodeExchange implements Exchange {
  readonly request: NodeRequest;
  readonly client: Client;
  onClose: ((how: 'complete' | 'aborted') => void) | null = null;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: ExchangeConnection;
  readonly #source: SocketSource | null;
  #pump: MessagePump | null = null;
  #received = false;
  #receivedBytes = 0;
  #bodyFailure: ProxyFailure | null = null;
  #continued = false;
  #responded = false;
  #persists = false;
  /** Closed, cut or taken: nothing goes out any more. */
  #over = false;

  constructor(
    request: NodeRequest,
    wire: { message: IncomingMessage; response: ServerResponse; source: SocketSource | null },
    connection: ExchangeConnection,
  ) {
    this.request = request;
    this.client = connection.client;
    this.#message = wire.message;
    this.#response = wire.response;
    this.#connection = connection;
    this.#source = wire.source;
    wire.response.sendDate = false;
    wire.response.once('finish', () => this.#finish());
  }

  /** The request has been read to its last byte. */
  get requestComplete(): boolean {
    return this.#message.complete;
  }

  get responded(): boolean {
    return this.#responded;
  }

  /** What is wrong with its body, known before its turn came. */
  get bodyFailure(): ProxyFailure | null {
    return this.#bodyFailure;
  }

  receive(sink: BodySink): void {
    if (this.#received) throw new Error('a request body can be received only once');
    this.#received = true;
    const failure = this.#bodyFailure ?? (this.#over ? clientAborted() : null);
    if (failure !== null) {
      sink.abort(failure);
      return;
    }
    if (this.request.expectsContinue && !this.#continued && !this.#responded) {
      this.#continued = true;
      this.#response.writeContinue();
    }
    const onIdle = (): void => this.failBody(new ProxyFailure('request-timeout', { source: 'client' }));
    this.#pump = new MessagePump(this.#message, sink, {
      idleMs: this.#connection.stallMs,
      paceBytes: this.#connection.paceBytes,
      onIdle,
      onFlow: (bytes) => {
        this.#receivedBytes += bytes;
      },
    });
    this.#pump.start();
  }

  inform(head: ResponseHead): void {
    if (this.#over || this.#responded || this.request.version === '1.0') return;
    if (head.status === 100) {
      // Once is enough, and a client that did not ask for it may take it for an answer.
      if (this.#continued || !this.request.expectsContinue) return;
      this.#continued = true;
      // In node's own words: after any other 100 it closes the connection behind the answer, without a word about it.
      this.#response.writeContinue();
      return;
    }
    for (const name of ['content-length', 'trailer']) head.headers.delete(name);
    this.#response.writeInformation(head.status, head.headers.flat());
  }

  respond(head: ResponseHead): BodySink {
    if (this.#over) return lostSink();
    if (this.#responded) throw new Error('an exchange has one final response');
    // Not told to go on, the client may send its body or may not (RFC 9110 §10.1.1); and without a 100 node closes the connection.
    const waits = this.request.expectsContinue && !this.#continued;
    const persists =
      this.request.keepAlive && !waits && this.#connection.mayPersist(this) && this.#owedBytes() <= discardBytesMax;
    const framed = frameResponse(head, this.request, { keepAlive: persists });
    const response = this.#response;
    // Said to be removed, node adds none of its own.
    for (const name of ['connection', 'content-length', 'transfer-encoding']) response.removeHeader(name);
    response.writeHead(head.status, head.reason || (STATUS_CODES[head.status] ?? ''), framed.fields);
    this.#responded = true;
    this.#persists = !framed.close;
    const sink = new ResponseSink(response, framed, {
      stallMs: this.#connection.stallMs,
      cut: () => this.#cut(),
    });
    // The head travels with the first bytes of the body; a body that lets itself be waited for must not hold it back.
    setImmediate(() => {
      if (!this.#over && !sink.begun) response.flushHeaders();
    });
    return sink;
  }

  takeSocket(): { socket: Duplex; early: Uint8Array } {
    if (this.#source === null || this.#over || this.#responded) throw new Error('this connection cannot be taken');
    this.#over = true;
    return this.#source.take();
  }

  destroy(): void {
    if (this.#over) return;
    if (this.#responded) this.#cut();
    else {
      this.#over = true;
      this.#connection.hangUp();
    }
  }

  /** The client is gone, or the connection was cut. */
  gone(): void {
    this.#end('aborted');
    this.#pump?.fail(clientAborted());
  }

  /** The rest of the request cannot be read. `unstarted`: the handler has not seen the exchange, and never will. */
  failBody(failure: ProxyFailure, { unstarted = false } = {}): void {
    this.#bodyFailure = failure;
    if (unstarted) return;
    // Whoever receives the body may have an answer of its own.
    this.#pump?.fail(failure);
    this.#message.resume();
    if (this.#over) return;
    if (!this.#responded) {
      this.#over = true;
      this.#connection.refuse(failure, this.request);
      this.#end('aborted');
    } else if (!this.#response.writableEnded) this.#cut();
  }

  #cut(): void {
    this.#over = true;
    this.#connection.reset();
  }

  /** Bytes of the request that are still to come; infinite where nobody knows. */
  #owedBytes(): number {
    if (this.#message.complete) return 0;
    const { bodyLength } = this.request;
    if (bodyLength === null || this.#bodyFailure !== null) return Infinity;
    return bodyLength - this.#receivedBytes;
  }

  #finish(): void {
    this.#end('complete');
    if (!this.#message.complete) {
      this.#pump?.fail(clientAborted('the answer was complete before the request'));
      this.#message.resume();
    }
    this.#connection.finished({ open: this.#persists });
  }

  #end(how: 'complete' | 'aborted'): void {
    this.#over = true;
    const { onClose } = this;
    this.onClose = null;
    onClose?.(how);
  }
}
