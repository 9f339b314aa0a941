import { routeView } from '../route-view.ts';
import type { LiveMoment } from './live-moment.ts';
import { liveNumbers } from './live-numbers.ts';
import type { RouteDetailView } from './live-view.ts';

/** Of a route that is gone its history is still told, and what failed or was slow. */
export function routeDetailView(id: string, { at, state, view }: LiveMoment): RouteDetailView {
  const detail = state.built.details.get(id);
  return {
    at,
    route: detail === undefined ? null : routeView(detail, state, 'all'),
    numbers: detail === undefined ? null : liveNumbers(detail, state.numbers),
    certificate: detail === undefined ? null : (state.certificates?.ofRoute(detail.route) ?? null),
    failures: view.failures.of(id),
    slow: view.slow.of(id),
    history: view.history(id),
  };
}
