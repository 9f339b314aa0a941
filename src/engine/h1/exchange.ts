import type { ResponseHead } from '../../http/head.ts';
import type { BodySink, Client, Exchange, TakenSocket } from '../../http/transport.ts';
import { clientAborted, lostSink } from '../lost-client.ts';
import { interimText, responseText } from './head-text.ts';
import { type Framing, type MessageOwner, MessageSink } from './message-sink.ts';
import type { ParsedRequest } from './request-head.ts';
import type { Wire } from './wire.ts';

/** What an exchange may ask of the connection it is on. */
export interface ExchangeConnection {
  readonly client: Client;
  readonly wire: Wire;
  /** Starts the request body into the sink. */
  receive(sink: BodySink): void;
  /** The next answer may leave the connection open. */
  mayPersist(): boolean;
  /** The answer has been handed over completely; `open` = another request may follow. */
  finished(open: boolean): void;
  /** RST: what was sent is visibly not everything. */
  reset(): void;
  /** Closes without an answer. */
  hangUp(): void;
  takeSocket(): TakenSocket;
}

/** A request on a connection, and its answer. */
export class H1Exchange implements Exchange, MessageOwner {
  readonly request: ParsedRequest;
  readonly client: Client;
  onClose: ((how: 'complete' | 'aborted') => void) | null = null;
  readonly #connection: ExchangeConnection;
  #received = false;
  #continued = false;
  #sink: MessageSink | null = null;
  #open = false;
  #over = false;

  constructor(request: ParsedRequest, connection: ExchangeConnection) {
    this.request = request;
    this.client = connection.client;
    this.#connection = connection;
  }

  get responded(): boolean {
    return this.#sink !== null;
  }

  /** The client waits for a word before it sends its body, and has not had it. */
  get awaitsContinue(): boolean {
    return this.request.expectsContinue && !this.#continued;
  }

  receive(sink: BodySink): void {
    if (this.#received) throw new Error('a request body can be received only once');
    this.#received = true;
    if (this.#over) {
      sink.abort(clientAborted());
      return;
    }
    if (this.awaitsContinue && this.#sink === null) {
      this.#continued = true;
      this.#connection.wire.text('HTTP/1.1 100 Continue\r\n\r\n');
    }
    this.#connection.receive(sink);
  }

  inform(head: ResponseHead): void {
    if (this.#over || this.#sink !== null || this.request.version === '1.0') return;
    if (head.status === 100) {
      // Once is enough, and a client that did not ask for it may take it for an answer.
      if (!this.awaitsContinue) return;
      this.#continued = true;
    }
    this.#connection.wire.text(interimText(head));
  }

  respond(head: ResponseHead): BodySink {
    if (this.#over) return lostSink();
    if (this.#sink !== null) throw new Error('an exchange has one final response');
    const { wire } = this.#connection;
    const framing = framingOf(head, this.request);
    this.#open = framing !== 'close' && this.request.keepAlive && this.#connection.mayPersist();
    const connection = !this.#open ? 'close' : this.request.version === '1.0' ? 'keep-alive' : '';
    wire.text(responseText(head, framing, connection));
    this.#sink = new MessageSink(wire, framing, this);
    return this.#sink;
  }

  takeSocket(): TakenSocket {
    if (this.request.upgrade === null || this.#over || this.#sink !== null)
      throw new Error('this connection cannot be taken');
    this.#over = true;
    return this.#connection.takeSocket();
  }

  destroy(): void {
    if (this.#over) return;
    if (this.#sink !== null) this.#cut();
    else {
      this.#connection.hangUp();
      this.#end('aborted');
    }
  }

  /** The connection has ended, or its request turned out to be unreadable. */
  gone(): void {
    this.#sink?.close();
    if (!this.#over) this.#end('aborted');
  }

  /** Complete once the kernel has it all. */
  onMessageEnd(): void {
    const { wire } = this.#connection;
    if (wire.empty) this.#complete();
    else wire.whenEmpty(() => this.#complete());
  }

  onMessageCut(): void {
    this.#cut();
  }

  #complete(): void {
    if (this.#over) return;
    this.#end('complete');
    this.#connection.finished(this.#open);
  }

  #cut(): void {
    if (this.#over) return;
    this.#connection.reset();
    this.#end('aborted');
  }

  #end(how: 'complete' | 'aborted'): void {
    this.#over = true;
    const { onClose } = this;
    this.onClose = null;
    onClose?.(how);
  }
}

function framingOf(head: ResponseHead, request: ParsedRequest): Framing {
  const { status, bodyLength } = head;
  if (request.method === 'HEAD' || status === 204 || status === 304) return 'ignored';
  if (bodyLength !== null) return bodyLength;
  return request.version === '1.0' ? 'close' : 'chunked';
}
