import type { ProxyFailure } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type { BodySink, TunnelCall, TunnelEvents } from '../http/transport.ts';
import type { Peer } from '../upstream/peer.ts';
import { Attempt } from './attempt.ts';
import { sendResponse } from './forward.ts';
import type { Journey } from './journey.ts';
import { setSessionCookie } from './session-cookie.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** An upgrade request on its way to a backend, and the tunnel it may become. */
export class Upgrade extends Attempt implements TunnelEvents {
  /** Called once, when the tunnel has ended: there is no exchange any more to say so. */
  readonly #ended: () => void;
  #call: TunnelCall | null = null;

  constructor(world: ProxyWorld, journey: Journey, live: LiveRoute, ended: () => void) {
    super(world, journey, live);
    this.#ended = ended;
  }

  protected ask(peer: Peer): void {
    const { connectMs, readMs, wsIdleMs } = this.live.route.policy;
    this.#call = this.world.tunnel.open(
      this.journey.exchange,
      { peer: peer.address, head: this.head, connectMs, readMs, idleMs: wsIdleMs },
      this,
    );
  }

  protected abandon(): void {
    this.#call?.close(1001);
    this.#call = null;
  }

  sever(): void {
    this.#call?.sever();
  }

  onOpen(head: ResponseHead): void {
    this.connected();
    this.answered(head.status);
    setSessionCookie(this.journey, this.live, head);
    this.live.counters.tunnelOpened();
    if (this.#call !== null && this.peer !== null) this.world.tunnels.add(this.peer, this.#call);
  }

  onRefused(head: ResponseHead): BodySink {
    this.connected();
    this.answered(head.status);
    stripHopByHopResponse(head.headers);
    return sendResponse(this.world, this.journey, this.live, head);
  }

  onFailure(failure: ProxyFailure): void {
    this.#call = null;
    this.failed(failure);
  }

  onClose(carried: { readonly toClientBytes: number; readonly toBackendBytes: number }): void {
    this.journey.responseBytes += carried.toClientBytes;
    this.live.counters.tunnelClosed();
    if (this.#call !== null && this.peer !== null) this.world.tunnels.delete(this.peer, this.#call);
    this.release();
    this.#ended();
  }
}
