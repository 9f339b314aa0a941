import type { RouteDetail } from '../../routing/route-detail.ts';
import { lingers } from '../route-state.ts';
import { type RouteSurroundings, routeView } from '../route-view.ts';
import type { RouteSummary } from './live-view.ts';

export const backendsShownMax = 20;

export function routeSummary(detail: RouteDetail, surroundings: RouteSurroundings): RouteSummary {
  const view = routeView(detail, surroundings, 'none');
  const { id, host, path, name, match, state, why, redirect, tls, pool, problems } = view;
  return {
    ...{ id, host, path, name, match, state, why, redirect, tls },
    lingers: lingers(detail),
    policy: pool.policy,
    backends: pool.backends.slice(0, backendsShownMax),
    backendsTotal: pool.backends.length,
    problems: problems.length,
    hasCache: detail.route.policy.cache !== null,
  };
}

/** Of details, which are the same objects while nothing has changed, what somebody may look for. */
const searched = new WeakMap<RouteDetail, string>();

/** @param words in lower case: part of the host, the path, the name, the id or a container; '' fits all. */
export function fits(detail: RouteDetail, words: string): boolean {
  if (words === '') return true;
  let text = searched.get(detail);
  if (text === undefined) {
    const { host, path, name, id } = detail.route;
    const containers = detail.members.map(({ container }) => container.name);
    text = [host.text, path.text, name, id, ...containers].join('\n').toLowerCase();
    searched.set(detail, text);
  }
  return text.includes(words);
}
