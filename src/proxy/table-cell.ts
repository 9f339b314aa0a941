import type { UpstreamTimeouts } from '../http/transport.ts';
import { Matcher, type MatchRequest } from '../routing/matcher.ts';
import type { Route, RouteTable } from '../routing/table.ts';
import { compileSteps, type StepList } from '../steps/compile.ts';
import type { Peer } from '../upstream/peer.ts';
import type { Peers } from '../upstream/peers.ts';
import { Rotation } from '../upstream/rotation.ts';
import { emptyRouteTraffic, type RouteTraffic } from './traffic.ts';

/** A route of the current table with everything that serving it needs. */
export interface LiveRoute {
  readonly route: Route;
  readonly steps: StepList;
  readonly peers: readonly Peer[];
  readonly rotation: Rotation;
  readonly traffic: RouteTraffic;
  readonly timeouts: UpstreamTimeouts;
}

/** What a route keeps through table swaps, by its id. */
interface RouteMemory {
  readonly rotation: Rotation;
  readonly traffic: RouteTraffic;
}

/**
 * The one reference that a swap replaces. A request asks it once and keeps what it got to its end; the table itself never
 * changes. Routes become live when they are first used, so that a swap of 10,000 routes costs no more than its matcher.
 */
export class TableCell {
  #table: RouteTable = { version: 0, routes: [] };
  #matcher = new Matcher([]);
  #live = new Map<Route, LiveRoute>();
  #memory = new Map<string, RouteMemory>();
  readonly #peers: Peers;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  get version(): number {
    return this.#table.version;
  }

  swap(table: RouteTable): void {
    this.#matcher = new Matcher(table.routes);
    this.#peers.reconcile(table);
    this.#table = table;
    this.#live = new Map();
    if (this.#memory.size === 0) return;
    const remembered = new Map<string, RouteMemory>();
    for (const { id } of table.routes) {
      const memory = this.#memory.get(id);
      if (memory !== undefined) remembered.set(id, memory);
    }
    this.#memory = remembered;
  }

  match(request: MatchRequest): LiveRoute | 'host-unknown' | 'no-route' {
    const verdict = this.#matcher.match(request);
    return 'none' in verdict ? verdict.none : this.#enliven(verdict.route);
  }

  /** Traffic by route id, for routes that had any. */
  traffic(): Record<string, RouteTraffic> {
    return Object.fromEntries([...this.#memory].map(([id, { traffic }]) => [id, traffic]));
  }

  #enliven(route: Route): LiveRoute {
    const known = this.#live.get(route);
    if (known !== undefined) return known;
    let memory = this.#memory.get(route.id);
    if (memory === undefined) {
      memory = { rotation: new Rotation(), traffic: emptyRouteTraffic() };
      this.#memory.set(route.id, memory);
    }
    const backends = route.serving.kind === 'pool' ? route.serving.backends : [];
    const peers = backends.map((backend) => this.#peers.of(backend)).filter((peer) => peer !== undefined);
    const { connectMs, readMs, sendMs } = route.policy;
    const timeouts = { connectMs, readMs, sendMs };
    const live: LiveRoute = { route, steps: compileSteps(route.policy), peers, timeouts, ...memory };
    this.#live.set(route, live);
    return live;
  }
}
