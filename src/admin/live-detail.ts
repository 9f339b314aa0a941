import type { StateAndReason } from '../routing/backend-state.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { Backend } from '../routing/table.ts';

/** What a backend can do now, health checks included. */
export type BackendStates = (backend: Backend) => StateAndReason;

/** A route with its backends as they are now: the table says only what Docker and labels say. */
export function liveDetail(detail: RouteDetail, stateOf: BackendStates): RouteDetail {
  const { route, members } = detail;
  const { serving } = route;
  // Of a route that is closed or redirects no backend is checked.
  if (serving.kind !== 'pool' || serving.backends.every(({ check }) => check === null)) return detail;
  const live = (backend: Backend): Backend => ({ ...backend, ...stateOf(backend) });
  return {
    ...detail,
    route: { ...route, serving: { ...serving, backends: serving.backends.map(live) } },
    members: members.map((member) => ({ ...member, backend: member.backend === null ? null : live(member.backend) })),
  };
}
