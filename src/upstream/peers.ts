import { ThreadCounters } from '../base/shared-counters.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import type { Backend, RouteTable } from '../routing/table.ts';
import { Ejections } from './ejections.ts';
import { type Namings, NextPeers } from './next-peers.ts';
import { type Peer, type PeerMemory, peerId } from './peer.ts';
import { peerCounterShape } from './peer-counters.ts';

/** All peers of a worker. Bounded by the table: a peer that no route names is forgotten. */
export class Peers {
  readonly #byId = new Map<string, Peer>();
  #namings: Namings = new Map();
  readonly #upstream: UpstreamTransport;
  readonly #shared: PeersMemory;

  constructor(upstream: UpstreamTransport, shared: PeersMemory = alone()) {
    this.#upstream = upstream;
    this.#shared = shared;
  }

  /** Begins the peers of a new table; nothing changes before `take`. One at a time. */
  next(): NextPeers {
    return new NextPeers({ namings: this.#namings, byId: this.#byId }, (backend) => this.#memoryOf(backend));
  }

  /** Takes over states from a new table and closes the kept connections of whatever has left or stopped. */
  take(next: NextPeers): void {
    for (const [id, peer] of next.fresh) this.#byId.set(id, peer);
    for (const { peer, backend } of next.changes) {
      peer.weight = backend.weight;
      peer.terms = backend;
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

  #memoryOf({ counter = 0, ejection = 0 }: Backend): PeerMemory {
    const { counters, ejections, monotonic } = this.#shared;
    return { counters: counters.block(counter), ejection: ejections.of(ejection), monotonic };
  }

  #leave(peer: Peer): void {
    peer.state = 'stopped';
    this.#upstream.forget(peer.address.id);
    if (this.#byId.get(peer.address.id) === peer) this.#byId.delete(peer.address.id);
  }

  #enter(peer: Peer, state: Peer['state']): void {
    if (peer.state === 'healthy' && state !== 'healthy' && state !== 'unhealthy')
      this.#upstream.forget(peer.address.id);
    if (state === 'healthy' && peer.state !== 'healthy') peer.arrive();
    peer.state = state;
  }
}

/** What the peers of all workers have in common. */
export interface PeersMemory {
  readonly counters: ThreadCounters;
  readonly ejections: Ejections;
  /** Monotonic ms, the same in all threads. */
  readonly monotonic: () => number;
}

function alone(): PeersMemory {
  return {
    counters: new ThreadCounters(peerCounterShape),
    ejections: new Ejections(),
    monotonic: () => performance.now(),
  };
}
