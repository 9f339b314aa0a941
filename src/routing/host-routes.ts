import type { MatchRequest } from './match-request.ts';
import type { Patterns } from './patterns.ts';
import type { Predicates } from './predicates.ts';
import type { Route } from './table.ts';

/** The routes of one host pattern: the route itself where there is one, as with most hosts, so that 100,000 of them stay small. */
export type RouteGroup = Route | HostRoutes;

/** What answers the questions of a match. */
export interface Inspection {
  readonly patterns: Patterns;
  readonly predicates: Predicates;
}

/** Null = none takes the request; `uri-too-long` = nobody can say whether the next one would. */
export type FirstRoute = Route | 'uri-too-long' | null;

/** The route itself, where its path and predicates take the request. */
export function serves(route: Route, request: MatchRequest, { patterns, predicates }: Inspection): FirstRoute {
  const takes = patterns.takesPath(route.path, request.path);
  if (takes === false || !predicates.allHold(route.match, request)) return null;
  return takes === null ? 'uri-too-long' : route;
}

/** Up to so many routes are asked one after the other; that is faster than two maps, and smaller. */
const listedMax = 8;

/** Several routes of one host pattern, in matching order. */
export class HostRoutes {
  readonly #routes: Route[];
  #index: PathIndex | null = null;

  constructor(routes: Route[]) {
    this.#routes = routes;
  }

  /** Only while the matcher is compiled. */
  add(route: Route): void {
    this.#routes.push(route);
  }

  first(request: MatchRequest, inspection: Inspection): FirstRoute {
    const candidates = this.#routes.length <= listedMax ? this.#routes : this.#indexed().candidates(request.path);
    for (const route of candidates) {
      const first = serves(route, request, inspection);
      if (first !== null) return first;
    }
    return null;
  }

  /** Built at the first request for the host: most hosts of a large table see none before the next table comes. */
  #indexed(): PathIndex {
    this.#index ??= new PathIndex(this.#routes);
    return this.#index;
  }
}

export function withRoute(group: RouteGroup | undefined, route: Route): RouteGroup {
  if (group === undefined) return route;
  if (!(group instanceof HostRoutes)) return new HostRoutes([group, route]);
  group.add(route);
  return group;
}

/** The paths of a host with many routes: exact ones and prefixes by their text, regexes in a list. */
class PathIndex {
  readonly #exact = new Map<string, Route[]>();
  readonly #prefix = new Map<string, Route[]>();
  readonly #regex: Route[] = [];
  #longestPrefix = 0;

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const { path } = route;
      if (path.kind === 'regex') this.#regex.push(route);
      else if (path.kind === 'exact') push(this.#exact, path.path, route);
      else {
        push(this.#prefix, path.prefix, route);
        this.#longestPrefix = Math.max(this.#longestPrefix, path.prefix.length);
      }
    }
  }

  /** Every route that may take the path, in matching order. */
  *candidates(path: string): Iterable<Route> {
    yield* this.#exact.get(path) ?? none;
    // Beyond the longest prefix there is nothing to find: a target of 16,000 slashes costs no more than a short one.
    for (let end = segmentEnd(path, this.#longestPrefix); end > 0; end = path.lastIndexOf('/', end - 1)) {
      yield* this.#prefix.get(path.slice(0, end)) ?? none;
    }
    yield* this.#regex;
    // The prefix `/`, which takes every path, and the `*` of OPTIONS.
    yield* this.#prefix.get('') ?? none;
  }
}

const none: readonly Route[] = [];

/** The end of the longest part of the path that is made of whole segments and has at most `charsMax` characters; -1 = none. */
function segmentEnd(path: string, charsMax: number): number {
  return path.length <= charsMax ? path.length : path.lastIndexOf('/', charsMax);
}

function push(lists: Map<string, Route[]>, key: string, route: Route): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [route]);
  else list.push(route);
}
