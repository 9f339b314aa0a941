import type { HostPattern } from '../labels/host-pattern.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import type { Route } from './table.ts';

/** What the place of a route in the table depends on. */
export interface RoutePlace {
  readonly route: Pick<Route, 'id' | 'host' | 'path' | 'match' | 'priority'>;
  /** Age of its oldest container. */
  readonly createdMs: number;
  /** Place among the routes of its container, as its labels list them. */
  readonly position: number;
}

/**
 * The matching order: exact host > wildcard (longer first) > regex > `*`; exact path > longest prefix > regex or glob > `/`;
 * number of predicates; priority; oldest container. `/` is no condition but the lack of one, and comes last: otherwise a
 * site's base route would hide all of its globs. Hosts and paths that can never take the same request stand in
 * alphabetical order, so that a list of routes reads well. A total order: the last word is the id.
 */
export function compareRoutePlaces(a: RoutePlace, b: RoutePlace): number {
  return (
    compareHosts(a.route.host, b.route.host) ||
    comparePaths(a.route.path, b.route.path) ||
    b.route.match.length - a.route.match.length ||
    b.route.priority - a.route.priority ||
    a.createdMs - b.createdMs ||
    a.position - b.position ||
    compareTexts(a.route.id, b.route.id)
  );
}

const hostRank = { exact: 0, wildcard: 1, regex: 2, any: 3 } as const;

function compareHosts(a: HostPattern, b: HostPattern): number {
  if (a.kind === 'exact' && b.kind === 'exact') return compareTexts(a.name, b.name);
  if (a.kind === 'wildcard' && b.kind === 'wildcard') {
    return b.suffix.length - a.suffix.length || compareTexts(a.suffix, b.suffix);
  }
  // Two regexes may take the same host, so neither of them comes first: the path decides.
  return hostRank[a.kind] - hostRank[b.kind];
}

function comparePaths(a: PathPattern, b: PathPattern): number {
  if (a.kind === 'exact' && b.kind === 'exact') return compareTexts(a.path, b.path);
  if (a.kind === 'prefix' && b.kind === 'prefix') {
    return b.prefix.length - a.prefix.length || compareTexts(a.prefix, b.prefix);
  }
  return pathRank(a) - pathRank(b);
}

function pathRank(path: PathPattern): number {
  if (path.kind === 'exact') return 0;
  if (path.kind === 'regex') return 2;
  return path.prefix === '' ? 3 : 1;
}

/** By code unit: the same on every machine, whatever its language. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
