import { durationText } from '../base/duration.ts';
import { hostAndPort } from '../http/authority.ts';
import { withoutUserInfo } from '../http/user-info.ts';
import { balancingText } from '../labels/balancing-text.ts';
import { predicateText } from '../labels/predicate.ts';
import type { Problem } from '../labels/problem.ts';
import { emptyRouteTraffic, type RecentTraffic, type RouteTraffic, type Traffic } from '../proxy/traffic.ts';
import { shownState } from '../routing/backend-state.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { Backend, BackendState, RoutePolicy } from '../routing/table.ts';
import type { CertificateIndex } from './certificate-index.ts';
import { type BackendStates, liveDetail } from './live-detail.ts';
import { type OptionView, optionViews } from './option-view.ts';
import { type RouteState, routeState } from './route-state.ts';
import { type RouteTls, routeTls } from './route-tls.ts';

export interface BackendView {
  readonly container: string;
  readonly service: string;
  /** `host:port`; '' where there is none to dial. */
  readonly address: string;
  readonly state: BackendState;
  /** '' when healthy. */
  readonly reason: string;
  readonly weight: number;
  readonly inFlight: number;
  readonly fails: number;
}

export interface RouteStats {
  readonly requests: number;
  /** Over the last 10 to 15 s, or since the proxy is up. */
  readonly perSecond: number;
  /** Of the last 60 s, ms; null when nothing was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly s4xx: number;
  readonly s5xx: number;
  /** Answers by the words of X-Cache-Status; null where the route has no cache. */
  readonly cache: RouteTraffic['cache'] | null;
}

/** One route as the admin API shows it (contract §3). */
export interface RouteView {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly match: readonly string[];
  readonly priority: number;
  readonly state: RouteState;
  readonly why: string;
  readonly redirect: { readonly status: number; readonly location: string } | null;
  readonly tls: RouteTls;
  readonly options: Readonly<Record<string, OptionView>>;
  readonly pool: { readonly policy: string; readonly backends: readonly BackendView[] };
  readonly problems: readonly Problem[];
  readonly stats: RouteStats;
}

/** What is counted at the moment of asking. */
export interface Numbers {
  readonly traffic: Traffic;
  recent(routeId: string): RecentTraffic;
}

/** What a route is shown with. */
export interface RouteSurroundings {
  readonly numbers: Numbers;
  readonly certificates: CertificateIndex | null;
  readonly backendState: BackendStates;
}

/** @param options which of them to show; `none` for those who only want to see the route. */
export function routeView(
  built: RouteDetail,
  { numbers, certificates, backendState }: RouteSurroundings,
  options: 'all' | 'set' | 'none',
): RouteView {
  const detail = liveDetail(built, backendState);
  const { route, problems } = detail;
  const { serving } = route;
  return {
    id: route.id,
    host: route.host.text,
    path: route.path.text,
    name: route.name,
    match: route.match.map(predicateText),
    priority: route.priority,
    ...routeState(detail),
    redirect:
      serving.kind === 'redirect' ? { status: serving.status, location: withoutUserInfo(serving.location) } : null,
    tls: routeTls(detail, certificates),
    options: options === 'none' ? {} : optionViews(detail, options),
    pool: { policy: balancingText(detail.options.lb), backends: backendViews(detail, numbers.traffic) },
    problems,
    stats: routeStats(numbers.traffic.routes[route.id], numbers.recent(route.id), route.policy),
  };
}

/** @param detail with the states of now. */
export function backendViews({ members }: RouteDetail, { peers }: Pick<Traffic, 'peers'>): readonly BackendView[] {
  return members.flatMap(({ backend }): BackendView[] => {
    if (backend === null) return [];
    const { id, container, service, host, port, weight } = backend;
    const shown = shownState(backend);
    const { state } = shown;
    const reason = state === 'ejected' && members.length > 1 ? `${shown.reason}; ${triedWhen(backend)}` : shown.reason;
    const address = host === '' ? '' : hostAndPort(host, port);
    const { inFlight, fails } = peers[id] ?? { inFlight: 0, fails: 0 };
    return [{ container, service, address, state, reason, weight, inFlight, fails }];
  });
}

function triedWhen({ failTimeoutMs }: Backend): string {
  return `while there are others, one request in ${durationText(failTimeoutMs)} tries it`;
}

function routeStats(
  traffic: RouteTraffic = emptyRouteTraffic(),
  recent: RecentTraffic,
  { cache }: Pick<RoutePolicy, 'cache'>,
): RouteStats {
  const { requests, s4xx, s5xx } = traffic;
  return { requests, ...shownRecent(recent), s4xx, s5xx, cache: cache === null ? null : traffic.cache };
}

/** Rounded for people; a rate that is not zero never looks like it. */
export function shownRecent({ perSecond, p50, p95, p99 }: RecentTraffic): RecentTraffic {
  const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms * 100) / 100);
  const rate = perSecond < 1 ? Math.ceil(perSecond * 100) / 100 : Math.round(perSecond * 10) / 10;
  return { perSecond: rate, p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) };
}
