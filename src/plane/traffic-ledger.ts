import type { CounterShape } from '../base/shared-counters.ts';
import {
  connectionCounterNumber,
  connectionCounterShape,
  readConnectionTraffic,
} from '../proxy/connection-counters.ts';
import { readRouteTraffic, routeCounterShape } from '../proxy/route-counters.ts';
import type { Traffic } from '../proxy/traffic.ts';
import type { RouteTable } from '../routing/table.ts';
import { ejectionsMax } from '../upstream/ejections.ts';
import { peerId } from '../upstream/peer.ts';
import { peerCells, peerCounterShape } from '../upstream/peer-counters.ts';
import { CounterNumbers } from './counter-numbers.ts';
import type { CounterPlaces, TrafficReport } from './messages.ts';

/**
 * What the data plane has served, by the names that the control plane knows. It outlives the data plane: when that is killed,
 * totals go on from where they were heard last.
 */
export class TrafficLedger {
  readonly #routeNumbers = new CounterNumbers(routeCounterShape.blocks);
  readonly #peerNumbers = new CounterNumbers(peerCounterShape.blocks);
  readonly #ejectionNumbers = new CounterNumbers(ejectionsMax);
  #ejected: ReadonlySet<number> = new Set();
  readonly #routes = new Totals(routeCounterShape);
  readonly #peers = new Totals(peerCounterShape);
  readonly #connections = new Totals(connectionCounterShape);

  /** What a route is counted under. */
  route(id: string): number {
    return this.#routeNumbers.of(id);
  }

  /** What a container is counted under. */
  peer(containerId: string): number {
    return this.#peerNumbers.of(containerId);
  }

  /** What it is known under whether a backend is left out. */
  ejection(peerId: string): number {
    return this.#ejectionNumbers.of(peerId);
  }

  /** Places in use, which is how far a report has to look. */
  places(): CounterPlaces {
    const [routes, peers, ejections] = [this.#routeNumbers, this.#peerNumbers, this.#ejectionNumbers];
    return { routes: routes.places, peers: peers.places, ejections: ejections.places };
  }

  /** Numbers of routes and containers that are long gone are given back. */
  tidy({ routes }: RouteTable): void {
    const backendsOf = ({ serving }: RouteTable['routes'][number]) => (serving.kind === 'pool' ? serving.backends : []);
    const backends = routes.reduce((count, route) => count + backendsOf(route).length, 0);
    const routeIds = () => routes.map(({ id }) => id);
    const containerIds = () => routes.flatMap((route) => backendsOf(route).map(({ id }) => id));
    this.#routes.forget(this.#routeNumbers.tidy(routes.length, routeIds));
    this.#peers.forget(this.#peerNumbers.tidy(backends, containerIds));
    this.#ejectionNumbers.tidy(backends, () => routes.flatMap((route) => backendsOf(route).map(peerId)));
  }

  hear({ connections, routes, peers, ejected }: TrafficReport): void {
    this.#connections.hear(connections);
    this.#routes.hear(routes);
    this.#peers.hear(peers);
    this.#ejected = new Set(ejected);
  }

  /** The data plane has ended, and with it whatever was under way; the next one counts from zero. */
  restart(): void {
    for (const totals of [this.#connections, this.#routes, this.#peers]) totals.restart();
    this.#ejected = new Set();
  }

  traffic(): Traffic {
    const routes: Record<string, Traffic['routes'][string]> = {};
    for (const [id, number] of this.#routeNumbers.entries()) {
      const sums = this.#routes.of(number);
      if (sums !== null) routes[id] = readRouteTraffic(sums);
    }
    const peers: Record<string, Traffic['peers'][string]> = {};
    for (const [id, number] of this.#peerNumbers.entries()) {
      const sums = this.#peers.of(number);
      const of = (cell: number): number => sums?.[cell] ?? 0;
      if (sums === null) continue;
      peers[id] = { inFlight: of(peerCells.inFlight), requests: of(peerCells.requests), fails: of(peerCells.fails) };
    }
    const connections = readConnectionTraffic(this.#connections.of(connectionCounterNumber) ?? new Float64Array());
    return { connections, routes, peers, ejected: this.ejected() };
  }

  /** Ids of peers that are left out for their failures, as was heard last. */
  ejected(): ReadonlySet<string> {
    if (this.#ejected.size === 0) return new Set();
    const ejected = [...this.#ejectionNumbers.entries()].filter(([, number]) => this.#ejected.has(number));
    return new Set(ejected.map(([id]) => id));
  }

  /** What `RouteCounters` has counted so far, by route id, of routes that had any request; the same array while nothing has changed. */
  routeTotals(): ReadonlyMap<string, Float64Array> {
    const totals = new Map<string, Float64Array>();
    for (const [id, number] of this.#routeNumbers.entries()) {
      const sums = this.#routes.of(number);
      if (sums !== null) totals.set(id, sums);
    }
    return totals;
  }

  /** Of one route; null where it had none. */
  totalsOf(id: string): Float64Array | null {
    const number = this.#routeNumbers.known(id);
    return number === null ? null : this.#routes.of(number);
  }
}

/** Sums of blocks by number: of this data plane, and of those before. */
class Totals {
  readonly #shape: CounterShape;
  readonly #now = new Map<number, Float64Array>();
  readonly #before = new Map<number, Float64Array>();

  constructor(shape: CounterShape) {
    this.#shape = shape;
  }

  /** @param blocks one behind the other, each its number and its cells. */
  hear(blocks: Float64Array): void {
    const size = this.#shape.cells + 1;
    for (let head = 0; head + size <= blocks.length; head += size) {
      this.#now.set(blocks[head] as number, blocks.slice(head + 1, head + size));
    }
  }

  restart(): void {
    for (const [number, sums] of this.#now) {
      for (const gauge of this.#shape.gauges) sums[gauge] = 0;
      this.#before.set(number, added(sums, this.#before.get(number)));
    }
    this.#now.clear();
  }

  of(number: number): Float64Array | null {
    const now = this.#now.get(number);
    const before = this.#before.get(number);
    return now === undefined ? (before ?? null) : added(now, before);
  }

  forget(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#now.delete(number);
      this.#before.delete(number);
    }
  }
}

function added(a: Float64Array, b: Float64Array | undefined): Float64Array {
  return b === undefined ? a : a.map((value, i) => value + (b[i] as number));
}
