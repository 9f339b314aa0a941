import type { Container } from '../docker/container.ts';
import type { EngineStatus, Place } from '../docker/snapshot.ts';
import type { LabelReading } from '../labels/spec.ts';
import { aimlessAlias, aliasIsHost } from './build-problem.ts';
import { claimedHost, claimsOf } from './claims.ts';
import { DraftMemory } from './draft-memory.ts';
import { type Claimant, isThere } from './pool.ts';
import { ProblemList } from './problem-list.ts';
import type { BuiltTable, RouteDetail } from './route-detail.ts';
import { compareTexts } from './route-order.ts';
import { unroutedOf } from './unrouted.ts';

export type { BuiltTable, RouteDetail, RouteMember } from './route-detail.ts';

export interface BuildInput {
  readonly version: number;
  readonly readings: readonly Read[];
  readonly place: Place;
  readonly engines: readonly EngineStatus[];
  /** All containers, labelled or not: one may live in the network of another. */
  readonly containers: readonly Container[];
}

/** A container and what was read from its labels. */
interface Read {
  readonly container: Container;
  readonly reading: LabelReading;
}

/**
 * Makes the table of all that the labels of all containers ask for, in matching order, with what is to be shown of it. Pure:
 * the same input, in whatever order, gives the same table. Whole at every change; what depends on labels alone is kept by
 * the identity of the reading.
 *
 * @param memory of the tables before: a route that nothing has changed for is the same object again.
 */
export function buildTable(input: BuildInput, memory = new DraftMemory()): BuiltTable {
  // Oldest first, so that nothing depends on the order in which the engine lists.
  const readings = [...input.readings].sort(
    (a, b) => a.container.createdMs - b.container.createdMs || compareTexts(a.container.id, b.container.id),
  );
  const problems = new ProblemList();
  // Nobody can mend the labels of a container that is gone.
  for (const { container, reading } of readings) if (container.state !== 'removed') problems.addAll(reading.problems);
  const drafts = memory.draftAll(collect(readings, problems), input);

  const details = new Map<string, RouteDetail>();
  for (const { detail } of drafts) {
    details.set(detail.route.id, detail);
    problems.addAll(detail.problems);
  }
  return {
    table: { version: input.version, routes: drafts.map(({ route }) => route) },
    details,
    problems: problems.all(),
    unrouted: unroutedOf(readings),
  };
}

/** All claimants of each route, by its id; aliases yield to hosts. */
function collect(readings: readonly Read[], problems: ProblemList): Map<string, Claimant[]> {
  const routes = new Map<string, Claimant[]>();
  const aliases = new Map<string, Claimant[]>();
  for (const { container, reading } of readings) {
    const claims = claimsOf(reading);
    for (const spec of claims.aimless) problems.add(aimlessAlias(container, spec));
    for (const claim of claims.routes) {
      push(routes, claim.id, { container, reading, claim });
    }
    for (const claim of claims.aliases) push(aliases, claim.id, { container, reading, claim });
  }
  if (aliases.size === 0) return routes;
  const hosts = firstByHost(readings);
  for (const [id, claimants] of aliases) {
    const [first] = claimants as [Claimant, ...Claimant[]];
    const host = hosts.get(claimedHost(first.claim));
    if (host === undefined) {
      // A host that only lingers has had its time; an alias that only lingers has not the right to push it out.
      if (claimants.some(isThere) || !routes.has(id)) routes.set(id, claimants);
    } else for (const claimant of claimants.filter(isThere)) problems.add(aliasIsHost(claimant, host));
  }
  return routes;
}

/** Who has claimed each host first, as a host and not as an alias, of those that are there. */
function firstByHost(readings: readonly Read[]): Map<string, Claimant> {
  const hosts = new Map<string, Claimant>();
  for (const { container, reading } of readings) {
    for (const claim of claimsOf(reading).routes) {
      const claimant = { container, reading, claim };
      const host = claimedHost(claim);
      if (isThere(claimant) && !hosts.has(host)) hosts.set(host, claimant);
    }
  }
  return hosts;
}

function push<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
