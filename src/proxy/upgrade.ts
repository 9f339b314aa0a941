import type { ProxyFailure } from '../http/failure.ts';
import type { RequestHead, ResponseHead } from '../http/head.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type { BodySink, TunnelCall, TunnelEvents } from '../http/transport.ts';
import type { Peer } from '../upstream/peer.ts';
import { pick } from '../upstream/pick.ts';
import { answerFailure } from './answer.ts';
import { sendResponse } from './forward.ts';
import type { Carrier, Journey } from './journey.ts';
import { setSessionCookie } from './session-cookie.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** An upgrade request on its way to a backend, and the tunnel it may become. */
export class Upgrade implements TunnelEvents, Carrier {
  readonly #world: ProxyWorld;
  readonly #journey: Journey;
  readonly #live: LiveRoute;
  readonly #head: RequestHead;
  readonly #tried = new Set<Peer>();
  /** Called once, when the tunnel or the attempt to open it has ended and there is no exchange to say so. */
  readonly #ended: () => void;
  #peer: Peer | null = null;
  #call: TunnelCall | null = null;
  #startedMs = 0;

  constructor(world: ProxyWorld, journey: Journey, live: LiveRoute, head: RequestHead, ended: () => void) {
    this.#world = world;
    this.#journey = journey;
    this.#live = live;
    this.#head = head;
    this.#ended = ended;
  }

  start(last: ProxyFailure | null = null): void {
    const { route } = this.#live;
    const peer = pick(this.#live, this.#tried, this.#journey);
    if (typeof peer === 'string') {
      answerFailure(this.#world, this.#journey, last?.reason ?? peer);
      return;
    }
    this.#tried.add(peer);
    this.#peer = peer;
    this.#journey.peer = peer;
    this.#journey.tries++;
    peer.begin();
    this.#startedMs = this.#world.monotonic();
    const { connectMs, readMs, wsIdleMs } = route.policy;
    this.#call = this.#world.tunnel.open(
      this.#journey.exchange,
      { peer: peer.address, head: this.#head, connectMs, readMs, idleMs: wsIdleMs },
      this,
    );
  }

  /** The exchange has ended without a tunnel (refused and relayed, failed, or the client left). */
  close(how: 'complete' | 'aborted'): void {
    if (how === 'aborted') this.#call?.close(1001);
    this.#release();
  }

  onOpen(head: ResponseHead): void {
    const journey = this.#journey;
    journey.upstreamMs = this.#world.monotonic() - this.#startedMs;
    journey.status = head.status;
    this.#peer?.succeed();
    setSessionCookie(journey, this.#live, head);
    this.#live.counters.tunnelOpened();
    if (this.#call !== null) this.#world.tunnels.add(this.#call);
  }

  onRefused(head: ResponseHead): BodySink {
    this.#journey.upstreamMs = this.#world.monotonic() - this.#startedMs;
    this.#journey.status = head.status;
    this.#peer?.succeed();
    stripHopByHopResponse(head.headers);
    return sendResponse(this.#journey, this.#live, head);
  }

  onFailure(failure: ProxyFailure): void {
    this.#call = null;
    if (failure.source === 'backend' && this.#peer !== null) this.#peer.fail();
    this.#release();
    const again = failure.retry === 'always' && this.#tried.size <= this.#live.route.policy.retries;
    if (again) this.start(failure);
    else answerFailure(this.#world, this.#journey, failure.reason);
  }

  onClose(carried: { readonly toClientBytes: number; readonly toBackendBytes: number }): void {
    this.#journey.responseBytes += carried.toClientBytes;
    this.#live.counters.tunnelClosed();
    if (this.#call !== null) this.#world.tunnels.delete(this.#call);
    this.#release();
    this.#ended();
  }

  #release(): void {
    if (this.#peer === null) return;
    this.#peer.end();
    this.#peer = null;
  }
}
