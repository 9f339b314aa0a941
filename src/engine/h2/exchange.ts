import { constants, type ServerHttp2Stream } from 'node:http2';
import { ProxyFailure, type Reason } from '../../http/failure.ts';
import type { ResponseHead } from '../../http/head.ts';
import type { HeaderList } from '../../http/header-list.ts';
import type { BodySink, Client, Exchange, Refusal, TakenSocket } from '../../http/transport.ts';
import { BodyPump } from '../body-pump.ts';
import { clientAborted, lostSink } from '../lost-client.ts';
import { cutStream } from './cut-stream.ts';
import { endEarly } from './early-end.ts';
import { refuse } from './refusal.ts';
import type { H2Request } from './request-reading.ts';
import { RequestTrailers } from './request-trailers.ts';
import { interimFieldsOf, isBodyless, responseFields, statusMax } from './response-fields.ts';
import { sendHead } from './send-head.ts';
import { type StreamFraming, StreamSink, type StreamSinkOwner } from './stream-sink.ts';

/** What an exchange may ask of the session it is on. */
export interface ExchangeSession {
  readonly client: Client;
  readonly refusal: Refusal;
  readonly stallMs: number;
  readonly paceBytes: number;
}

const noBytes = Buffer.alloc(0);

/** A request on a stream, and its answer. */
export class H2Exchange implements Exchange, StreamSinkOwner {
  readonly request: H2Request;
  readonly client: Client;
  onClose: ((how: 'complete' | 'aborted') => void) | null = null;
  readonly #stream: ServerHttp2Stream;
  readonly #session: ExchangeSession;
  readonly #trailers: RequestTrailers | null;
  #body: BodyPump | null = null;
  #received = false;
  #requestComplete: boolean;
  #continued = false;
  #sink: StreamSink | null = null;
  /** Answered, cut or taken: nothing goes out any more. */
  #over = false;

  /** @param about.ended the head was the whole request. */
  constructor(
    request: H2Request,
    stream: ServerHttp2Stream,
    session: ExchangeSession,
    about: { readonly ended: boolean },
  ) {
    this.request = request;
    this.client = session.client;
    this.#stream = stream;
    this.#trailers = about.ended ? null : new RequestTrailers(stream);
    this.#session = session;
    this.#requestComplete = about.ended;
  }

  /** In the words of `/status`. */
  get activity(): 'reading' | 'writing' {
    return this.#requestComplete || this.#sink !== null || this.request.upgrade !== null ? 'writing' : 'reading';
  }

  receive(sink: BodySink): void {
    if (this.#received) throw new Error('a request body can be received only once');
    this.#received = true;
    if (this.#over) {
      sink.abort(clientAborted());
      return;
    }
    if (this.request.bodyLength === 0) {
      sink.end();
      return;
    }
    if (this.request.expectsContinue && this.#sink === null) this.#continue();
    const { stallMs, paceBytes } = this.#session;
    this.#body = new BodyPump(this.#stream, sink, {
      idleMs: stallMs,
      paceBytes,
      onIdle: () => this.#failBody('request-timeout'),
      ending: () => this.#bodyEnding(),
    });
    this.#body.start();
  }

  inform(head: ResponseHead): void {
    if (!this.#open || this.#sink !== null) return;
    if (head.status !== 100) this.#stream.additionalHeaders(interimFieldsOf(head));
    // A client that did not ask for it has no use for it.
    else if (this.request.expectsContinue) this.#continue();
  }

  respond(head: ResponseHead): BodySink {
    if (!this.#open) return lostSink();
    if (this.#sink !== null) throw new Error('an exchange has one final response');
    if (head.status > statusMax) {
      this.#refuse('backend-invalid');
      return lostSink();
    }
    const bodyless = isBodyless(head, this.request.method);
    const framing: StreamFraming = bodyless ? 'bodyless' : (head.bodyLength ?? 'open');
    sendHead(this.#stream, responseFields(head, { bodyless }), {
      endStream: bodyless || framing === 0,
      waitForTrailers: framing === 'open',
    });
    this.#sink = new StreamSink(this.#stream, framing, this.#session.stallMs, this);
    return this.#sink;
  }

  takeSocket(): TakenSocket {
    if (this.request.upgrade === null || !this.#open || this.#sink !== null)
      throw new Error('this stream cannot be taken');
    this.#over = true;
    // How it ends is the tunnel's to tell.
    this.onClose = null;
    const stream = this.#stream;
    // node ends the writable side of a stream that is reset, and then it looks like one that was ended in peace.
    stream.once('aborted', () => cutStream(stream));
    // Where HTTP/1.1 has 101, an extended CONNECT has 200 (RFC 8441 §4).
    const agree = (head: ResponseHead): void => {
      if (stream.closed || stream.destroyed) return;
      const fields = responseFields({ ...head, status: 200, bodyLength: null }, { bodyless: false });
      sendHead(stream, fields, { endStream: false, waitForTrailers: false });
    };
    return { socket: stream, early: noBytes, agree };
  }

  destroy(): void {
    if (!this.#over) this.onCut();
  }

  /**
   * The stream has been closed, by whomever.
   *
   * @returns whether the request was neither answered nor given up by us.
   */
  gone(): boolean {
    this.#sink?.close();
    const wasUnanswered = !this.#over;
    const wasBad = this.#stream.rstCode === constants.NGHTTP2_PROTOCOL_ERROR;
    this.#end('aborted');
    this.#body?.fail(wasBad ? new ProxyFailure('bad-request', { source: 'client' }) : clientAborted());
    return wasUnanswered;
  }

  onSent(): void {
    if (this.#over) return;
    this.#end('complete');
    this.#body?.fail(clientAborted('the answer was complete before the request'));
    if (!this.#requestComplete) endEarly(this.#stream, this.#session.stallMs);
  }

  onCut(): void {
    this.#over = true;
    cutStream(this.#stream);
    this.#end('aborted');
  }

  get #open(): boolean {
    return !this.#over && !this.#stream.closed && !this.#stream.destroyed;
  }

  #continue(): void {
    if (this.#continued || !this.#open) return;
    this.#continued = true;
    this.#stream.additionalHeaders({ ':status': '100' });
  }

  #bodyEnding(): HeaderList | null | 'cut' {
    // node ends a body that was reset, too, even with the code of no error; only where the stream is open was it END_STREAM.
    if (this.#stream.closed) return 'cut';
    const trailers = this.#trailers?.read() ?? null;
    if (trailers === 'bad') {
      this.#failBody('bad-request');
      return 'cut';
    }
    this.#requestComplete = true;
    return trailers;
  }

  /** The rest of the request cannot be read, or does not come. */
  #failBody(reason: Reason): void {
    // Whoever receives the body may have an answer of its own, which stands in the log.
    this.#body?.fail(new ProxyFailure(reason, { source: 'client' }));
    if (this.#over) return;
    if (this.#sink === null) this.#refuse(reason);
    else this.onCut();
  }

  #refuse(reason: Reason): void {
    this.#over = true;
    const { headers, method } = this.request;
    const { refusal, stallMs } = this.#session;
    const source = reason === 'backend-invalid' ? 'backend' : 'client';
    refuse(this.#stream, new ProxyFailure(reason, { source }), {
      refusal,
      accept: headers.get('accept'),
      method,
      stallMs,
    });
    this.#end('aborted');
  }

  #end(how: 'complete' | 'aborted'): void {
    this.#over = true;
    const { onClose } = this;
    this.onClose = null;
    onClose?.(how);
  }
}
