import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { ProxyFailure } from '../../http/failure.ts';
import type { Client, ListenerActivity, ListenOptions, Refusal } from '../../http/transport.ts';
import { cut } from '../cut.ts';
import { IdleTimer } from '../idle-timer.ts';
import type { EngineOptions } from '../options.ts';
import { type ExchangeSession, H2Exchange } from './exchange.ts';
import { sessionOptions } from './limits.ts';
import { NuisanceGauge } from './nuisance-gauge.ts';
import { refuse } from './refusal.ts';
import { readRequest } from './request-reading.ts';

/** What all sessions of a server share. */
export interface SessionWorld {
  readonly options: ListenOptions;
  readonly engine: EngineOptions;
  readonly nowMs: () => number;
  closed(session: ClientSession): void;
}

/** END_STREAM (RFC 9113 §6.2). */
const endStream = 0x1;

/** One client connection that speaks HTTP/2: its requests at the same time, each on a stream. */
export class ClientSession implements ExchangeSession {
  readonly client: Client;
  readonly refusal: Refusal;
  readonly stallMs: number;
  readonly paceBytes: number;
  readonly #socket: Duplex;
  readonly #session: ServerHttp2Session;
  readonly #world: SessionWorld;
  readonly #gauge: NuisanceGauge;
  readonly #exchanges = new Set<H2Exchange>();
  /** Until the first request, between two, and after the last: whoever says nothing is let go. */
  readonly #headTimer: IdleTimer;
  readonly #restTimer: IdleTimer;
  readonly #lingerTimer: IdleTimer;
  /** Streams that are open, tunnels and refusals among them. */
  #open = 0;
  #served = 0;

  /** @param socket stands; over TLS, after its handshake. */
  constructor(socket: Duplex, client: Client, world: SessionWorld) {
    const { options, engine } = world;
    this.client = client;
    this.refusal = options.refuse;
    this.stallMs = engine.stallMs;
    this.paceBytes = engine.paceBytes;
    this.#socket = socket;
    this.#world = world;
    this.#gauge = new NuisanceGauge(world.nowMs);
    this.#headTimer = new IdleTimer(options.limits.headTimeoutMs, () => this.end());
    this.#restTimer = new IdleTimer(options.limits.idleTimeoutMs, () => this.end());
    this.#lingerTimer = new IdleTimer(engine.lingerMs, () => socket.destroy());
    socket.on('error', () => {});
    // A client that closes its side is gone, as for nginx: waiting backends are let off at once.
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#closed());
    const session = performServerHandshake(socket, sessionOptions(options.limits, engine));
    this.#session = session;
    // What is wrong has been said to the client (GOAWAY) by whoever noticed it.
    session.on('error', () => {});
    session.on('stream', (stream, _headers, flags, flat) => this.#begin(stream, flags, flat as unknown as string[]));
    session.on('ping', () => this.#bother());
    session.on('remoteSettings', () => this.#bother());
    this.#headTimer.touch();
  }

  /** What it is busy with, in the words of `/status`. */
  get activity(): keyof ListenerActivity {
    if (this.#open === 0) return 'waiting';
    for (const { activity } of this.#exchanges) if (activity === 'writing') return 'writing';
    return this.#exchanges.size > 0 ? 'reading' : 'writing';
  }

  /** Ends it if nothing is asked. */
  endIfIdle(): boolean {
    if (this.#open > 0) return false;
    this.end();
    return true;
  }

  /** GOAWAY: takes no more requests, and ends with the last that is being served. */
  end(): void {
    this.#session.close();
    this.#rest();
  }

  /** Ends now, visibly where an answer is due. */
  destroy(): void {
    if (this.#open === 0) this.#socket.destroy();
    else cut(this.#socket);
  }

  #begin(stream: ServerHttp2Stream, flags: number, flat: readonly string[]): void {
    if (stream.closed || stream.destroyed) return this.#bother();
    this.#headTimer.stop();
    this.#restTimer.stop();
    this.#open++;
    // A late error of a stream must find a listener.
    stream.on('error', () => {});
    if (++this.#served === this.#world.options.limits.requestsMax) this.#session.close();
    const ended = (flags & endStream) !== 0;
    const request = readRequest(flat, this.#world.options.limits, { ended, secure: this.client.secure });
    if (typeof request === 'string') {
      stream.once('close', () => this.#end());
      const [accept, method] = [firstOf(flat, 'accept'), firstOf(flat, ':method') ?? ''];
      const failure = new ProxyFailure(request, { source: 'client' });
      refuse(stream, failure, { refusal: this.refusal, accept, method, stallMs: this.stallMs });
      return;
    }
    const exchange = new H2Exchange(request, stream, this, { ended });
    this.#exchanges.add(exchange);
    stream.once('close', () => {
      this.#exchanges.delete(exchange);
      if (exchange.gone() && !this.#session.destroyed) this.#bother();
      this.#end();
    });
    this.#world.options.handler(exchange);
  }

  /** A stream has closed. */
  #end(): void {
    this.#open--;
    this.#rest();
  }

  #rest(): void {
    if (this.#open > 0) return;
    if (this.#session.closed || this.#session.destroyed) this.#lingerTimer.touch();
    else this.#restTimer.touch();
  }

  /** The client has done something that costs it nothing. */
  #bother(): void {
    if (this.#gauge.add()) this.#session.destroy(new Error('a flood'), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #closed(): void {
    this.#headTimer.stop();
    this.#restTimer.stop();
    this.#lingerTimer.stop();
    this.#world.closed(this);
  }
}

function firstOf(flat: readonly string[], name: string): string | undefined {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
  return undefined;
}
