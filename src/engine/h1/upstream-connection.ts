import type { Socket } from 'node:net';
import { ProxyFailure, type Reason } from '../../http/failure.ts';
import type { BodySink, PeerAddress } from '../../http/transport.ts';
import { lostSink } from '../lost-client.ts';
import { noBody } from '../no-body.ts';
import { type CallProgress, dialGivenUp, outOfReach, retryVerdict, upstreamFailure } from '../upstream-failure.ts';
import { dialBackend, headroomBytes } from './backend-socket.ts';
import type { ConnectionCall, ConnectionKeeper, ProtocolSwitch, SwitchTaker } from './connection-call.ts';
import { connectionUse } from './connection-use.ts';
import type { Deadlined } from './deadlines.ts';
import { requestText } from './head-text.ts';
import { type MessageOwner, MessageSink, misframed } from './message-sink.ts';
import { closeTurn, openTurn } from './output-turn.ts';
import type { ParsedResponse } from './response-head.ts';
import { type ResponseEvents, ResponseReader } from './response-reader.ts';
import { trailersOf } from './trailers.ts';
import { Wire, type WireOwner } from './wire.ts';

/**
 * One connection to a backend: dials, sends one request at a time, reads its answer into the client's sink, and is kept.
 * Reads go into one buffer that is used again and again: a read is only taken up when everything read before has left.
 */
export class UpstreamConnection implements Deadlined, ResponseEvents, MessageOwner, WireOwner {
  deadlineMs = Infinity;
  readonly peer: PeerAddress;
  readonly #keeper: ConnectionKeeper;
  readonly #socket: Socket;
  readonly #wire: Wire;
  #call: ConnectionCall | null = null;
  readonly #reader: ResponseReader;
  #body: MessageSink | null = null;
  #sink: BodySink | null = null;
  readonly #progress: CallProgress;
  #reused = false;
  #bodySent = false;
  #readyTold = false;
  /** The client takes nothing: bytes of the buffer that wait for it, and no read until they are gone. */
  #stalled: { readonly bytes: Buffer; readonly end: number } | null = null;
  /** Has the connection once it speaks another protocol. */
  #taker: SwitchTaker | null = null;
  /** Idle connections are closed when their container is gone, busy ones when they become idle. */
  #doomed = false;

  constructor(call: ConnectionCall, keeper: ConnectionKeeper) {
    this.peer = call.request.peer;
    this.#keeper = keeper;
    const secure = this.peer.scheme === 'https';
    this.#progress = { connected: false, ready: false, secure, answered: false, bodyTaken: false };
    this.#call = call;
    const socket = dialBackend(call, keeper.sessions, (bytes, length) => this.#read(bytes, length));
    this.#socket = socket;
    this.#wire = new Wire(socket, this);
    this.#reader = new ResponseReader(this, keeper.limits);
    socket.once('connect', () => {
      this.#progress.connected = true;
    });
    socket.once(secure ? 'secureConnect' : 'connect', () => this.#ready());
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#closed());
    this.#await(call.request.timeouts.connectMs);
    keeper.deadlines.add(this);
  }

  /** Sends the next request on a connection that is idle. */
  send(call: ConnectionCall): void {
    this.#call = call;
    this.#reused = true;
    this.#progress.answered = false;
    this.#progress.bodyTaken = false;
    this.#ready();
  }

  /** Nobody wants the answer any more. */
  abandon(call: ConnectionCall): void {
    if (call !== this.#call) return;
    this.#call = null;
    this.destroy();
  }

  sever(call: ConnectionCall): void {
    if (call === this.#call) this.#fail(outOfReach(this.#progress));
  }

  /** Closes it as soon as nothing is under way; a request that was not sent yet is given back behind what is being done now. */
  doom(): void {
    this.#doomed = true;
    if (this.#call === null) this.destroy();
    else if (!this.#progress.ready) queueMicrotask(() => this.#progress.ready || this.#fail(dialGivenUp()));
  }

  destroy(): void {
    this.deadlineMs = Infinity;
    this.#body?.close();
    this.#socket.destroy();
    // Out of the pool at once: its 'close' comes after the end of the turn, when it may have been taken.
    this.#keeper.closed(this);
  }

  onDeadline(): void {
    const call = this.#call;
    if (call === null) this.destroy();
    else if (!this.#progress.ready) this.#fail(this.#failure('backend-connect-timeout'));
    else if (!this.#readyTold) this.#tellReady(call);
    // What waits for the client is the client's delay; its own connection has a deadline for that.
    else if (this.#stalled !== null) this.#await(call.request.timeouts.readMs);
    else this.#fail(this.#failure(this.#wire.stalled ? 'backend-send-timeout' : 'backend-timeout'));
  }

  onWireChange(): void {
    this.#watch();
  }

  onInterim(head: ParsedResponse): void {
    const call = this.#call;
    call?.events.onInform(head);
    if (call !== null && head.status === 100) this.#tellReady(call);
  }

  onFinal(head: ParsedResponse): void {
    this.#readyTold = true;
    // An interim head in the same read may have started a body that ended the call.
    this.#sink = this.#call === null ? lostSink() : this.#call.events.onHead(head);
    this.#sink.onDrain = () => this.#resume();
  }

  onData(bytes: Buffer, from: number, to: number): boolean {
    // Everything before these bytes in the buffer has been read and has left.
    return (this.#sink as BodySink).write(bytes.subarray(from, to), headroomBytes + from);
  }

  onMessageEnd(): void {
    this.#bodySent = true;
    this.#watch();
  }

  /** The client's half of the request is missing: the backend must see that it is cut. */
  onMessageCut(failure: ProxyFailure | null): void {
    this.#fail(failure ?? misframed());
  }

  #ready(): void {
    const call = this.#call;
    if (call === null) return;
    const { head, timeouts } = call.request;
    const protocol = call.switching?.protocol ?? null;
    this.#progress.ready = true;
    this.#reader.expect(head.method, protocol);
    this.#readyTold = false;
    this.#bodySent = head.bodyLength === 0;
    this.#wire.text(requestText(head, protocol));
    if (this.#bodySent) {
      this.#readyTold = true;
      this.#wire.flush();
      this.#await(timeouts.readMs);
      call.events.onReady(noBody, this.#reused ? connectionUse.kept : connectionUse.fresh);
      return;
    }
    // The backend is asked first (RFC 9110 §10.1.1): its 100 or its refusal reaches the client before the body moves.
    if (head.headers.has('expect')) this.#await(this.#keeper.continueWaitMs);
    else this.#tellReady(call);
  }

  #tellReady(call: ConnectionCall): void {
    if (this.#readyTold) return;
    this.#readyTold = true;
    const { bodyLength } = call.request.head;
    this.#body = new MessageSink(this.#wire, bodyLength === null ? 'chunked' : bodyLength, this);
    this.#progress.bodyTaken = true;
    this.#watch();
    call.events.onReady(this.#body, this.#reused ? connectionUse.kept : connectionUse.fresh);
  }

  /** Called by the socket with what it has read; false stops it until `resume`. */
  #read(buffer: Buffer, length: number): boolean {
    if (this.#taker !== null) return this.#taker.read(buffer, 0, length);
    if (this.#call === null || !this.#progress.ready) {
      // A backend that speaks without being asked has lost count, and so would we.
      this.destroy();
      return true;
    }
    this.#watch();
    this.#progress.answered = true;
    openTurn();
    try {
      return this.#take(buffer, 0, length);
    } finally {
      closeTurn();
    }
  }

  #take(bytes: Buffer, at: number, end: number): boolean {
    const call = this.#call;
    const reader = this.#reader;
    const verdict = reader.read(bytes, at, end);
    if (this.#call !== call) return true;
    switch (verdict) {
      case 'more':
        return true;
      case 'stopped':
        this.#stalled = { bytes, end };
        return false;
      case 'done':
        this.#complete(reader.at === end);
        return true;
      case 'switched':
        return this.#switch(call?.switching as ProtocolSwitch, bytes, end);
      case 'bad':
        this.#fail(this.#failure('backend-invalid'));
        return true;
      default:
        return verdict satisfies never;
    }
  }

  /** Let go of, with the bytes that came behind the 101. */
  #switch(switching: ProtocolSwitch, bytes: Buffer, end: number): boolean {
    this.#call = null;
    this.#keeper.deadlines.delete(this);
    this.#taker = switching.onSwitch(this.#reader.head as ParsedResponse, this.#socket);
    return this.#taker.read(bytes, this.#reader.at, end);
  }

  /** The client has taken everything: on with what is left of the last read, then with the next. */
  #resume(): void {
    const stalled = this.#stalled;
    if (stalled === null || this.#call === null) return;
    this.#stalled = null;
    if (this.#take(stalled.bytes, this.#reader.at, stalled.end)) this.#socket.resume();
  }

  /**
   * The answer is complete; the connection is kept where both sides have said all they had to say. Before the client hears of
   * it, because the next request may already wait behind this one.
   */
  #complete(nothingLeft: boolean): void {
    const sink = this.#sink as BodySink;
    const { head, trailers } = this.#reader;
    const clean = this.#bodySent && nothingLeft && !this.#doomed && !this.#socket.destroyed;
    this.#call = null;
    this.#sink = null;
    sink.onDrain = null;
    if (clean && head?.keepAlive === true) {
      this.#await(this.#keeper.idleMs);
      this.#keeper.idle(this);
    } else this.destroy();
    this.#body = null;
    sink.end(trailersOf(trailers));
  }

  #ended(): void {
    if (this.#taker !== null) return;
    // An answer that has no other end is whole, unless the client has not taken all that was read of it.
    if (this.#call !== null && this.#reader.head?.untilClose === true && this.#stalled === null) this.#complete(false);
    this.#failed(new Error('the backend closed the connection'));
    this.destroy();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#call !== null) this.#fail(upstreamFailure(error, this.#progress));
    else this.#keeper.closed(this);
  }

  #closed(): void {
    this.#keeper.deadlines.delete(this);
    this.#failed(new Error('the connection was closed'));
  }

  #failure(reason: Reason): ProxyFailure {
    return new ProxyFailure(reason, { source: 'backend', retry: retryVerdict(this.#progress) });
  }

  /** Ends the call, wherever it is, and the connection with it. */
  #fail(failure: ProxyFailure): void {
    const call = this.#call;
    const sink = this.#sink;
    this.#call = null;
    this.#sink = null;
    this.destroy();
    if (sink !== null) sink.abort(failure);
    else call?.onFailure(failure, { stale: this.#reused && !this.#progress.answered });
  }

  /**
   * Whose turn it is: the backend's to take what it is sent, the client's to send the rest of its body, for which its own
   * connection has a deadline, or the backend's to answer. Before the body was asked for, the wait for `100` goes on.
   */
  #watch(): void {
    const call = this.#call;
    if (call === null || !this.#readyTold) return;
    const { sendMs, readMs } = call.request.timeouts;
    if (this.#wire.stalled) this.#await(sendMs);
    else if (this.#bodySent || this.#sink !== null) this.#await(readMs);
    else this.deadlineMs = Infinity;
  }

  #await(ms: number): void {
    this.deadlineMs = this.#keeper.deadlines.after(ms);
  }
}
