import type { Socket } from 'node:net';
import { ProxyFailure } from '../../http/failure.ts';
import type { BodySink, Client, TakenSocket } from '../../http/transport.ts';
import { cut } from '../cut.ts';
import { hangUp } from '../hang-up.ts';
import { clientAborted } from '../lost-client.ts';
import { type ClientReads, kept, type ReadsOwner } from './client-reads.ts';
import type { ConnectionPhase, ConnectionWorld } from './connection-world.ts';
import { type ExchangeConnection, H1Exchange } from './exchange.ts';
import { Farewell } from './farewell.ts';
import { IncomingBody } from './incoming-body.ts';
import { Intake, type IntakeOwner } from './intake.ts';
import { closeTurn, openTurn } from './output-turn.ts';
import { Patience } from './patience.ts';
import type { ParsedRequest } from './request-head.ts';
import { type RefusedHead, RequestReader } from './request-reader.ts';
import { Wire, type WireOwner } from './wire.ts';

/** One client connection: its requests one after the other, each read only when the one before has been answered. */
export class ClientConnection implements ExchangeConnection, IntakeOwner, ReadsOwner, WireOwner {
  readonly client: Client;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #world: ConnectionWorld;
  readonly #requests: RequestReader;
  readonly #patience: Patience;
  readonly #farewell: Farewell;
  #phase: ConnectionPhase = 'head';
  #exchange: H1Exchange | null = null;
  /** Of the request that is served, or was last. */
  body: IncomingBody | null = null;
  readonly intake: Intake;
  readonly #reads: ClientReads | null;
  #served = 0;

  /** @param reads where the socket's reads go; null where they come as 'data'. */
  constructor(socket: Socket, client: Client, world: ConnectionWorld, reads: ClientReads | null) {
    this.client = client;
    this.#socket = socket;
    this.#world = world;
    this.#requests = new RequestReader(world.options.limits, client);
    this.#farewell = new Farewell(socket);
    this.#patience = new Patience(world.deadlines, world.pace, () => this.#onDeadline());
    this.wire = new Wire(socket, this);
    this.intake = new Intake(socket, this);
    this.#reads = reads;
    if (reads === null) socket.on('data', this.#onData);
    else reads.owner = this;
    socket.on('end', this.#onEnd);
    socket.on('error', () => {});
    socket.on('close', this.#onClose);
    this.#patience.until(world.options.limits.headTimeoutMs);
  }

  /** What it is busy with, in the words of `/status`. */
  get activity(): 'reading' | 'writing' | 'waiting' {
    if (this.#phase === 'head') return this.#requests.empty ? 'waiting' : 'reading';
    return this.#phase === 'body' && !this.#exchange?.responded ? 'reading' : 'writing';
  }

  get full(): boolean {
    return this.body?.full === true;
  }

  get over(): boolean {
    return this.#phase === 'over';
  }

  /** Ends it if nothing is asked; else it ends with the answer that is due. */
  endIfIdle(): boolean {
    if (this.activity !== 'waiting') return false;
    this.hangUp();
    return true;
  }

  /** Cuts it, visibly where an answer is due. */
  destroy(): void {
    if (this.#exchange === null) this.#socket.destroy();
    else cut(this.#socket);
  }

  onWireChange(): void {
    this.#watch();
  }

  #onDeadline(): void {
    switch (this.#phase) {
      case 'head':
        if (this.#requests.empty) this.hangUp();
        else this.#refuse({ reason: 'request-timeout', accept: undefined, bodyless: false });
        break;
      case 'body':
      case 'answer':
        if (!this.wire.empty || this.body?.discarding) this.reset();
        else this.#failBody('request-timeout');
        break;
      default:
        this.#socket.destroy();
    }
  }

  receive(sink: BodySink): void {
    if (this.body === null) return sink.end();
    const goOn = (): void => {
      this.#watch();
      this.intake.read();
    };
    this.body.receive(sink, goOn);
    goOn();
  }

  mayPersist(): boolean {
    if (this.#served === this.#world.options.limits.requestsMax) return false;
    if (this.#world.draining || this.#phase === 'over' || this.#phase === 'linger') return false;
    if (this.#exchange?.request.upgrade != null) return this.intake.empty;
    // Not told to go on, a client may send its body or may not (RFC 9110 §10.1.1).
    if (this.#phase === 'body' && this.#exchange?.awaitsContinue) return false;
    return this.#phase !== 'body' || this.body?.discardable === true;
  }

  finished(open: boolean): void {
    if (this.#phase === 'over') return;
    this.#exchange = null;
    if (this.#phase === 'body') this.body?.abort(clientAborted('the answer was complete before the request'));
    if (!open) return this.#linger();
    if (this.#phase === 'body') {
      this.body?.discard();
      this.#watch();
    } else this.#next();
    this.intake.read();
  }

  reset(): void {
    this.#phase = 'over';
    cut(this.#socket);
  }

  hangUp(): void {
    this.#phase = 'over';
    if (this.#exchange?.responded) this.#socket.destroy();
    else hangUp(this.#socket, this.#world.lingerMs);
  }

  takeSocket(): TakenSocket {
    const socket = this.#socket;
    this.wire.flush();
    this.#phase = 'over';
    this.#exchange = null;
    this.#patience.rest();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.pause();
    const early = this.intake.take();
    return this.#reads === null ? { socket, early } : { socket, early, carry: this.#reads.carry };
  }

  onBytes(chunk: Buffer): void {
    if (this.#phase === 'linger') {
      this.#farewell.hear(chunk);
      return;
    }
    this.intake.add(chunk);
    openTurn();
    try {
      this.intake.read();
    } finally {
      closeTurn();
    }
  }

  readonly #onData = (chunk: Buffer): void => this.onBytes(chunk);

  /** A client that closes its side is gone, as for nginx: a waiting backend is let off at once. */
  readonly #onEnd = (): void => this.hangUp();

  readonly #onClose = (): void => {
    this.#patience.end();
    this.#world.closed(this);
    this.#phase = 'over';
    this.intake.take();
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.gone();
    this.body?.abort(clientAborted());
  };

  /** @returns false when there is nothing to do until something happens. */
  step(): boolean {
    if (this.#phase === 'head') return this.#readHead();
    return this.#phase === 'body' && this.#readBody();
  }

  #readHead(): boolean {
    if (this.#requests.empty) this.#patience.until(this.#world.options.limits.headTimeoutMs);
    const request = this.#requests.read(this.intake.waiting);
    this.intake.advance(this.#requests.at);
    if (request === null) return false;
    if ('reason' in request) {
      this.#refuse(request);
      return false;
    }
    this.#begin(request);
    return true;
  }

  #begin(request: ParsedRequest): void {
    if (this.body?.lent) this.#reads?.forget();
    const exchange = new H1Exchange(request, this);
    this.#exchange = exchange;
    this.body = request.bodyLength === 0 ? null : new IncomingBody(request.bodyLength);
    this.#phase = this.body === null ? 'answer' : 'body';
    if (this.body !== null) this.intake.waiting = kept(this.intake.waiting);
    this.#served++;
    this.#patience.rest();
    this.#world.options.handler(exchange);
  }

  #readBody(): boolean {
    const body = this.body;
    if (body === null || !body.flows) return false;
    const verdict = body.read(this.intake.waiting);
    this.#patience.came(body.at);
    this.intake.advance(body.at);
    if (verdict === 'bad') {
      if (body.discarding) this.#linger();
      else this.#failBody('bad-request');
      return false;
    }
    if (verdict !== 'done') {
      this.#watch();
      return body.flows;
    }
    this.#phase = 'answer';
    this.#watch();
    if (body.discarding) this.#next();
    else body.end();
    return true;
  }

  /** Ready for the next request. */
  #next(): void {
    if (this.#world.draining && this.intake.empty) {
      this.#linger();
      return;
    }
    this.#phase = 'head';
    this.#patience.until(this.#world.options.limits.idleTimeoutMs);
  }

  /** The rest of the request cannot be read, or does not come. */
  #failBody(reason: 'request-timeout' | 'bad-request'): void {
    const exchange = this.#exchange;
    if (exchange?.responded) this.reset();
    // Whoever receives the body may have an answer of its own, which stands in the log.
    this.body?.fail(new ProxyFailure(reason, { source: 'client' }));
    if (exchange === null || this.#exchange !== exchange) return;
    if (!exchange.responded) {
      this.#exchange = null;
      const { headers, method } = exchange.request;
      this.#refuse({ reason, accept: headers.get('accept'), bodyless: method === 'HEAD' });
    } else if (!this.#socket.destroyed) return;
    exchange.gone();
  }

  /** Answers in the engine's name and closes. */
  #refuse(refused: RefusedHead): void {
    this.wire.flush();
    this.#farewell.refuse(this.#world, refused);
    this.#linger();
  }

  /** Says that nothing more comes, and listens until the client has said the same, for a while. */
  #linger(): void {
    if (this.#phase === 'over' || this.#phase === 'linger') return;
    const quiet = this.#phase === 'answer' && this.intake.empty;
    this.#phase = 'linger';
    this.intake.take();
    this.wire.flush();
    if (quiet) this.#socket.destroySoon();
    else this.#farewell.begin();
    this.#patience.until(this.#world.lingerMs);
  }

  #watch(): void {
    if (this.#phase !== 'body' && this.#phase !== 'answer') return;
    if (this.wire.stalled) this.#patience.owes('reading');
    else this.#patience.owes(this.#phase === 'body' && this.body?.flows ? 'body' : 'nothing');
  }
}
