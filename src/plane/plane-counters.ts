import { CounterSums } from '../base/counter-sums.ts';
import { type CounterShape, counterRange, counterTurns } from '../base/shared-counters.ts';
import { connectionCounterShape } from '../proxy/connection-counters.ts';
import { routeCounterShape } from '../proxy/route-counters.ts';
import { Ejections, ejectionMemory } from '../upstream/ejections.ts';
import { peerCounterShape } from '../upstream/peer-counters.ts';
import type { CounterMemory, CounterPlaces, TrafficReport } from './messages.ts';

/** The memory that the workers of a data plane count in, and what it adds up to. */
export class PlaneCounters {
  readonly memory: CounterMemory;
  readonly #sums: Readonly<Record<'connections' | 'routes' | 'peers', CounterSums>>;
  readonly #ejections: Ejections;

  constructor(threads: number) {
    const ranges = (shape: CounterShape) => Array.from({ length: threads }, () => counterRange(shape));
    this.memory = {
      connections: ranges(connectionCounterShape),
      routes: ranges(routeCounterShape),
      peers: ranges(peerCounterShape),
      peerTurns: counterTurns(peerCounterShape),
      ejections: ejectionMemory(),
    };
    this.#ejections = new Ejections(this.memory.ejections);
    this.#sums = {
      connections: new CounterSums(connectionCounterShape, this.memory.connections),
      routes: new CounterSums(routeCounterShape, this.memory.routes),
      peers: new CounterSums(peerCounterShape, this.memory.peers),
    };
  }

  /** A thread has ended; see `CounterSums.retire`. */
  retire(thread: number): void {
    for (const sums of Object.values(this.#sums)) sums.retire(thread);
  }

  /** What has changed since the last report. */
  report(places: CounterPlaces): TrafficReport {
    return {
      connections: this.#sums.connections.changed(),
      routes: this.#sums.routes.changed(places.routes),
      peers: this.#sums.peers.changed(places.peers),
      ejected: this.#ejections.suspects(places.ejections),
    };
  }
}
