import type { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type { BodySink, UpstreamCall, UpstreamEvents } from '../http/transport.ts';
import type { Peer } from '../upstream/peer.ts';
import { Attempt } from './attempt.ts';
import { withFound } from './error-pages.ts';
import { sendPage, UnseenBody } from './intercept.ts';
import type { Journey } from './journey.ts';
import { MeteredSink } from './metered-sink.ts';
import { setSessionCookie } from './session-cookie.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** An ordinary request on its way to a backend, and the answer on its way back. */
export class Forward extends Attempt implements UpstreamEvents {
  #call: UpstreamCall | null = null;

  protected ask(peer: Peer): void {
    const { timeouts } = this.live;
    this.#call = this.world.upstream.send({ peer: peer.address, head: this.head, timeouts }, this);
  }

  protected abandon(): void {
    this.#call?.abort();
    this.#call = null;
  }

  sever(): void {
    this.#call?.sever();
  }

  onReady(body: BodySink): void {
    this.connected();
    if (this.head.bodyLength === 0) {
      body.end();
      return;
    }
    this.bodyTaken = true;
    this.journey.receive(body);
  }

  onInform(head: ResponseHead): void {
    stripHopByHopResponse(head.headers);
    this.journey.exchange.inform(head);
  }

  onHead(head: ResponseHead): BodySink {
    if (this.retried(head.status)) return unwanted;
    this.answered(head.status);
    stripHopByHopResponse(head.headers);
    return sendResponse(this.world, this.journey, this.live, head);
  }

  onFailure(failure: ProxyFailure): void {
    this.#call = null;
    this.failed(failure);
  }
}

/** Of an answer that is thrown away, its call with it. */
const unwanted: BodySink = { onDrain: null, write: () => true, end: () => {}, abort: () => {} };

/** Hands a backend's head to the client, after the route's steps; the body goes into the sink returned. */
export function sendResponse(world: ProxyWorld, journey: Journey, live: LiveRoute, head: ResponseHead): BodySink {
  // What a fetch of the cache brings is for clients of whom each has the steps done for itself.
  if (journey.isInner) return journey.exchange.respond(head);
  journey.onHead?.(head);
  const { status } = head;
  const { errors } = live;
  const page =
    errors?.intercept === true && status >= 400 ? errors.find(world, journey, { status, by: 'backend' }) : undefined;
  if (page === undefined) return sendHead(journey, live, head);
  withFound(world, journey, page, (found) => sendPage(journey, head, found, (shown) => sendHead(journey, live, shown)));
  return new UnseenBody(journey);
}

function sendHead(journey: Journey, live: LiveRoute, head: ResponseHead): BodySink {
  const { response, wrap } = live.steps;
  if (response.length === 0 && wrap.length === 0) {
    setSessionCookie(journey, live, head);
    return new MeteredSink(journey.exchange.respond(head), journey);
  }
  for (const step of response) step.response(journey, head);
  setSessionCookie(journey, live, head);
  const wrappings = wrap.map((step) => step.wrap(journey, head));
  let sink: BodySink = new MeteredSink(journey.exchange.respond(head), journey);
  for (const wrapping of wrappings) if (wrapping !== null) sink = wrapping(sink);
  return sink;
}
