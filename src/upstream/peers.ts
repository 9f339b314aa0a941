import { ThreadCounters } from '../base/shared-counters.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import type { Backend, RouteTable } from '../routing/table.ts';
import { type Namings, NextPeers } from './next-peers.ts';
import { type Peer, peerId } from './peer.ts';
import { peerCounterShape } from './peer-counters.ts';

/** All peers of a worker. Bounded by the table: a peer that no route names is forgotten. */
export class Peers {
  readonly #byId = new Map<string, Peer>();
  #namings: Namings = new Map();
  readonly #upstream: UpstreamTransport;
  readonly #counters: ThreadCounters;

  constructor(upstream: UpstreamTransport, counters = new ThreadCounters(peerCounterShape)) {
    this.#upstream = upstream;
    this.#counters = counters;
  }

  /** Begins the peers of a new table; nothing changes before `take`. One at a time. */
  next(): NextPeers {
    return new NextPeers({ namings: this.#namings, byId: this.#byId }, this.#counters);
  }

  /** Takes over states from a new table and closes the kept connections of whatever has left or stopped. */
  take(next: NextPeers): void {
    for (const [id, peer] of next.fresh) this.#byId.set(id, peer);
    for (const { peer, backend } of next.changes) {
      peer.weight = backend.weight;
      this.#enter(peer, backend.state);
    }
    for (const [part, namings] of this.#namings) {
      if (next.namings.has(part)) continue;
      for (const { peer } of namings) if (!next.names(peer)) this.#leave(peer);
    }
    this.#namings = next.namings;
  }

  /** The whole of a table in one go. */
  reconcile({ routes }: RouteTable): void {
    const next = this.next();
    next.add(routes);
    this.take(next);
  }

  /** Ahead of the table: the container was sent its stop signal, so nothing new goes there from this moment. */
  withdraw(containerId: string): void {
    for (const peer of this.#byId.values()) if (peer.containerId === containerId) this.#enter(peer, 'draining');
  }

  of(backend: Backend): Peer | undefined {
    return this.#byId.get(peerId(backend));
  }

  all(): Iterable<Peer> {
    return this.#byId.values();
  }

  #leave(peer: Peer): void {
    peer.state = 'stopped';
    this.#upstream.forget(peer.address.id);
    if (this.#byId.get(peer.address.id) === peer) this.#byId.delete(peer.address.id);
  }

  #enter(peer: Peer, state: Peer['state']): void {
    if (peer.state === 'healthy' && state !== 'healthy' && state !== 'unhealthy')
      this.#upstream.forget(peer.address.id);
    peer.state = state;
  }
}
