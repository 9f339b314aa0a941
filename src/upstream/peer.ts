import { type CounterBlock, ThreadCounters } from '../base/shared-counters.ts';
import type { PeerAddress } from '../http/transport.ts';
import type { Backend, BackendState } from '../routing/table.ts';
import { peerCells, peerCounterShape } from './peer-counters.ts';

/**
 * The live side of one backend: what outlives a table swap. Known by container id, port and scheme, never by address:
 * Docker hands a dead container's address to the next one within a second.
 */
export class Peer {
  readonly containerId: string;
  readonly container: string;
  readonly address: PeerAddress;
  /** `host:port`, for people. */
  readonly shown: string;
  /** The table that named it last: a mark, because a set of 10,000 peers at each swap costs more than all else about them. */
  namedBy: object | null = null;
  state: BackendState;
  weight: number;
  readonly #counters: CounterBlock;

  constructor(backend: Backend, counters = new ThreadCounters(peerCounterShape).block(0)) {
    this.#counters = counters;
    this.containerId = backend.id;
    this.container = backend.container;
    this.state = backend.state;
    this.weight = backend.weight;
    this.shown = `${backend.host.includes(':') ? `[${backend.host}]` : backend.host}:${backend.port}`;
    this.address = {
      id: peerId(backend),
      host: backend.host,
      port: backend.port,
      scheme: backend.scheme,
      sni: backend.sni,
      verify: backend.verify,
    };
  }

  /** What its numbers are kept under. */
  get counter(): number {
    return this.#counters.number;
  }

  /** Requests that all workers have at the container now, whatever route they came by. */
  get inFlight(): number {
    return this.#counters.sum(peerCells.inFlight);
  }

  /** Failures that were the backend's own: refused, reset, timed out, not HTTP. */
  get fails(): number {
    return this.#counters.sum(peerCells.fails);
  }

  begin(): void {
    this.#counters.add(peerCells.inFlight, 1);
    this.#counters.add(peerCells.requests, 1);
  }

  end(): void {
    this.#counters.add(peerCells.inFlight, -1);
  }

  fail(): void {
    this.#counters.add(peerCells.fails, 1);
  }

  /** May take new requests. */
  get available(): boolean {
    return this.state === 'healthy' && this.weight > 0;
  }
}

/** Address and TLS settings are part of it, so that a container that comes back elsewhere never meets its old connections. */
export function peerId(backend: Backend): string {
  return `${backend.id}|${backend.scheme}://${backend.host}:${backend.port}|${backend.sni ?? ''}|${backend.verify}`;
}
