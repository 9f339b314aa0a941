import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProxyFailure, type Reason } from '../../http/failure.ts';
import { stripTrailers } from '../../http/hop-by-hop.ts';
import type { BodySink, Client, ListenOptions } from '../../http/transport.ts';
import { plainAddress } from '../node/connection.ts';
import { refusalBytes } from '../node/refusal-bytes.ts';
import { mayUpgrade } from '../node/request-reading.ts';
import { BodyReader } from './body-reader.ts';
import type { Deadlined, Deadlines } from './deadlines.ts';
import { type ExchangeConnection, H1Exchange } from './exchange.ts';
import { HeadReader } from './head-reader.ts';
import { LineHeaderList } from './line-header-list.ts';
import { type ParsedRequest, parseRequestHead } from './request-head.ts';
import { Wire } from './wire.ts';

/** What all connections of a listener share. */
export interface ConnectionWorld {
  readonly options: ListenOptions;
  readonly deadlines: Deadlines;
  readonly stallMs: number;
  readonly lingerMs: number;
  readonly draining: boolean;
  closed(connection: ClientConnection): void;
}

/** Bytes that wait for their turn behind the request being served; more stays in the kernel. */
const waitingBytesMax = 64 * 1024;
/** A request body that nobody wants is swallowed up to this size so that the connection can live on. */
const discardBytesMax = 64 * 1024;
/** What a client may still send after its last answer, so that it reads this answer instead of an RST (RFC 9112 §9.6). */
const lingerBytesMax = 1024 * 1024;

const noBytes = Buffer.alloc(0);

/**
 * head: a request head is awaited, or half read. body: its body is being read, wanted or not. answer: the request is
 * complete and its answer is not. linger: the last answer is out, and what still comes is thrown away. over: closed, or taken.
 */
type Phase = 'head' | 'body' | 'answer' | 'linger' | 'over';

/** One client connection: its requests one after the other, each read only when the one before has been answered. */
export class ClientConnection implements ExchangeConnection, Deadlined {
  deadlineMs = Infinity;
  readonly client: Client;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #world: ConnectionWorld;
  readonly #heads: HeadReader;
  #phase: Phase = 'head';
  #exchange: H1Exchange | null = null;
  #body: BodyReader | null = null;
  /** Where the request body goes; null while nobody has asked for it. */
  #sink: BodySink | null = null;
  #sinkFull = false;
  /** The answer is complete while the request is not: what is left of it is swallowed. */
  #discarding = false;
  #waiting: Buffer = noBytes;
  #reading = false;
  #paused = false;
  #lingeredBytes = 0;

  constructor(socket: Socket, world: ConnectionWorld) {
    this.#socket = socket;
    this.#world = world;
    this.#heads = new HeadReader(world.options.limits.headBytesMax);
    this.wire = new Wire(socket);
    this.wire.onStall = () => this.#await(this.#world.stallMs);
    this.client = {
      address: plainAddress(socket.remoteAddress ?? ''),
      port: socket.remotePort ?? 0,
      localPort: socket.localPort ?? 0,
      secure: false,
    };
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', () => {});
    socket.on('close', this.#onClose);
    this.#await(world.options.limits.headTimeoutMs);
    world.deadlines.add(this);
  }

  /** Ends it now if nothing is asked, else with the answer that is due. */
  drain(): void {
    if (this.#phase === 'head' && this.#heads.empty) this.#socket.destroy();
  }

  /** Cuts it, visibly where an answer is due. */
  destroy(): void {
    if (this.#exchange === null) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  onDeadline(): void {
    switch (this.#phase) {
      case 'head':
        if (this.#heads.empty) this.#socket.destroy();
        else this.#refuse('request-timeout', undefined);
        break;
      case 'body':
      case 'answer':
        if (!this.wire.empty || this.#discarding) this.reset();
        else this.#failBody('request-timeout');
        break;
      default:
        this.#socket.destroy();
    }
  }

  receive(sink: BodySink): void {
    this.#sink = sink;
    sink.onDrain = () => {
      this.#sinkFull = false;
      this.#await(this.#world.stallMs);
      this.#read();
    };
    if (this.#phase === 'body') this.#await(this.#world.stallMs);
    this.#read();
  }

  mayPersist(): boolean {
    if (this.#world.draining || this.#phase === 'over' || this.#phase === 'linger') return false;
    if (this.#exchange?.request.upgrade != null) return this.#waiting.length === 0;
    // Not told to go on, a client may send its body or may not (RFC 9110 §10.1.1).
    if (this.#phase === 'body' && this.#exchange?.awaitsContinue) return false;
    return this.#phase !== 'body' || (this.#body?.owedBytes ?? 0) <= discardBytesMax;
  }

  finished(open: boolean): void {
    if (this.#phase === 'over') return;
    this.#exchange = null;
    if (!open) {
      this.#sink?.abort(
        new ProxyFailure('client-aborted', { source: 'client', message: 'the answer was complete before the request' }),
      );
      this.#linger();
      return;
    }
    if (this.#phase === 'body') {
      this.#sink?.abort(
        new ProxyFailure('client-aborted', { source: 'client', message: 'the answer was complete before the request' }),
      );
      this.#sink = null;
      this.#discarding = true;
      this.#await(this.#world.stallMs);
    } else this.#next();
    this.#read();
  }

  reset(): void {
    this.#phase = 'over';
    this.#socket.resetAndDestroy();
  }

  hangUp(): void {
    this.#phase = 'over';
    this.#socket.destroy();
  }

  takeSocket(): { socket: Duplex; early: Uint8Array } {
    const socket = this.#socket;
    this.wire.flush();
    this.#phase = 'over';
    this.#exchange = null;
    this.deadlineMs = Infinity;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.pause();
    const early = this.#waiting;
    this.#waiting = noBytes;
    return { socket, early };
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#phase === 'linger') {
      this.#lingeredBytes += chunk.length;
      if (this.#lingeredBytes > lingerBytesMax) this.#socket.destroy();
      return;
    }
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    this.#read();
  };

  /** A client that closes its side is gone, as for nginx: a waiting backend is let off at once. */
  readonly #onEnd = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#world.deadlines.delete(this);
    this.#world.closed(this);
    this.#phase = 'over';
    this.#waiting = noBytes;
    const exchange = this.#exchange;
    const sink = this.#sink;
    this.#exchange = null;
    this.#sink = null;
    exchange?.gone();
    sink?.abort(new ProxyFailure('client-aborted', { source: 'client' }));
  };

  /** Reads on as far as what has arrived, the handler and the answer under way allow. */
  #read(): void {
    // What is called from here may answer at once and so come back here: the loop goes on by itself.
    if (this.#reading) return;
    this.#reading = true;
    while (this.#waiting.length > 0 && this.#step());
    this.#reading = false;
    this.#holdBack(this.#waiting.length >= waitingBytesMax || this.#sinkFull);
  }

  /** @returns false when there is nothing to do until something happens. */
  #step(): boolean {
    switch (this.#phase) {
      case 'head':
        return this.#readHead();
      case 'body':
        return this.#readBody();
      default:
        return false;
    }
  }

  #readHead(): boolean {
    const bytes = this.#waiting;
    let at = 0;
    if (this.#heads.empty) {
      // One empty line before a request is forgiven, as RFC 9112 §2.2 asks: old clients send it after a body.
      if (bytes[0] === 0x0d && bytes[1] === 0x0a) at = 2;
      this.#await(this.#world.options.limits.headTimeoutMs);
    }
    if (at === bytes.length) {
      this.#waiting = noBytes;
      return false;
    }
    const text = this.#heads.read(bytes, at, bytes.length);
    this.#waiting = this.#heads.at === bytes.length ? noBytes : bytes.subarray(this.#heads.at);
    if (text === null) {
      if (/^[!-~]*(?: |$)/.test(this.#heads.collected.slice(0, 64))) return false;
      this.#refuse('bad-request', undefined);
      return false;
    }
    if (text === 'bad') {
      this.#refuse('bad-request', undefined);
      return false;
    }
    if (text === 'too-large') {
      this.#refuse(this.#isTargetTooLong() ? 'uri-too-long' : 'headers-too-large', undefined);
      return false;
    }
    const request = parseRequestHead(text, this.client.secure);
    if (typeof request === 'string') {
      this.#refuse(request, /\r\naccept:([^\r]*)/i.exec(text)?.[1]?.trim(), /^HEAD /.test(text));
      return false;
    }
    this.#begin(request);
    return true;
  }

  #isTargetTooLong(): boolean {
    const lineEnd = this.#heads.collected.indexOf('\r\n');
    return lineEnd < 0 || lineEnd > this.#world.options.limits.headBytesMax;
  }

  #begin(parsed: ParsedRequest): void {
    const request = parsed.upgrade === null || mayUpgrade(parsed) ? parsed : { ...parsed, upgrade: null };
    const exchange = new H1Exchange(request, this);
    this.#exchange = exchange;
    this.#sink = null;
    this.#sinkFull = false;
    this.#discarding = false;
    if (request.bodyLength === 0) {
      this.#phase = 'answer';
      this.#body = null;
    } else {
      this.#phase = 'body';
      this.#body = new BodyReader(request.bodyLength);
    }
    // The backend's time is the backend's; ours to watch are only bytes that the client owes or does not take.
    this.deadlineMs = Infinity;
    this.#world.options.handler(exchange);
  }

  #readBody(): boolean {
    const sink = this.#sink;
    if ((sink === null && !this.#discarding) || this.#sinkFull) return false;
    const body = this.#body as BodyReader;
    const bytes = this.#waiting;
    const verdict = body.read(bytes, 0, bytes.length, (from_, from, to) => {
      if (sink === null) return true;
      this.#sinkFull = !sink.write(from_.subarray(from, to));
      return !this.#sinkFull;
    });
    this.#waiting = body.at === bytes.length ? noBytes : bytes.subarray(body.at);
    this.deadlineMs = Infinity;
    if (verdict === 'bad') {
      if (this.#discarding) this.#linger();
      else this.#failBody('bad-request');
      return false;
    }
    if (verdict !== 'done') {
      if (!this.#sinkFull) this.#await(this.#world.stallMs);
      return !this.#sinkFull;
    }
    this.#endBody(body);
    return true;
  }

  #endBody(body: BodyReader): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#sinkFull = false;
    this.#phase = 'answer';
    if (this.#discarding) this.#next();
    else if (sink !== null) {
      sink.onDrain = null;
      if (body.trailers === null) sink.end();
      else {
        const trailers = new LineHeaderList(body.trailers);
        stripTrailers(trailers);
        sink.end(trailers.size > 0 ? trailers : undefined);
      }
    }
  }

  /** Ready for the next request. */
  #next(): void {
    if (this.#world.draining && this.#waiting.length === 0) {
      this.#linger();
      return;
    }
    this.#phase = 'head';
    this.#await(this.#world.options.limits.idleTimeoutMs);
  }

  /** The rest of the request cannot be read, or does not come. */
  #failBody(reason: 'request-timeout' | 'bad-request'): void {
    const exchange = this.#exchange;
    const sink = this.#sink;
    this.#sink = null;
    if (exchange?.responded) {
      this.reset();
      exchange.gone();
    } else {
      this.#exchange = null;
      this.#refuse(reason, exchange?.request.headers.get('accept'), exchange?.request.method === 'HEAD');
      exchange?.gone();
    }
    sink?.abort(new ProxyFailure(reason, { source: 'client' }));
  }

  /** Answers in the engine's name and closes. */
  #refuse(reason: Reason, accept: string | undefined, bodyless = false): void {
    const answer = this.#world.options.refuse(new ProxyFailure(reason, { source: 'client' }), { accept });
    this.wire.flush();
    this.#socket.write(refusalBytes(answer, { bodyless }));
    this.#linger();
  }

  /** Says that nothing more comes, and listens until the client has said the same, for a while. */
  #linger(): void {
    if (this.#phase === 'over' || this.#phase === 'linger') return;
    const quiet = this.#phase === 'answer' && this.#waiting.length === 0;
    this.#phase = 'linger';
    this.#waiting = noBytes;
    this.wire.flush();
    if (quiet) {
      this.#socket.destroySoon();
      return;
    }
    this.#holdBack(false);
    this.#socket.end();
    this.#await(this.#world.lingerMs);
  }

  #holdBack(hold: boolean): void {
    if (hold === this.#paused || this.#phase === 'over') return;
    this.#paused = hold;
    if (hold) this.#socket.pause();
    else this.#socket.resume();
  }

  #await(ms: number): void {
    this.deadlineMs = this.#world.deadlines.nowMs + ms;
  }
}
