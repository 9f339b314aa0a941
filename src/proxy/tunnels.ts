import type { Clock } from '../base/clock.ts';
import type { TunnelCall } from '../http/transport.ts';
import type { Peer } from '../upstream/peer.ts';

/** That a container leaves is seen this much late at most, and so is the end of its time; half a second may be all that it has. */
const lookMs = 100;

/** RFC 6455 §7.4.1. */
const goingAway = 1001;

interface OfPeer {
  readonly calls: Set<TunnelCall>;
  /** Since when it is seen to leave, monotonic ms; null = it stays. */
  leavingMs: number | null;
}

/**
 * Open tunnels by peer, so that leave is taken of them: when their container's time after its stop signal is over
 * (`proxy.drain`), and when the proxy itself ends. A client that is told that the other side goes away comes back.
 */
export class Tunnels {
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  readonly #byPeer = new Map<Peer, OfPeer>();
  #looking = false;

  constructor(clock: Pick<Clock, 'monotonic' | 'setTimeout'>) {
    this.#clock = clock;
  }

  get size(): number {
    let size = 0;
    for (const { calls } of this.#byPeer.values()) size += calls.size;
    return size;
  }

  add(peer: Peer, call: TunnelCall): void {
    const of = this.#byPeer.get(peer) ?? { calls: new Set(), leavingMs: null };
    of.calls.add(call);
    this.#byPeer.set(peer, of);
    this.#lookLater();
  }

  delete(peer: Peer, call: TunnelCall): void {
    const of = this.#byPeer.get(peer);
    if (of?.calls.delete(call) === true && of.calls.size === 0) this.#byPeer.delete(peer);
  }

  /** The proxy ends. */
  closeAll(): void {
    for (const { calls } of this.#byPeer.values()) closeEach(calls);
  }

  #lookLater(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.setTimeout(() => {
      this.#looking = false;
      this.#look();
      if (this.#byPeer.size > 0) this.#lookLater();
    }, lookMs);
  }

  #look(): void {
    const nowMs = this.#clock.monotonic();
    for (const [peer, of] of this.#byPeer) {
      of.leavingMs = leaves(peer, of.leavingMs !== null) ? (of.leavingMs ?? nowMs) : null;
      if (of.leavingMs !== null && nowMs - of.leavingMs >= peer.drainMs) closeEach(of.calls);
    }
  }
}

/**
 * One that drains for its weight only gets nothing new, and one that no table names any more may still be well; but who was
 * leaving when it was last named has not come back since.
 */
function leaves({ state, weight }: Peer, before: boolean): boolean {
  return (state === 'draining' && weight > 0) || (state === 'stopped' && before);
}

function closeEach(calls: ReadonlySet<TunnelCall>): void {
  for (const call of [...calls]) call.close(goingAway);
}
