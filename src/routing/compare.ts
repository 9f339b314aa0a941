import { isDeepStrictEqual } from 'node:util';
import type { Backend, Route, RouteTable, Serving } from './table.ts';

/** What is different about a route that both tables have. */
export type RouteChange =
  /** It answers in another way: from a pool, by redirect, not at all. */
  | 'serving'
  /** Containers came or went, or are dialled elsewhere or otherwise. */
  | 'backends'
  /** A container can do more or less than before, or began anew. */
  | 'state'
  | 'options';

export interface TableDifference {
  /** Route ids, in the order of their table. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly id: string; readonly what: readonly RouteChange[] }[];
}

/** What a new table changes: for the one log line of a swap. Never for its application, which is always of the whole table. */
export function compareTables(before: RouteTable, after: RouteTable): TableDifference {
  // Most changes leave all routes but one where they are, and they are the same objects.
  const left = new Map<string, Route>();
  for (const [i, route] of before.routes.entries()) if (route !== after.routes[i]) left.set(route.id, route);
  const added: string[] = [];
  const changed: { id: string; what: readonly RouteChange[] }[] = [];
  for (const [i, route] of after.routes.entries()) {
    if (route === before.routes[i]) continue;
    const earlier = left.get(route.id);
    if (earlier === undefined) {
      added.push(route.id);
      continue;
    }
    left.delete(route.id);
    const what = changesOf(earlier, route);
    if (what.length > 0) changed.push({ id: route.id, what });
  }
  return { added, removed: [...left.keys()], changed };
}

/** Host, path and match are in the id, so they are the same. */
function changesOf(before: Route, after: Route): readonly RouteChange[] {
  if (before === after) return [];
  const changes = servingChanges(before.serving, after.serving);
  const sameOptions =
    before.priority === after.priority &&
    before.name === after.name &&
    (before.policy === after.policy || isDeepStrictEqual(before.policy, after.policy));
  return sameOptions ? changes : [...changes, 'options'];
}

function servingChanges(before: Serving, after: Serving): RouteChange[] {
  if (before === after) return [];
  if (before.kind === 'pool' && after.kind === 'pool') return poolChanges(before.backends, after.backends);
  return isDeepStrictEqual(before, after) ? [] : ['serving'];
}

function poolChanges(before: readonly Backend[], after: readonly Backend[]): RouteChange[] {
  if (before.length === 1 && after.length === 1) return backendChanges(before[0] as Backend, after[0] as Backend);
  const left = new Map(before.map((backend) => [backend.id, backend]));
  const changes = new Set<RouteChange>();
  for (const backend of after) {
    const earlier = left.get(backend.id);
    if (earlier === undefined) changes.add('backends');
    else for (const change of backendChanges(earlier, backend)) changes.add(change);
    left.delete(backend.id);
  }
  if (left.size > 0) changes.add('backends');
  return [...changes].sort();
}

function backendChanges(before: Backend, after: Backend): RouteChange[] {
  if (before === after) return [];
  const { state, reason, changedMs, drainMs, ...dialled } = before;
  const {
    state: stateAfter,
    reason: reasonAfter,
    changedMs: changedMsAfter,
    drainMs: drainMsAfter,
    ...dialledAfter
  } = after;
  const changes: RouteChange[] = [];
  const same = isDeepStrictEqual(dialled, dialledAfter);
  if (!same) changes.push('backends');
  const began = same && changedMs !== changedMsAfter;
  if (state !== stateAfter || reason !== reasonAfter || drainMs !== drainMsAfter || began) changes.push('state');
  return changes;
}
