import type { UpstreamTransport } from '../http/transport.ts';
import type { Backend, RouteTable } from '../routing/table.ts';
import { Peer, peerId } from './peer.ts';

/** All peers of a worker. Bounded by the table: a peer that no route names is forgotten. */
export class Peers {
  #byId = new Map<string, Peer>();
  readonly #upstream: UpstreamTransport;

  constructor(upstream: UpstreamTransport) {
    this.#upstream = upstream;
  }

  /** Takes over states from a new table and closes the kept connections of whatever has left or stopped. */
  reconcile(table: RouteTable): void {
    const kept = new Map<string, Peer>();
    for (const { serving } of table.routes) {
      if (serving.kind !== 'pool') continue;
      for (const backend of serving.backends) {
        const id = peerId(backend);
        if (kept.has(id)) continue;
        const peer = this.#byId.get(id) ?? new Peer(backend);
        kept.set(id, peer);
        peer.weight = backend.weight;
        this.#enter(peer, backend.state);
      }
    }
    for (const [id, peer] of this.#byId) {
      if (kept.has(id)) continue;
      peer.state = 'stopped';
      this.#upstream.forget(id);
    }
    this.#byId = kept;
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

  #enter(peer: Peer, state: Peer['state']): void {
    if (peer.state === 'healthy' && state !== 'healthy' && state !== 'unhealthy')
      this.#upstream.forget(peer.address.id);
    peer.state = state;
  }
}
