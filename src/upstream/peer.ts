import { hash32 } from '../base/hash.ts';
import { type CounterBlock, ThreadCounters } from '../base/shared-counters.ts';
import { hostAndPort } from '../http/authority.ts';
import type { PeerAddress } from '../http/transport.ts';
import type { Backend, BackendCheck, BackendState } from '../routing/table.ts';
import { CarriedList } from './carried-list.ts';
import type { Ejection, EjectionTerms } from './ejection.ts';
import { Ejections } from './ejections.ts';
import type { HealthState } from './health/health.ts';
import { peerCells, peerCounterShape } from './peer-counters.ts';
import type { Refusal } from './refusal.ts';

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
  /** Of its container, for balancing by hash: it stays where it is when the container moves. */
  readonly hash: number;
  /** The table that named it last: a mark, because a set of 10,000 peers at each swap costs more than all else about them. */
  namedBy: object | null = null;
  /** What it may do now, by table and health check together. */
  state: BackendState = 'starting';
  weight: number;
  /** As of the backend. */
  changedMs: number;
  drainMs: number;
  drained: boolean;
  /** What this worker has there, to be told when it gets out of reach. */
  readonly carried = new CarriedList();
  /** Null while it takes connections, as far as is known. */
  refusal: Refusal | null = null;
  /** When it is left out for its failures. */
  terms: EjectionTerms;
  #cameMs = 0;
  #startingSinceMs: number;
  #said: BackendState;
  #health: HealthState;
  readonly #counters: CounterBlock;
  readonly #ejection: Ejection;
  readonly #monotonic: () => number;

  constructor(backend: Backend, memory: PeerMemory = alone()) {
    this.#counters = memory.counters;
    this.#ejection = memory.ejection;
    this.#monotonic = memory.monotonic;
    this.terms = backend;
    this.hash = hash32(backend.id);
    this.containerId = backend.id;
    this.container = backend.container;
    this.#said = backend.state;
    this.#health = backend.check === null ? 'healthy' : 'starting';
    this.#startingSinceMs = memory.monotonic();
    this.#decide();
    this.weight = backend.weight;
    this.changedMs = backend.changedMs;
    this.drainMs = backend.drainMs;
    this.drained = backend.drained;
    this.shown = hostAndPort(backend.host, backend.port);
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

  /** The same for whether it is left out. */
  get ejection(): number {
    return this.#ejection.number;
  }

  /** Requests that all workers have at the container now, whatever route they came by. */
  get inFlight(): number {
    return this.#counters.sum(peerCells.inFlight);
  }

  /** Failures that were the backend's own: refused, reset, timed out, not HTTP. */
  get fails(): number {
    return this.#counters.sum(peerCells.fails);
  }

  /** Since when it has been there, or there again after it was left out; monotonic ms. */
  get sinceMs(): number {
    return Math.max(this.#cameMs, this.#ejection.backMs);
  }

  /** For how long it has been seen to start, ms; of no meaning in any other state. */
  get startingForMs(): number {
    return this.#monotonic() - this.#startingSinceMs;
  }

  /** What the table says it may do. */
  get said(): BackendState {
    return this.#said;
  }

  set said(state: BackendState) {
    this.#said = state;
    this.#decide();
  }

  /** The data plane's checks say this; until they do, one that is checked starts. */
  set health(health: HealthState) {
    this.#health = health;
    this.#decide();
  }

  /**
   * @param max requests at a time, over all workers; null = as many as come.
   * @returns false where there are as many: it has not begun.
   */
  begin(max: number | null = null): boolean {
    if (max === null) this.#counters.add(peerCells.inFlight, 1);
    else if (!this.#counters.addBelow(peerCells.inFlight, max)) return false;
    this.#counters.add(peerCells.requests, 1);
    if (this.#ejection.isSuspect) this.#ejection.begin(this.#monotonic(), this.terms);
    return true;
  }

  end(): void {
    this.#counters.add(peerCells.inFlight, -1);
  }

  /** An attempt has failed, and it was the backend's fault. */
  fail(): void {
    this.#counters.add(peerCells.fails, 1);
    this.#ejection.fail(this.#monotonic(), this.terms);
  }

  /** It has answered, whatever the status. */
  succeed(): void {
    if (this.#ejection.isSuspect) this.#ejection.succeed(this.#monotonic());
  }

  /** Could answer, as far as is known without asking it. */
  get up(): boolean {
    return this.state === 'healthy';
  }

  /** Left out, because too many requests have failed there. */
  get ejected(): boolean {
    return this.#ejection.isSuspect && this.#ejection.isOut(this.#monotonic());
  }

  /** May take requests of the sessions that it has. Without weight it takes no others. */
  get open(): boolean {
    return this.up && !this.ejected;
  }

  /** May take new requests. */
  get available(): boolean {
    return this.weight > 0 && this.open;
  }

  /** Checks have a say only where the table would let requests in. */
  #decide(): void {
    const before = this.state;
    this.state = this.#said === 'healthy' ? this.#health : this.#said;
    if (this.state === 'healthy' && before !== 'healthy') this.#arrive();
    if (this.state === 'starting' && before !== 'starting') this.#startingSinceMs = this.#monotonic();
  }

  /** It can take requests from now on: spared at first, and with a clean record. */
  #arrive(): void {
    this.#cameMs = this.#monotonic();
    this.#ejection.forgive();
  }
}

/** What a peer has in common with those of the same container in other workers. */
export interface PeerMemory {
  readonly counters: CounterBlock;
  readonly ejection: Ejection;
  /** Monotonic ms, the same in all threads. */
  readonly monotonic: () => number;
}

function alone(): PeerMemory {
  return {
    counters: new ThreadCounters(peerCounterShape).block(0),
    ejection: new Ejections().of(0),
    monotonic: () => performance.now(),
  };
}

/**
 * Address and TLS settings are part of it, so that a container that comes back elsewhere never meets its old connections; and
 * its check, so that routes that want different ones of a container do not speak for each other.
 */
export function peerId(backend: Backend): string {
  const { id, scheme, host, port, sni, verify, check } = backend;
  return `${id}|${scheme}://${host}:${port}|${sni ?? ''}|${verify}|${check === null ? '' : checkText(check)}`;
}

function checkText(check: BackendCheck): string {
  const { kind, intervalMs, timeoutMs, rise, fall } = check;
  const pace = `${intervalMs} ${timeoutMs} ${rise} ${fall}`;
  switch (kind) {
    case 'tcp':
      return `tcp ${pace}`;
    case 'http': {
      const statuses = check.statuses.map(({ from, to }) => `${from}-${to}`);
      return `http ${pace} ${statuses} ${check.host}:${check.port}${check.path}`;
    }
    default:
      return kind satisfies never;
  }
}
