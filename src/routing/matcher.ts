import { type FirstRoute, HostRoutes, type RouteGroup, serves, withRoute } from './host-routes.ts';
import type { MatchRequest } from './match-request.ts';
import { hostKey, Patterns } from './patterns.ts';
import { Predicates } from './predicates.ts';
import type { Route } from './table.ts';

export type { MatchRequest } from './match-request.ts';

/**
 * `host-unknown`: no host pattern takes the host; `no-route`: one does, but nothing of it serves the request; `uri-too-long`: the
 * path is too long for the regex that would have to be tried next, and whoever stands behind it may not be who is meant.
 */
export type NoRoute = 'host-unknown' | 'no-route' | 'uri-too-long';
export type MatchVerdict = { readonly route: Route } | { readonly none: NoRoute };

/**
 * Finds the route of a request: the first in matching order (contract §1.10) that takes its host, its path and all its
 * predicates. What a lookup costs does not depend on the number of hosts: exact hosts are one map, wildcards are asked
 * suffix by suffix, and only regexes are tried one after the other. Compiled from a table once, never changed after.
 */
export class Matcher {
  readonly #exact = new Map<string, RouteGroup>();
  /** By suffix, as in `.example.com`. */
  readonly #wildcard = new Map<string, RouteGroup>();
  readonly #regex: Route[] = [];
  #any: RouteGroup | undefined;
  readonly #inspect = { patterns: new Patterns(), predicates: new Predicates() };

  /** @param routes in matching order, as in a `RouteTable`. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  /** The next route in matching order; only while the matcher is compiled, before it is asked for the first time. */
  add(route: Route): void {
    const { host } = route;
    switch (host.kind) {
      case 'exact':
        add(this.#exact, hostKey(host.name), route);
        break;
      case 'wildcard':
        add(this.#wildcard, host.suffix, route);
        break;
      case 'regex':
        this.#regex.push(route);
        break;
      case 'any':
        this.#any = withRoute(this.#any, route);
        break;
      default:
        host satisfies never;
    }
  }

  match(request: MatchRequest): MatchVerdict {
    let hostKnown = false;
    const { host } = request;
    const exact = this.#exact.get(host);
    if (exact !== undefined) {
      hostKnown = true;
      const route = this.#first(exact, request);
      if (route !== null) return verdictOf(route);
    }
    if (this.#wildcard.size > 0) {
      // From the left, so that the longest suffix comes first; a host has at most 253 characters.
      for (let dot = host.indexOf('.', 1); dot > 0; dot = host.indexOf('.', dot + 1)) {
        const group = this.#wildcard.get(host.slice(dot));
        if (group === undefined) continue;
        hostKnown = true;
        const route = this.#first(group, request);
        if (route !== null) return verdictOf(route);
      }
    }
    if (this.#regex.length > 0) {
      const route = this.#firstByRegex(request);
      if (route !== null) return verdictOf(route);
    }
    if (this.#any !== undefined) {
      hostKnown = true;
      const route = this.#first(this.#any, request);
      if (route !== null) return verdictOf(route);
    }
    return { none: hostKnown || this.#someRegexTakes(host) ? 'no-route' : 'host-unknown' };
  }

  #first(group: RouteGroup, request: MatchRequest): FirstRoute {
    return group instanceof HostRoutes ? group.first(request, this.#inspect) : serves(group, request, this.#inspect);
  }

  /** Regex hosts are one class: among them the path decides, so they stay one list. */
  #firstByRegex(request: MatchRequest): FirstRoute {
    for (const route of this.#regex) {
      // The path first: it is cheaper than the regex of the host.
      const first = serves(route, request, this.#inspect);
      if (first !== null && this.#inspect.patterns.takesHost(route.host, request.host)) return first;
    }
    return null;
  }

  #someRegexTakes(host: string): boolean {
    return this.#regex.some((route) => this.#inspect.patterns.takesHost(route.host, host));
  }
}

function verdictOf(first: Route | 'uri-too-long'): MatchVerdict {
  return first === 'uri-too-long' ? { none: first } : { route: first };
}

function add(groups: Map<string, RouteGroup>, key: string, route: Route): void {
  groups.set(key, withRoute(groups.get(key), route));
}
