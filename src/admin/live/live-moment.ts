import type { AdminContext } from '../admin-context.ts';
import { dockerView } from '../docker-view.ts';
import { productVersion } from '../product-version.ts';
import { type RoutesState, stateOf } from '../routes.ts';
import type { OverviewView } from './live-view.ts';

const shownMax = 200;

/** Everything as it is now, looked up once for all who want to know. */
export interface LiveMoment {
  /** ISO. */
  readonly at: string;
  readonly state: RoutesState;
  readonly view: AdminContext['view'];
  /** What every overview says, whatever routes it shows. */
  readonly common: Omit<OverviewView, 'at' | 'routes' | 'routesFound'>;
  /** Of all routes. */
  readonly perSecond: number;
}

export async function liveMoment(context: Pick<AdminContext, 'view' | 'settings' | 'now'>): Promise<LiveMoment> {
  const { view } = context;
  const state = await stateOf(context);
  const { built, engines, numbers } = state;
  const certificates = view.certificates();
  const perSecond = Object.keys(numbers.traffic.routes).reduce((sum, id) => sum + numbers.recent(id).perSecond, 0);
  return {
    at: new Date(context.now()).toISOString(),
    state,
    view,
    common: {
      version: built.table.version,
      product: productVersion,
      docker: dockerView(engines),
      warnings: [...view.dataPlane().warnings, ...view.accessLog().warnings],
      linger: state.linger,
      routesTotal: built.table.routes.length,
      problems: built.problems.slice(0, shownMax),
      problemsTotal: built.problems.length,
      unrouted: built.unrouted.slice(0, shownMax),
      unroutedTotal: built.unrouted.length,
      certificates: certificates.slice(0, shownMax),
      certificatesTotal: certificates.length,
    },
    perSecond: Math.round(perSecond * 10) / 10,
  };
}
