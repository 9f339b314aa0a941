import type { ProxyFailure } from '../http/failure.ts';
import type { RequestHead, ResponseHead } from '../http/head.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type { BodySink, UpstreamCall, UpstreamEvents } from '../http/transport.ts';
import type { Peer } from '../upstream/peer.ts';
import { pick } from '../upstream/pick.ts';
import { answerFailure } from './answer.ts';
import type { Carrier, Journey } from './journey.ts';
import { MeteredSink } from './metered-sink.ts';
import { setSessionCookie } from './session-cookie.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

const nobody: ReadonlySet<Peer> = new Set();
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** A request on its way through one backend after the other, until one answers or there is nobody left to ask. */
export class Forward implements UpstreamEvents, Carrier {
  readonly #world: ProxyWorld;
  readonly #journey: Journey;
  readonly #live: LiveRoute;
  readonly #head: RequestHead;
  /** Made when one has failed: most requests need none. */
  #tried: Set<Peer> | null = null;
  #peer: Peer | null = null;
  #call: UpstreamCall | null = null;
  #tryStartedMs = 0;
  /** The client's body has begun to flow to a backend and cannot be had again. */
  #bodyTaken = false;

  constructor(world: ProxyWorld, journey: Journey, live: LiveRoute, head: RequestHead) {
    this.#world = world;
    this.#journey = journey;
    this.#live = live;
    this.#head = head;
  }

  /** Asks the next backend; `last` is why the one before could not. */
  start(last: ProxyFailure | null = null): void {
    const { timeouts } = this.#live;
    const peer = pick(this.#live, this.#tried ?? nobody, this.#journey);
    if (typeof peer === 'string') {
      answerFailure(this.#world, this.#journey, last?.reason ?? peer);
      return;
    }
    this.#peer = peer;
    this.#journey.peer = peer;
    this.#journey.tries++;
    peer.begin();
    this.#tryStartedMs = this.#world.monotonic();
    this.#call = this.#world.upstream.send({ peer: peer.address, head: this.#head, timeouts }, this);
  }

  /** The exchange has ended, one way or the other. */
  close(how: 'complete' | 'aborted'): void {
    if (how === 'aborted') this.#call?.abort();
    this.#release();
  }

  onReady(body: BodySink): void {
    if (this.#head.bodyLength === 0) {
      body.end();
      return;
    }
    this.#bodyTaken = true;
    this.#journey.receive(body);
  }

  onInform(head: ResponseHead): void {
    stripHopByHopResponse(head.headers);
    this.#journey.exchange.inform(head);
  }

  onHead(head: ResponseHead): BodySink {
    const journey = this.#journey;
    journey.upstreamMs = this.#world.monotonic() - this.#tryStartedMs;
    journey.status = head.status;
    this.#peer?.succeed();
    stripHopByHopResponse(head.headers);
    return sendResponse(journey, this.#live, head);
  }

  onFailure(failure: ProxyFailure): void {
    this.#call = null;
    const peer = this.#peer;
    if (peer !== null) {
      if (failure.source === 'backend') peer.fail();
      this.#tried ??= new Set();
      this.#tried.add(peer);
    }
    this.#release();
    if (this.#mayRetry(failure)) this.start(failure);
    else answerFailure(this.#world, this.#journey, failure.reason);
  }

  #mayRetry(failure: ProxyFailure): boolean {
    const triedCount = this.#tried?.size ?? 0;
    if (this.#bodyTaken || triedCount > this.#live.route.policy.retries) return false;
    return failure.retry === 'always' || (failure.retry === 'idempotent' && idempotentMethods.has(this.#head.method));
  }

  #release(): void {
    if (this.#peer === null) return;
    this.#peer.end();
    this.#peer = null;
  }
}

/** Hands a backend's head to the client, after the route's steps; the body goes into the sink returned. */
export function sendResponse(journey: Journey, live: LiveRoute, head: ResponseHead): BodySink {
  const { response, wrap } = live.steps;
  if (response.length === 0 && wrap.length === 0) {
    setSessionCookie(journey, live, head);
    return new MeteredSink(journey.exchange.respond(head), journey);
  }
  for (const step of response) step.response(journey, head);
  setSessionCookie(journey, live, head);
  let sink: BodySink = new MeteredSink(journey.exchange.respond(head), journey);
  for (const step of wrap) sink = step.wrap(journey, head, sink);
  return sink;
}
