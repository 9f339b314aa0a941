import { ThreadCounters } from '../base/shared-counters.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import type { Backend, BackendState, RouteTable } from '../routing/table.ts';
import { Ejections } from './ejections.ts';
import type { Gate } from './health/gate.ts';
import type { HealthState } from './health/health.ts';
import { type Namings, NextPeers } from './next-peers.ts';
import { type Peer, type PeerMemory, peerId } from './peer.ts';
import { peerCounterShape } from './peer-counters.ts';

/** All peers of a worker. Bounded by the table: a peer that no route names is forgotten. */
export class Peers {
  /** Told at most once per turn that some peer may have become available. */
  onAvailable: (() => void) | null = null;
  readonly #byId = new Map<string, Peer>();
  #namings: Namings = new Map();
  /** What checks say, of those that do not start; also of peers of a table that is still on its way. */
  readonly #health = new Map<string, HealthState>();
  /** No table names them any more, and they had requests in hand when they left. */
  readonly #left = new Set<Peer>();
  #telling = false;
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
    for (const [id, peer] of next.fresh) {
      this.#byId.set(id, peer);
      const health = this.#health.get(id);
      if (health !== undefined) peer.health = health;
    }
    for (const { peer, backend } of next.changes) {
      peer.weight = backend.weight;
      peer.terms = backend;
      // Another run: what it refused in the one before says nothing.
      if (peer.changedMs !== backend.changedMs) peer.refusal = null;
      peer.changedMs = backend.changedMs;
      peer.drainMs = backend.drainMs;
      peer.drained = backend.drained;
      this.#enter(peer, backend.state);
    }
    for (const [part, namings] of this.#namings) {
      if (next.namings.has(part)) continue;
      for (const { peer } of namings) if (!next.names(peer)) this.#leave(peer);
    }
    this.#namings = next.namings;
    this.#severUnreachable(next);
    this.mayBeAvailable();
  }

  /** The whole of a table in one go. */
  reconcile({ routes }: RouteTable): void {
    const next = this.next();
    next.add(routes);
    this.take(next);
  }

  /** What checks have found, ahead of the tables or behind them: whoever checks says also which peers start anew or are gone. */
  admit(gates: readonly Gate[]): void {
    for (const { peer: id, state } of gates) {
      if (state === 'starting') this.#health.delete(id);
      else this.#health.set(id, state);
      const peer = this.#byId.get(id);
      if (peer === undefined) continue;
      peer.health = state;
      if (peer.available) this.mayBeAvailable();
    }
  }

  /** Ahead of the table: the container was sent its stop signal, so nothing new goes there from this moment. */
  withdraw(containerId: string): void {
    for (const peer of this.#byId.values()) if (peer.containerId === containerId) this.#enter(peer, 'draining');
  }

  /** Some peer may take requests that could not before: whoever waits for one is told behind what is being done now. */
  mayBeAvailable(): void {
    if (this.#telling || this.onAvailable === null) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.onAvailable?.();
    });
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
    peer.said = 'stopped';
    this.#upstream.forget(peer.address.id);
    if (peer.carried.size > 0) this.#left.add(peer);
    if (this.#byId.get(peer.address.id) === peer) this.#byId.delete(peer.address.id);
  }

  /** Of those that left with requests in hand; behind what is being done now, because they are then sent elsewhere by the new table. */
  #severUnreachable(next: NextPeers): void {
    for (const peer of this.#left) {
      const lost = peer.carried.size > 0 && next.isOutOfReach(peer);
      if (lost || peer.carried.size === 0) this.#left.delete(peer);
      if (lost) queueMicrotask(() => peer.carried.severAll());
    }
  }

  #enter(peer: Peer, state: BackendState): void {
    if (peer.said === 'healthy' && state !== 'healthy' && state !== 'unhealthy') this.#upstream.forget(peer.address.id);
    peer.said = state;
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
