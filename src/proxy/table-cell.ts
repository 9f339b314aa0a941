import { ThreadCounters } from '../base/shared-counters.ts';
import type { UpstreamTimeouts } from '../http/transport.ts';
import { Matcher, type MatchRequest } from '../routing/matcher.ts';
import type { Route, RouteTable } from '../routing/table.ts';
import { compileSteps, type StepList } from '../steps/compile.ts';
import type { Peer } from '../upstream/peer.ts';
import type { Peers } from '../upstream/peers.ts';
import { Rotation } from '../upstream/rotation.ts';
import { NextTable } from './next-table.ts';
import { RouteCounters, routeCounterShape } from './route-counters.ts';

/** A route of the current table with everything that serving it needs. */
export interface LiveRoute {
  readonly route: Route;
  readonly steps: StepList;
  readonly peers: readonly Peer[];
  readonly rotation: Rotation;
  readonly counters: RouteCounters;
  readonly timeouts: UpstreamTimeouts;
}

/** What a route keeps through table swaps, by its id. */
interface RouteMemory {
  readonly rotation: Rotation;
  readonly counters: RouteCounters;
}

/**
 * The one reference that a swap replaces. A request asks it once and keeps what it got to its end; the table itself never
 * changes. Routes become live when they are first used, and stay so through swaps that do not change them.
 */
export class TableCell {
  #version = 0;
  #matcher = new Matcher([]);
  #parts: ReadonlySet<readonly Route[]> = new Set();
  readonly #live = new Map<Route, LiveRoute>();
  readonly #memory = new Map<string, RouteMemory>();
  readonly #peers: Peers;
  readonly #counters: ThreadCounters;

  constructor(peers: Peers, counters = new ThreadCounters(routeCounterShape)) {
    this.#peers = peers;
    this.#counters = counters;
  }

  get version(): number {
    return this.#version;
  }

  /** Begins a new table, which is compiled aside and serves when it is published. One at a time. */
  begin(version: number): NextTable {
    return new NextTable(version, this.#peers.next(), (next) => this.#take(next));
  }

  /** The whole of a table in one go. */
  swap({ version, routes }: RouteTable): void {
    const next = this.begin(version);
    next.add(routes);
    next.publish();
  }

  #take({ version, matcher, parts, peers }: NextTable): void {
    const before = this.#parts;
    this.#version = version;
    this.#matcher = matcher;
    this.#parts = parts;
    this.#peers.take(peers);
    const gone = [...before.difference(parts)].flat();
    const there = new Set([...parts.difference(before)].flat().map(({ id }) => id));
    for (const route of gone) {
      this.#live.delete(route);
      if (!there.has(route.id)) this.#memory.delete(route.id);
    }
  }

  match(request: MatchRequest): LiveRoute | 'host-unknown' | 'no-route' {
    const verdict = this.#matcher.match(request);
    return 'none' in verdict ? verdict.none : this.#enliven(verdict.route);
  }

  #enliven(route: Route): LiveRoute {
    const known = this.#live.get(route);
    if (known !== undefined) return known;
    const { counter = 0 } = route;
    let memory = this.#memory.get(route.id);
    // Another number: it was gone in tables that this worker never served.
    if (memory?.counters.number !== counter) {
      memory = { rotation: new Rotation(), counters: new RouteCounters(this.#counters.block(counter)) };
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
