import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyFailure, type Reason } from '../../http/failure.ts';
import type { Client, ListenOptions } from '../../http/transport.ts';
import { cut } from '../cut.ts';
import { IdleTimer } from '../idle-timer.ts';
import { type ExchangeConnection, NodeExchange, type SocketSource } from './exchange.ts';
import { parserFailure } from './parser-failure.ts';
import { refusalBytes } from './refusal-bytes.ts';
import { type NodeRequest, readRequest } from './request-reading.ts';
import { UpgradeSocket } from './upgrade-socket.ts';

/** What all connections of a listener share. */
export interface ConnectionWorld {
  readonly options: ListenOptions;
  readonly stallMs: number;
  readonly paceBytes: number;
  readonly lingerMs: number;
  readonly draining: boolean;
  /** Reads the socket as HTTP again, after an upgrade that did not come about. */
  readAgain(socket: Socket): void;
}

/** Requests that may wait behind the one being served; who sends more is told that the connection ends here. */
export const pipelinedMax = 128;

/** What a client may still send after its last answer, so that it reads this answer instead of an RST (RFC 9112 §9.6). */
const lingerBytesMax = 1024 * 1024;

interface RefusedRequest {
  readonly refused: ProxyFailure;
  readonly message: IncomingMessage;
}

/**
 * One client connection: serves its requests one after the other. node hands out pipelined requests as it parses them, all
 * at once; here each waits for the answer to the one before.
 */
export class NodeConnection implements ExchangeConnection {
  readonly client: Client;
  readonly stallMs: number;
  readonly paceBytes: number;
  readonly #socket: Socket;
  readonly #world: ConnectionWorld;
  readonly #queue: (NodeExchange | RefusedRequest)[] = [];
  /** No further request is looked at; the connection ends with the last one in the queue. */
  #deaf = false;
  /** The bytes after the last request are not HTTP: answered once the requests before are. */
  #failure: ProxyFailure | null = null;
  #lingerFromBytes = -1;
  #served = 0;
  /** node begins its own wait anew with every empty line that comes between two requests. */
  readonly #rest: IdleTimer;
  /** Bytes read when the last answer was complete: beyond them is a head that is on its way. */
  #bytesAtRest = 0;
  #upgrade: UpgradeSocket | null = null;

  constructor(socket: Socket, client: Client, world: ConnectionWorld) {
    this.client = client;
    this.#socket = socket;
    this.#world = world;
    this.stallMs = world.stallMs;
    this.paceBytes = world.paceBytes;
    // What node writes before the body it writes as UTF-8, unless told otherwise (26.10); a field is bytes.
    socket.setDefaultEncoding('latin1');
    const { idleTimeoutMs, headTimeoutMs } = world.options.limits;
    this.#rest = new IdleTimer(idleTimeoutMs + headTimeoutMs, () => socket.destroy());
    // Without it, a client that resets a connection whose parser is gone would end the process.
    socket.on('error', () => {});
    // A client that closes its side is gone, as for nginx: a waiting backend is let off at once.
    socket.on('end', () => {
      if (!this.#isTunnel) socket.destroy();
    });
    socket.on('close', () => this.#closed());
    const destroySoon = socket.destroySoon.bind(socket);
    // node closes after the last answer; with bytes unread that would be an RST, which may overtake the answer.
    socket.destroySoon = () => (this.#owesReading ? this.#linger() : destroySoon());
  }

  /** Nothing is being asked. */
  get idle(): boolean {
    return this.#queue.length === 0 && !this.#deaf;
  }

  /** What it is busy with, in the words of `/status`. */
  get activity(): 'reading' | 'writing' | 'waiting' {
    const [current] = this.#queue;
    if (this.idle) return this.#socket.bytesRead > this.#bytesAtRest ? 'reading' : 'waiting';
    return current instanceof NodeExchange && !current.requestComplete && !current.responded ? 'reading' : 'writing';
  }

  /** The socket was given away. */
  get #isTunnel(): boolean {
    return this.#upgrade?.taken ?? false;
  }

  /** The client may be sending still, or has sent what nobody looks at. */
  get #owesReading(): boolean {
    const [current] = this.#queue;
    return this.#deaf || this.#queue.length > 1 || (current instanceof NodeExchange && !current.requestComplete);
  }

  request(message: IncomingMessage, response: ServerResponse): void {
    if (this.#deaf) {
      message.resume();
      this.#checkLinger();
      return;
    }
    const request = readRequest(message, this.#world.options.limits, this.client);
    if (typeof request === 'string') {
      this.#deaf = true;
      this.#enqueue({ refused: clientFailure(request), message });
      return;
    }
    // Where bytes could be another protocol's, node asked before and came through `upgrade`. Of an upgrade that it was told to
    // decline, its parser (26.10) drops what follows in the same read: where the next request begins, nobody knows any more.
    const declined = request.upgrade !== null;
    const keepAlive = request.keepAlive && !declined;
    this.#enqueueExchange({ ...request, upgrade: null, keepAlive }, { message, response, source: null });
    this.#deaf ||= declined;
  }

  /** A request after which the connection may become a tunnel; node's parser has let go of the socket. */
  upgrade(request: NodeRequest, message: IncomingMessage, head: Buffer): void {
    const socket = this.#socket;
    const response = new ServerResponse(message);
    response.assignSocket(socket);
    this.#upgrade = new UpgradeSocket(socket, response, head);
    this.#enqueueExchange(request, { message, response, source: this.#upgrade });
  }

  /** node's parser, or one of its timers, gave up. */
  fail(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): void {
    const reason = parserFailure(error, this.#world.options.limits);
    if (reason === 'ignore') return;
    if (reason === 'gone') {
      this.#socket.destroy();
      return;
    }
    const failure = clientFailure(reason);
    const last = this.#queue.at(-1);
    if (last instanceof NodeExchange && !last.requestComplete && last.bodyFailure === null) {
      this.#deaf = true;
      last.failBody(failure, { unstarted: last !== this.#queue[0] });
    } else if (this.#deaf) {
      this.#checkLinger();
    } else {
      this.#deaf = true;
      if (last === undefined) this.#refuse(failure, undefined, 'GET');
      else this.#failure = failure;
    }
  }

  /** Ends now if idle, else with the answer that is due. */
  drain(): void {
    const socket = this.#socket;
    if (!this.idle) return;
    if (socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    // A head may be on its way; node's own watch over slow heads ends with the listening.
    const timer = setTimeout(() => this.idle && socket.destroy(), this.#world.options.limits.headTimeoutMs).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /** Ends now, whatever is under way; what is cut must not look whole, so it ends with an RST. */
  cut(): void {
    if (this.idle) this.hangUp();
    else this.reset();
  }

  mayPersist(exchange: NodeExchange): boolean {
    if (this.#world.draining || this.#upgrade?.hasEarly) return false;
    return !this.#deaf || this.#failure !== null || this.#queue.at(-1) !== exchange;
  }

  reset(): void {
    this.#deaf = true;
    cut(this.#socket);
  }

  hangUp(): void {
    this.#deaf = true;
    this.#socket.destroy();
  }

  refuse(failure: ProxyFailure, request: NodeRequest): void {
    this.#refuse(failure, request.headers.get('accept'), request.method);
  }

  finished({ open }: { readonly open: boolean }): void {
    this.#queue.shift();
    this.#bytesAtRest = this.#socket.bytesRead;
    const upgrade = this.#upgrade;
    this.#upgrade = null;
    upgrade?.release();
    if (!open || upgrade?.hasEarly) {
      this.#deaf = true;
      // After an ordinary answer node has closed. Bytes behind a refused handshake are neither a request nor a tunnel's.
      if (upgrade !== null) this.#linger();
      return;
    }
    if (upgrade !== null) this.#world.readAgain(this.#socket);
    const [next] = this.#queue;
    if (next === undefined) this.#rest.touch();
    if (next !== undefined) this.#start(next);
    else if (this.#failure !== null) this.#refuse(this.#failure, undefined, 'GET');
    else if (this.#world.draining) this.#socket.destroySoon();
  }

  #enqueueExchange(
    request: NodeRequest,
    wire: { message: IncomingMessage; response: ServerResponse; source: SocketSource | null },
  ): void {
    this.#served++;
    this.#deaf ||= this.#queue.length + 1 >= pipelinedMax || this.#served === this.#world.options.limits.requestsMax;
    this.#enqueue(new NodeExchange(request, wire, this));
  }

  #enqueue(next: NodeExchange | RefusedRequest): void {
    this.#rest.stop();
    this.#queue.push(next);
    if (this.#queue.length === 1) this.#start(next);
  }

  #start(next: NodeExchange | RefusedRequest): void {
    if (!(next instanceof NodeExchange)) {
      next.message.resume();
      this.#refuse(next.refused, next.message.headers.accept, next.message.method);
    } else if (next.bodyFailure !== null) this.refuse(next.bodyFailure, next.request);
    else this.#world.options.handler(next);
  }

  #refuse(failure: ProxyFailure, accept: string | undefined, method: string | undefined): void {
    this.#deaf = true;
    if (this.#socket.writable) {
      this.#socket.write(
        refusalBytes(this.#world.options.refuse(failure, { accept }), { bodyless: method === 'HEAD' }),
      );
    }
    this.#linger();
  }

  /** Says that nothing more comes, and listens until the client has said the same, for a while. */
  #linger(): void {
    const socket = this.#socket;
    if (this.#lingerFromBytes >= 0) return;
    this.#lingerFromBytes = socket.bytesRead;
    // Bodies are swallowed without a word from the parser.
    socket.on('data', () => this.#checkLinger());
    socket.resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), this.#world.lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  }

  #checkLinger(): void {
    if (this.#lingerFromBytes >= 0 && this.#socket.bytesRead - this.#lingerFromBytes > lingerBytesMax)
      this.#socket.destroy();
  }

  #closed(): void {
    this.#deaf = true;
    this.#rest.stop();
    if (this.#isTunnel) return;
    this.#upgrade?.release();
    const [current] = this.#queue.splice(0);
    // Those behind it were never handed to anybody.
    if (current instanceof NodeExchange) current.gone();
  }
}

function clientFailure(reason: Reason): ProxyFailure {
  return new ProxyFailure(reason, { source: 'client' });
}
