import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProxyFailure } from '../../http/failure.ts';
import type { BodySink, Client } from '../../http/transport.ts';
import { clientOf } from '../client-address.ts';
import { clientAborted } from '../lost-client.ts';
import { refusalBytes } from '../node/refusal-bytes.ts';
import {
  type ConnectionPhase,
  type ConnectionWorld,
  discardBytesMax,
  lingerBytesMax,
  waitingBytesMax,
} from './connection-world.ts';
import type { Deadlined } from './deadlines.ts';
import { type ExchangeConnection, H1Exchange } from './exchange.ts';
import { IncomingBody } from './incoming-body.ts';
import { closeTurn, openTurn } from './output-turn.ts';
import type { ParsedRequest } from './request-head.ts';
import { type RefusedHead, RequestReader } from './request-reader.ts';
import { Wire, type WireOwner } from './wire.ts';

const noBytes = Buffer.alloc(0);

/** One client connection: its requests one after the other, each read only when the one before has been answered. */
export class ClientConnection implements ExchangeConnection, Deadlined, WireOwner {
  deadlineMs = Infinity;
  readonly client: Client;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #world: ConnectionWorld;
  readonly #requests: RequestReader;
  #phase: ConnectionPhase = 'head';
  #exchange: H1Exchange | null = null;
  #body: IncomingBody | null = null;
  #waiting: Buffer = noBytes;
  #reading = false;
  #paused = false;
  #lingeredBytes = 0;

  constructor(socket: Socket, world: ConnectionWorld) {
    this.#socket = socket;
    this.#world = world;
    this.#requests = new RequestReader(world.options.limits.headBytesMax, { secure: false });
    this.wire = new Wire(socket, this);
    this.client = clientOf(socket, { secure: false });
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', () => {});
    socket.on('close', this.#onClose);
    this.#await(world.options.limits.headTimeoutMs);
    world.deadlines.add(this);
  }

  /** Ends it now if nothing is asked, else with the answer that is due. */
  drain(): void {
    if (this.#phase === 'head' && this.#requests.empty) this.#socket.destroy();
  }

  /** Cuts it, visibly where an answer is due. */
  destroy(): void {
    if (this.#exchange === null) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  onStall(): void {
    this.#watch();
  }

  onRelief(): void {
    this.#watch();
  }

  onDeadline(): void {
    switch (this.#phase) {
      case 'head':
        if (this.#requests.empty) this.#socket.destroy();
        else this.#refuse({ reason: 'request-timeout', accept: undefined, bodyless: false });
        break;
      case 'body':
      case 'answer':
        if (!this.wire.empty || this.#body?.discarding) this.reset();
        else this.#failBody('request-timeout');
        break;
      default:
        this.#socket.destroy();
    }
  }

  receive(sink: BodySink): void {
    if (this.#body === null) return sink.end();
    this.#body.receive(sink, () => {
      this.#watch();
      this.#read();
    });
    this.#watch();
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
    if (this.#phase === 'body') this.#body?.abort(clientAborted('the answer was complete before the request'));
    if (!open) {
      this.#linger();
      return;
    }
    if (this.#phase === 'body') {
      this.#body?.discard();
      this.#watch();
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
    openTurn();
    this.#read();
    closeTurn();
  };

  /** A client that closes its side is gone, as for nginx: a waiting backend is let off at once. */
  readonly #onEnd = (): void => this.hangUp();

  readonly #onClose = (): void => {
    this.#world.deadlines.delete(this);
    this.#world.closed(this);
    this.#phase = 'over';
    this.#waiting = noBytes;
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.gone();
    this.#body?.abort(clientAborted());
  };

  /** Reads on as far as what has arrived, the handler and the answer under way allow. */
  #read(): void {
    // What is called from here may answer at once and so come back here: the loop goes on by itself.
    if (this.#reading) return;
    this.#reading = true;
    while (this.#waiting.length > 0 && this.#step());
    this.#reading = false;
    this.#holdBack(this.#waiting.length >= waitingBytesMax || this.#body?.full === true);
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
    if (this.#requests.empty) this.#await(this.#world.options.limits.headTimeoutMs);
    const request = this.#requests.read(bytes);
    const { at } = this.#requests;
    this.#waiting = at === bytes.length ? noBytes : bytes.subarray(at);
    if (request === null) return false;
    if ('reason' in request) {
      this.#refuse(request);
      return false;
    }
    this.#begin(request);
    return true;
  }

  #begin(request: ParsedRequest): void {
    const exchange = new H1Exchange(request, this);
    this.#exchange = exchange;
    this.#body = request.bodyLength === 0 ? null : new IncomingBody(request.bodyLength);
    this.#phase = this.#body === null ? 'answer' : 'body';
    this.#watch();
    this.#world.options.handler(exchange);
  }

  #readBody(): boolean {
    const body = this.#body;
    if (body === null || !body.flows) return false;
    const bytes = this.#waiting;
    const verdict = body.read(bytes);
    this.#waiting = body.at === bytes.length ? noBytes : bytes.subarray(body.at);
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
    if (exchange?.responded) {
      this.reset();
      exchange.gone();
    } else {
      this.#exchange = null;
      const { headers, method } = exchange?.request ?? {};
      this.#refuse({ reason, accept: headers?.get('accept'), bodyless: method === 'HEAD' });
      exchange?.gone();
    }
    this.#body?.abort(new ProxyFailure(reason, { source: 'client' }));
  }

  /** Answers in the engine's name and closes. */
  #refuse({ reason, accept, bodyless }: RefusedHead): void {
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

  /** The backend's time is the backend's; ours to watch are only bytes that the client owes or does not take. */
  #watch(): void {
    if (this.#phase !== 'body' && this.#phase !== 'answer') return;
    if (this.wire.stalled || (this.#phase === 'body' && this.#body?.flows)) this.#await(this.#world.stallMs);
    else this.deadlineMs = Infinity;
  }

  #await(ms: number): void {
    this.deadlineMs = this.#world.deadlines.after(ms);
  }
}
