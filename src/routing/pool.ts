import type { Container } from '../docker/container.ts';
import type { LabelReading } from '../labels/spec.ts';
import type { Claim } from './claims.ts';
import { compareTexts } from './route-order.ts';

/** A container with its claim to a route. */
export interface Claimant {
  readonly container: Container;
  readonly reading: LabelReading;
  readonly claim: Claim;
}

/** All who claim one route, sorted by who has a say. */
export interface Pool {
  /** In the order of backends: service, container number, name, id. */
  readonly members: readonly Claimant[];
  /** Those whose options and protection count. */
  readonly deciding: readonly Claimant[];
  /** The newest of them: its options win. */
  readonly winner: Claimant;
  /** The latest change in the lives of all claimants. */
  readonly changedMs: number;
}

/**
 * Decides who speaks for a route. Removed containers linger only where nobody else claims the route. Where some containers
 * run, only they decide: one that has ended cannot close the route of its mended successor, nor change its options.
 * @param claimants at least one.
 */
export function formPool(claimants: readonly Claimant[]): Pool {
  const [only] = claimants;
  if (claimants.length === 1 && only !== undefined)
    return { members: claimants, deciding: claimants, winner: only, changedMs: only.container.changedMs };
  const members = orElse(claimants.filter(isThere), claimants);
  const deciding = orElse(members.filter(isAlive), members);
  const winner = deciding.reduce((newest, one) => (isNewer(one.container, newest.container) ? one : newest));
  const changedMs = claimants.reduce((latest, { container }) => Math.max(latest, container.changedMs), 0);
  return { members: inBackendOrder(members), deciding, winner, changedMs };
}

export function isThere({ container }: Claimant): boolean {
  return container.state !== 'removed';
}

function isAlive({ container }: Claimant): boolean {
  const { state, stopping } = container;
  return !stopping && (state === 'running' || state === 'paused' || state === 'restarting');
}

function isNewer(a: Container, b: Container): boolean {
  return a.createdMs === b.createdMs ? a.id > b.id : a.createdMs > b.createdMs;
}

function orElse<T>(some: readonly T[], all: readonly T[]): readonly T[] {
  return some.length > 0 ? some : all;
}

function inBackendOrder(claimants: readonly Claimant[]): readonly Claimant[] {
  return [...claimants].sort(
    (a, b) =>
      compareTexts(a.container.service, b.container.service) ||
      compareTexts(naturalKey(a.container.name), naturalKey(b.container.name)) ||
      compareTexts(a.container.id, b.container.id),
  );
}

const digits = /\d{1,9}/g;

/** `app-2` before `app-10`. */
function naturalKey(name: string): string {
  return name.replace(digits, (number) => number.padStart(9, '0'));
}
