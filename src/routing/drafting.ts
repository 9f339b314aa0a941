import type { Container } from '../docker/container.ts';
import type { EngineStatus, Place } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { aliasOfSeveral, nothingToStrip, shadowedRoute } from './build-problem.ts';
import { conflicts } from './conflict.ts';
import { type Dial, dial, type Surroundings } from './dial.ts';
import { drainTimeMs } from './drain-time.ts';
import { routePolicy } from './policy.ts';
import { type Claimant, formPool, type Pool } from './pool.ts';
import { ProblemList } from './problem-list.ts';
import type { RouteDetail, RouteMember } from './route-detail.ts';
import type { RoutePlace } from './route-order.ts';
import type { Backend, Route, Serving } from './table.ts';

/** A route with all that is known of it, before it has its place in the table. */
export interface Draft extends RoutePlace {
  readonly route: Route;
  readonly detail: RouteDetail;
}

interface Dialled {
  readonly container: Container;
  readonly backend: Backend;
  readonly problems: readonly Problem[];
}

/** What the backends of a route depend on besides its own containers. */
export interface DraftingInput {
  readonly place: Place;
  readonly engines: readonly EngineStatus[];
  readonly containers: readonly Container[];
}

/** Turns those who claim a route into the route. Lives for one build, and dials each container of a route spec once. */
export class Drafting {
  readonly #surroundings: Surroundings;
  readonly #dialled = new Map<RouteSpec, Dialled>();

  constructor({ place, engines, containers }: DraftingInput) {
    const engineByEndpoint = new Map(engines.map((engine) => [engine.endpoint, engine]));
    let containerById: Map<string, Container> | null = null;
    this.#surroundings = {
      place,
      engineOf: (endpoint) => engineByEndpoint.get(endpoint),
      containerOf: (id) => {
        containerById ??= new Map(containers.map((container) => [container.id, container]));
        return containerById.get(id);
      },
    };
  }

  /** @param claimants at least one. */
  draft(claimants: readonly Claimant[]): Draft {
    const pool = formPool(claimants);
    const { claim } = pool.winner;
    const { options, sources } = claim.spec;
    const problems = new ProblemList();
    const dials = claim.target === null && options.redirect === null;
    const members = pool.members.map((claimant) => {
      problems.addAll(ownProblems(claimant));
      return dials ? this.#member(claimant, problems) : withoutBackend(claimant);
    });
    problems.addAll(disagreements(pool));
    if (options.strip === true && claim.path.kind === 'regex') problems.add(nothingToStrip(pool.winner));

    const isAlias = claim.target !== null;
    const route: Route = {
      id: claim.id,
      name: claim.spec.name,
      host: claim.host,
      path: claim.path,
      match: isAlias ? [] : claim.spec.match,
      priority: isAlias ? 0 : claim.spec.priority,
      serving: servingOf(pool, members),
      policy: routePolicy(options, claim.path, { guarded: !isAlias }),
      changedMs: pool.changedMs,
    };
    const winner = members[pool.members.indexOf(pool.winner)] as RouteMember;
    const createdMs = pool.members.reduce((oldest, { container }) => Math.min(oldest, container.createdMs), Infinity);
    const aliasOf = claim.target;
    const detail = { route, members, winner, options, sources, aliasOf, problems: problems.all(), createdMs };
    return { route, detail, createdMs, position: claim.position };
  }

  #member({ container, claim: { spec } }: Claimant, problems: ProblemList): RouteMember {
    let dialled = this.#dialled.get(spec);
    if (dialled?.container !== container) {
      const result = dial(container, spec, this.#surroundings);
      dialled = { container, backend: toBackend(container, spec, result), problems: result.problems };
      this.#dialled.set(spec, dialled);
    }
    if (container.state !== 'removed') problems.addAll(dialled.problems);
    return { container, spec, backend: dialled.backend };
  }
}

function withoutBackend({ container, claim }: Claimant): RouteMember {
  return { container, spec: claim.spec, backend: null };
}

function servingOf({ winner, deciding }: Pool, members: readonly RouteMember[]): Serving {
  const { target, spec } = winner.claim;
  // An alias gives nothing away: its redirect leads to the host, which is closed itself.
  if (target !== null) return { kind: 'redirect', status: 308, location: `{scheme}://${target}{port}{uri}` };
  // One closed container closes the pool: a new one with a bad label must not open what the others protect.
  if (deciding.some(isClosed)) {
    return { kind: 'refuse', reason: 'label-invalid' };
  }
  if (spec.options.redirect !== null) return { kind: 'redirect', ...spec.options.redirect };
  return { kind: 'pool', backends: members.map(({ backend }) => backend).filter((backend) => backend !== null) };
}

/** A route that hides a closed one of its container is closed too: nobody knows which of them was meant to be open. */
function isClosed({ claim }: Claimant): boolean {
  return claim.spec.closedBy.length > 0 || claim.shadowed.some(({ spec }) => spec.closedBy.length > 0);
}

/** What its labels say wrong about this route. Of a container that is gone only what keeps the route closed. */
function ownProblems({ container, reading, claim }: Claimant): readonly Problem[] {
  if (container.state === 'removed') return claim.spec.closedBy;
  const others = reading.specs.filter((spec) => spec !== claim.spec && spec.name !== '');
  const concern = reading.problems.filter(
    ({ label }) => !others.some(({ name }) => label.startsWith(`proxy.${name}.`)),
  );
  const hidden = claim.shadowed.flatMap((shadowed) => [
    shadowedRoute(container, shadowed, claim),
    ...shadowed.spec.closedBy,
  ]);
  return [...claim.spec.closedBy, ...concern, ...hidden];
}

function disagreements({ winner, deciding }: Pool): Problem[] {
  if (deciding.length === 1) return [];
  if (winner.claim.target !== null) {
    const other = deciding.find(({ claim }) => claim.target !== winner.claim.target);
    return other === undefined ? [] : [aliasOfSeveral(other, winner)];
  }
  const asking = ({ container, claim }: Claimant) => ({ container, spec: claim.spec });
  return conflicts(asking(winner), deciding.filter((one) => one !== winner).map(asking));
}

function toBackend(container: Container, { options }: RouteSpec, dialled: Dial): Backend {
  const { host, port, otherHosts, state, reason, check } = dialled;
  return {
    id: container.id,
    container: container.name,
    service: container.service,
    // h2c is not spoken yet; the label's problem says so.
    scheme: options.scheme === 'https' ? 'https' : 'http',
    sni: options['scheme.sni'],
    verify: options['scheme.verify'],
    host,
    port,
    ...(otherHosts.length > 0 ? { otherHosts } : {}),
    state,
    reason,
    weight: options.weight,
    backup: options.backup,
    maxFails: options.maxfails,
    failTimeoutMs: options.failtimeout,
    check,
    changedMs: container.changedMs,
    drained: container.drained ?? false,
    drainMs: container.stopping ? drainTimeMs(options.drain, container.stopGraceMs) : options.drain,
  };
}
