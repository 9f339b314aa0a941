import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { ProxyFailure, type Reason } from '../../http/failure.ts';
import type { BodySink, UpstreamCall, UpstreamEvents, UpstreamRequest } from '../../http/transport.ts';
import { dialOptions } from '../dial-options.ts';
import { IdleTimer } from '../idle-timer.ts';
import { noBody } from '../no-body.ts';
import {
  type CallProgress,
  dialGivenUp,
  noProgress,
  outOfReach,
  retryVerdict,
  upstreamFailure,
} from '../upstream-failure.ts';
import type { CallWorld } from './call-world.ts';
import { MessagePump } from './message-pump.ts';
import { requestFields } from './outgoing-request.ts';
import { readResponse } from './response-reading.ts';
import { UpstreamBody } from './upstream-body.ts';

/** More interim responses than any application sends, and few enough not to be a flood. */
const informsMax = 32;

const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** One request to a backend and its answer. */
export class NodeCall implements UpstreamCall {
  readonly #request: UpstreamRequest;
  readonly #events: UpstreamEvents;
  readonly #world: CallWorld;
  readonly #connectTimer: IdleTimer;
  readonly #readTimer: IdleTimer;
  readonly #continueTimer: IdleTimer;
  #outgoing: ClientRequest | null = null;
  #body: UpstreamBody | null = null;
  #pump: MessagePump | null = null;
  #progress: CallProgress;
  #bytesBefore = 0;
  #readyTold = false;
  #informs = 0;
  #again = false;
  #done = false;

  constructor(request: UpstreamRequest, events: UpstreamEvents, world: CallWorld) {
    const { timeouts, peer } = request;
    this.#request = request;
    this.#events = events;
    this.#world = world;
    this.#progress = noProgress(peer.scheme === 'https');
    this.#connectTimer = new IdleTimer(timeouts.connectMs, () => this.#timedOut('backend-connect-timeout'));
    this.#readTimer = new IdleTimer(timeouts.readMs, () => this.#timedOut('backend-timeout'));
    this.#continueTimer = new IdleTimer(world.continueWaitMs, () => this.#tellReady());
  }

  start(): void {
    if (this.#done) return;
    const { peer, head } = this.#request;
    const protocol = this.#world.upgrade?.protocol ?? null;
    const send = peer.scheme === 'https' ? httpsRequest : httpRequest;
    this.#connectTimer.touch();
    this.#world.dialling?.add(this);
    let outgoing: ClientRequest;
    try {
      outgoing = send({
        ...dialOptions(peer, head, protocol),
        method: head.method,
        path: head.target,
        headers: requestFields(head, protocol),
        agent: this.#world.agent ?? false,
        insecureHTTPParser: false,
        maxHeaderSize: this.#world.responseHeadBytesMax,
      });
    } catch (cause) {
      // node refuses to write what is not a method, a target or a field; nothing has been sent.
      this.fail(new ProxyFailure('proxy-error', { source: 'proxy', cause }));
      return;
    }
    this.#outgoing = outgoing;
    // node cuts longer lists silently, framing fields included.
    outgoing.maxHeadersCount = 0;
    this.#body = new UpstreamBody(
      outgoing,
      { bodyLength: head.bodyLength, sendMs: this.#request.timeouts.sendMs },
      {
        onSent: () => this.#pump === null && !this.#done && this.#readTimer.touch(),
        onStall: () => this.#timedOut('backend-send-timeout'),
        onAbort: (failure) => this.fail(failure),
      },
    );
    // A late error of a request that is done with must find a listener.
    outgoing.on('error', (error) => this.#failed(outgoing, error));
    outgoing.once('socket', (socket) => this.#assigned(outgoing, socket));
    outgoing.on('information', (message) => this.#inform(message));
    outgoing.once('response', (message) => this.#answer(message));
    outgoing.once('upgrade', (message, socket, early) => this.#upgraded(message, socket as Socket, early));
    if (head.bodyLength === 0) outgoing.end();
    else outgoing.flushHeaders();
  }

  abort(): void {
    this.#finish();
    this.#outgoing?.destroy();
  }

  sever(): void {
    if (this.#done) return;
    if (this.#outgoing !== null) this.#hearAnswered(this.#outgoing);
    this.fail(outOfReach(this.#progress));
  }

  /** Its container leaves: a request that was not sent yet is given back behind what is being done now. */
  giveUpDial(): void {
    queueMicrotask(() => this.#progress.ready || this.fail(dialGivenUp()));
  }

  /** Ends the call with a failure, wherever it is. */
  fail(failure: ProxyFailure): void {
    if (this.#done) return;
    const pump = this.#pump;
    this.abort();
    if (pump !== null) pump.fail(failure);
    // Never inside `send`: the caller does not have the call yet.
    else if (this.#outgoing === null) queueMicrotask(() => this.#events.onFailure(failure));
    else this.#events.onFailure(failure);
  }

  #assigned(outgoing: ClientRequest, socket: Socket): void {
    if (this.#done) return;
    this.#bytesBefore = socket.bytesRead;
    // What node writes before the body it writes as UTF-8, unless told otherwise (26.10); a field is bytes.
    socket.setDefaultEncoding('latin1');
    if (outgoing.reusedSocket) {
      this.#ready();
      return;
    }
    const connected = (): void => {
      this.#progress = { ...this.#progress, connected: true };
      if (!this.#progress.secure) this.#ready();
    };
    if (socket.connecting) socket.once('connect', connected);
    else connected();
    if (this.#progress.secure) socket.once('secureConnect', () => this.#ready());
  }

  #ready(): void {
    if (this.#done) return;
    this.#connectTimer.stop();
    this.#world.dialling?.delete(this);
    this.#progress = { ...this.#progress, ready: true };
    const { head } = this.#request;
    if (head.bodyLength === 0) this.#readTimer.touch();
    // The backend is asked first (RFC 9110 §10.1.1): its 100 or its refusal reaches the client before the body moves.
    if (head.bodyLength !== 0 && head.headers.has('expect')) this.#continueTimer.touch();
    else this.#tellReady();
  }

  #tellReady(): void {
    if (this.#done || this.#readyTold) return;
    this.#continueTimer.stop();
    this.#readyTold = true;
    const { bodyLength } = this.#request.head;
    if (bodyLength !== 0) this.#progress = { ...this.#progress, bodyTaken: true };
    const reused = this.#outgoing?.reusedSocket ?? false;
    this.#events.onReady(bodyLength === 0 ? noBody : (this.#body as UpstreamBody), { reused });
  }

  #inform(message: Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'httpVersion' | 'rawHeaders'>): void {
    if (this.#done) return;
    this.#progress = { ...this.#progress, answered: true };
    const head = readResponse(message, this.#request.head.method, this.#world.responseLinesMax);
    if (head === null || ++this.#informs > informsMax) {
      this.fail(this.#invalid('a flood of interim responses, or an ambiguous one'));
      return;
    }
    this.#events.onInform(head);
    if (head.status === 100 && this.#progress.ready) this.#tellReady();
  }

  #answer(message: IncomingMessage): void {
    // node complains about a cut answer here, and where nobody listens it ends the process.
    message.on('error', (error) => this.#cutShort(error));
    if (this.#done) {
      message.resume();
      return;
    }
    this.#progress = { ...this.#progress, answered: true };
    this.#continueTimer.stop();
    const head = readResponse(message, this.#request.head.method, this.#world.responseLinesMax);
    if (head === null || head.status < 200) {
      this.fail(this.#invalid('its head can be read in two ways, or is none'));
      return;
    }
    this.#readTimer.stop();
    const sink = this.#events.onHead(head);
    if (this.#done) return;
    this.#pump = new MessagePump(message, this.#relay(sink), {
      idleMs: this.#request.timeouts.readMs,
      onIdle: () => this.#timedOut('backend-timeout'),
    });
    this.#pump.start();
  }

  /** The sink of the answer, told by the pump; its end is the end of the call. */
  #relay(sink: BodySink): BodySink {
    const end = sink.end.bind(sink);
    return {
      get onDrain() {
        return sink.onDrain;
      },
      set onDrain(listener) {
        sink.onDrain = listener;
      },
      write: (chunk) => sink.write(chunk),
      abort: (failure) => sink.abort(failure),
      end: (trailers) => {
        if (this.#outgoing?.writableFinished) this.#finish();
        // Nobody will send the body of a request that was answered before it was asked for.
        else if (!this.#readyTold) this.abort();
        // Else the body is still flowing: an answer can come before the end of its request.
        end(trailers);
      },
    };
  }

  #upgraded(message: IncomingMessage, socket: Socket, early: Buffer): void {
    const { upgrade } = this.#world;
    if (this.#done) {
      socket.destroy();
    } else if (upgrade === undefined) {
      socket.on('error', () => {});
      socket.destroy();
      this.#progress = { ...this.#progress, answered: true };
      this.fail(this.#invalid('it switched protocols unasked'));
    } else {
      this.#finish();
      upgrade.onSwitch(message, socket, early);
    }
  }

  #failed(outgoing: ClientRequest, error: NodeJS.ErrnoException): void {
    if (this.#done || outgoing !== this.#outgoing) return;
    if (this.#pump !== null) {
      this.#cutShort(error);
      return;
    }
    this.#hearAnswered(outgoing);
    if (this.#isStale(outgoing, error)) {
      this.#again = true;
      this.#world.dropIdle?.();
      this.#progress = { ...this.#progress, ready: false };
      this.start();
      return;
    }
    this.fail(upstreamFailure(error, this.#progress));
  }

  /** A byte of an answer counts, though node has not told of it. */
  #hearAnswered({ socket }: ClientRequest): void {
    const answered = this.#progress.answered || (socket?.bytesRead ?? 0) > this.#bytesBefore;
    this.#progress = { ...this.#progress, answered };
  }

  /**
   * A kept connection that died before it gave a byte: most likely the backend had closed it already. What can be repeated is
   * sent once more on a fresh one, without asking the caller (RFC 9112 §9.3.1, RFC 9110 §9.2.2).
   */
  #isStale(outgoing: ClientRequest, error: NodeJS.ErrnoException): boolean {
    const { method, bodyLength } = this.#request.head;
    if (!outgoing.reusedSocket || this.#again || this.#progress.answered) return false;
    return bodyLength === 0 && idempotentMethods.has(method) && !error.code?.startsWith('HPE_');
  }

  #cutShort(error: NodeJS.ErrnoException): void {
    if (this.#done || this.#pump === null || this.#pump.complete) return;
    this.fail(upstreamFailure(error, this.#progress));
  }

  #timedOut(reason: Reason): void {
    this.fail(new ProxyFailure(reason, { source: 'backend', retry: retryVerdict(this.#progress) }));
  }

  #invalid(message: string): ProxyFailure {
    return new ProxyFailure('backend-invalid', { source: 'backend', retry: 'never', message });
  }

  #finish(): void {
    this.#done = true;
    this.#world.dialling?.delete(this);
    this.#connectTimer.stop();
    this.#readTimer.stop();
    this.#continueTimer.stop();
    this.#body?.close();
  }
}
