import type { Container } from '../docker/container.ts';
import type { Options } from '../labels/options.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import type { Backend, Route, RouteTable } from './table.ts';
import type { Unrouted } from './unrouted.ts';

/** A container that asks for a route. */
export interface RouteMember {
  readonly container: Container;
  readonly spec: RouteSpec;
  /** Null where the route redirects: nothing is dialled. A refused route shows what it would dial. */
  readonly backend: Backend | null;
}

/** What `/routes` shows of a route beyond the route itself. */
export interface RouteDetail {
  readonly route: Route;
  /** In the order of the backends. */
  readonly members: readonly RouteMember[];
  /** The member whose options count: the newest that runs, else the newest. */
  readonly winner: RouteMember;
  /** Effective options, those of the winner. `port`, `weight` and the like are each container's own: see `members`. */
  readonly options: Options;
  /** Where each option that is not built-in came from. */
  readonly sources: RouteSpec['sources'];
  /** The host that an alias redirects to, null for an ordinary route. */
  readonly aliasOf: string | null;
  readonly problems: readonly Problem[];
  /** Age of the oldest member. */
  readonly createdMs: number;
}

/** A table with everything that is known of it. */
export interface BuiltTable {
  readonly table: RouteTable;
  /** By route id; one for every route of the table. */
  readonly details: ReadonlyMap<string, RouteDetail>;
  /** All problems of all containers, each once. */
  readonly problems: readonly Problem[];
  /** Containers that have labels for the proxy and no route; the oldest first. */
  readonly unrouted: readonly Unrouted[];
}
