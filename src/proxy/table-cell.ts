import { isDeepStrictEqual } from 'node:util';
import { ThreadCounters } from '../base/shared-counters.ts';
import type { UpstreamTimeouts } from '../http/transport.ts';
import type { LoadBalancing } from '../labels/options.ts';
import { Matcher, type MatchRequest, type NoRoute } from '../routing/matcher.ts';
import type { Route, RoutePolicy, RouteTable } from '../routing/table.ts';
import { compileSteps, type StepList } from '../steps/compile.ts';
import type { StepWorld } from '../steps/step-world.ts';
import { Affinity } from '../upstream/affinity.ts';
import { type Balancer, balancerOf, type Chances } from '../upstream/balancer.ts';
import { type PeerPool, peerPool } from '../upstream/peer-pool.ts';
import type { Peers } from '../upstream/peers.ts';
import { RetryBudget } from '../upstream/retry-budget.ts';
import { type Caching, toCaching } from './caching.ts';
import { ErrorPages } from './error-pages.ts';
import { NextTable } from './next-table.ts';
import { RouteCounters, routeCounterShape } from './route-counters.ts';

/** A route of the current table with everything that serving it needs. */
export interface LiveRoute extends PeerPool {
  readonly route: Route;
  readonly steps: StepList;
  readonly budget: RetryBudget;
  readonly counters: RouteCounters;
  readonly timeouts: UpstreamTimeouts;
  /** null = nothing is kept. */
  readonly caching: Caching | null;
  /** null = the built-in pages. */
  readonly errors: ErrorPages | null;
}

/** What a route keeps through table swaps, by its id. */
interface RouteMemory {
  readonly lb: LoadBalancing;
  readonly balancer: Balancer;
  readonly budget: RetryBudget;
  readonly counters: RouteCounters;
}

/** What decides which backend a request goes to, besides its route. */
export interface PickingWorld extends Chances {
  /** Signs the cookies of `proxy.sticky`. */
  readonly affinityKey: string;
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
  readonly #picking: PickingWorld;
  readonly #stepWorld: StepWorld;
  readonly #counters: ThreadCounters;

  constructor(
    peers: Peers,
    picking: PickingWorld,
    stepWorld: StepWorld,
    counters = new ThreadCounters(routeCounterShape),
  ) {
    this.#peers = peers;
    this.#picking = picking;
    this.#stepWorld = stepWorld;
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

  match(request: MatchRequest): LiveRoute | NoRoute {
    const verdict = this.#matcher.match(request);
    return 'none' in verdict ? verdict.none : this.#enliven(verdict.route);
  }

  /** The route of the current table that has this id; null where none has. Walks over the table: for people, not for traffic. */
  named(id: string): LiveRoute | null {
    for (const part of this.#parts) {
      const route = part.find((one) => one.id === id);
      if (route !== undefined) return this.#enliven(route);
    }
    return null;
  }

  /**
   * The route as it is now, for a request that was prepared by what it was. Null where that would be done in another way by now,
   * or not at all: a container that protects its site must not be reached by the rules of the one before.
   */
  current(live: LiveRoute, request: MatchRequest): LiveRoute | null {
    if (this.#live.get(live.route) === live) return live;
    const now = this.match(request);
    if (typeof now === 'string' || now.route.id !== live.route.id || now.route.serving.kind !== 'pool') return null;
    return isDeepStrictEqual(rulesOf(now), rulesOf(live)) ? now : null;
  }

  #enliven(route: Route): LiveRoute {
    const known = this.#live.get(route);
    if (known !== undefined) return known;
    const { connectMs, readMs, sendMs } = route.policy;
    const timeouts = { connectMs, readMs, sendMs };
    const { balancer, budget, counters } = this.#remember(route);
    const pool = this.#pool(route, balancer);
    const steps = compileSteps(route.policy, this.#stepWorld);
    const caching = toCaching(route.policy.cache);
    const errors = route.policy.errors === null ? null : new ErrorPages(route.policy.errors);
    const live: LiveRoute = { route, steps, ...pool, timeouts, caching, errors, budget, counters };
    this.#live.set(route, live);
    return live;
  }

  #remember({ id, counter = 0, policy: { lb } }: Route): RouteMemory {
    const before = this.#memory.get(id);
    // Another number: it was gone in tables that this worker never served.
    const known = before?.counters.number === counter ? before : null;
    if (known !== null && isDeepStrictEqual(known.lb, lb)) return known;
    const counters = known?.counters ?? new RouteCounters(this.#counters.block(counter));
    const budget = known?.budget ?? new RetryBudget();
    const memory = { lb, balancer: balancerOf(lb, this.#picking), budget, counters };
    this.#memory.set(id, memory);
    return memory;
  }

  #pool({ host, serving, policy }: Route, balancer: Balancer): PeerPool {
    const backends = serving.kind === 'pool' ? serving.backends : [];
    const members = backends.flatMap((backend) => {
      const peer = this.#peers.of(backend);
      return peer === undefined ? [] : [{ peer, backup: backend.backup }];
    });
    if (policy.sticky === null) return peerPool(members, { balancer, affinity: null });
    const peers = members.map(({ peer }) => peer);
    const affinity = new Affinity(policy.sticky, { host: host.text, key: this.#picking.affinityKey, peers });
    return peerPool(members, { balancer, affinity });
  }
}

/** What a request is prepared by. An error page that is edited meanwhile is no part of it. */
function rulesOf({ route }: LiveRoute): RoutePolicy {
  return { ...route.policy, errors: null };
}
