import type { Backend, Route } from '../routing/table.ts';
import { Peer, type PeerMemory, peerId } from './peer.ts';

/** What a table says of a peer. */
export interface Naming {
  readonly peer: Peer;
  readonly backend: Backend;
}

/** By the parts of a table. */
export type Namings = ReadonlyMap<readonly Route[], readonly Naming[]>;

/** The peers of a table while it is compiled. What it changes about peers that serve already waits for its publication. */
export class NextPeers {
  readonly namings = new Map<readonly Route[], readonly Naming[]>();
  readonly fresh = new Map<string, Peer>();
  readonly changes: Naming[] = [];
  readonly #before: { readonly namings: Namings; readonly byId: ReadonlyMap<string, Peer> };
  readonly #memoryOf: (backend: Backend) => PeerMemory;

  constructor(
    before: { readonly namings: Namings; readonly byId: ReadonlyMap<string, Peer> },
    memoryOf: (backend: Backend) => PeerMemory,
  ) {
    this.#before = before;
    this.#memoryOf = memoryOf;
  }

  /** A part of the table before is known by its identity: finding its peers again would be most of the work of a swap. */
  add(part: readonly Route[]): void {
    const namings = this.#before.namings.get(part) ?? part.flatMap((route) => this.#namingsOf(route));
    this.namings.set(part, namings);
    for (const naming of namings) this.#name(naming);
  }

  names(peer: Peer): boolean {
    return peer.namedBy === this;
  }

  /**
   * Whether the container of a peer that is not named any more runs on without the address that the peer is dialled at: it was
   * taken from a network, or the proxy was. One that has ended says so itself, and what it has said may still be on its way.
   */
  isOutOfReach({ containerId, changedMs, address }: Peer): boolean {
    const same = [...this.namings.values()]
      .flat()
      .map(({ backend }) => backend)
      .filter(
        (backend) => backend.id === containerId && backend.changedMs === changedMs && backend.state !== 'stopped',
      );
    return same.length > 0 && !same.some(({ host, otherHosts = [] }) => [host, ...otherHosts].includes(address.host));
  }

  #namingsOf({ serving }: Route): readonly Naming[] {
    return serving.kind === 'pool' ? serving.backends.map((backend) => ({ peer: this.#find(backend), backend })) : [];
  }

  #find(backend: Backend): Peer {
    const id = peerId(backend);
    const { counter = 0, ejection = 0 } = backend;
    let peer = this.fresh.get(id) ?? this.#before.byId.get(id);
    // Another number: it was gone in tables that this worker never served.
    if (peer?.counter !== counter || peer.ejection !== ejection) {
      peer = new Peer(backend, this.#memoryOf(backend));
      this.fresh.set(id, peer);
    }
    return peer;
  }

  /** Where several routes speak of one peer, the first says what it may do. */
  #name(naming: Naming): void {
    const { peer, backend } = naming;
    if (peer.namedBy === this) return;
    peer.namedBy = this;
    if (peer.said !== backend.state || peer.weight !== backend.weight || !sameTerms(peer, backend))
      this.changes.push(naming);
  }
}

function sameTerms({ terms, changedMs, drainMs, drained }: Peer, backend: Backend): boolean {
  return (
    terms.maxFails === backend.maxFails &&
    terms.failTimeoutMs === backend.failTimeoutMs &&
    changedMs === backend.changedMs &&
    drainMs === backend.drainMs &&
    drained === backend.drained
  );
}
