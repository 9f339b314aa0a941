import type { StateAndReason } from '../routing/backend-state.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { Backend } from '../routing/table.ts';
import { peerId } from '../upstream/peer.ts';
import type { ControlView } from './control-view.ts';
import { ejectedState } from './ejected-state.ts';
import { portHint } from './port-hint.ts';

/** What a backend can do now, health checks included. */
export type BackendStates = (backend: Backend) => StateAndReason;

type Members = RouteDetail['members'];

/** States for people: besides what checks say, whose requests fail (`ejected`, by `peerId`). */
export function statesWithEjected(
  view: Pick<ControlView, 'backendState' | 'lastFailure'>,
  ejected: ReadonlySet<string>,
): BackendStates {
  return (backend) => {
    const state = view.backendState(backend);
    // Whatever else is true of it comes first: one that has stopped is not asked again.
    if (ejected.size === 0 || state.state !== 'healthy' || backend.weight === 0) return state;
    return ejected.has(peerId(backend)) ? ejectedState(backend, view.lastFailure(backend)) : state;
  };
}

/** A route with its backends as they are now: the table says only what Docker and labels say. */
export function liveDetail(detail: RouteDetail, stateOf: BackendStates): RouteDetail {
  const { route, members } = detail;
  const { serving } = route;
  // Of a route that is closed or redirects no backend is checked.
  if (serving.kind !== 'pool') return detail;
  let isOther = false;
  const live = (backend: Backend): Backend => {
    const now = stateOf(backend);
    const { state } = now;
    const reason = state === 'healthy' ? now.reason : now.reason + hint(now.reason, backend, members);
    if (state === backend.state && reason === backend.reason) return backend;
    isOther = true;
    return { ...backend, state, reason };
  };
  const backends = serving.backends.map(live);
  if (!isOther) return detail;
  return {
    ...detail,
    route: { ...route, serving: { ...serving, backends } },
    members: members.map((member) => ({ ...member, backend: member.backend === null ? null : live(member.backend) })),
  };
}

function hint(reason: string, backend: Backend, members: Members): string {
  const member = members.find(({ container }) => container.id === backend.id);
  return member === undefined ? '' : portHint(reason, member.container);
}
