import type { PeerTraffic, Traffic } from '../proxy/traffic.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { BackendState } from '../routing/table.ts';
import type { ContainerSeries } from './container-series.ts';
import { countsOf } from './counts-of.ts';
import type { MetricFamily } from './metric-text.ts';
import { counter, gauge } from './proxy-metrics.ts';
import { type BackendView, backendViews } from './route-view.ts';

/** Backends whose state is told one by one. */
const backendsShownMax = 2_000;

const stateWords: Readonly<Record<BackendState, true>> = {
  ...{ starting: true, healthy: true, unhealthy: true, draining: true, stopped: true },
  ...{ unreachable: true, paused: true, ejected: true, asleep: true },
};

/** @param details with the states of now; `own`: routes that have series of their own. */
export function backendMetrics(
  details: readonly RouteDetail[],
  traffic: Traffic,
  { own, containers }: { own: ReadonlySet<string>; containers: ContainerSeries },
): MetricFamily[] {
  const shown = details.map((detail) => ({ detail, views: backendViews(detail, traffic) }));
  const states = countsOf(shown.flatMap(({ views }) => views.map(({ state }) => state)));
  const names = new Map(
    details.flatMap(({ members }) => members.map(({ container }) => [container.id, container.name] as const)),
  );
  const numbers = [...containers.look(names, traffic.peers)];
  const points = (of: (numbers: PeerTraffic) => number) =>
    numbers.map(([container, one]) => [{ container }, of(one)] as const);
  return [
    gauge(
      'backend_up',
      '1 where a backend of a route takes requests.',
      upPoints(shown.filter(({ detail }) => own.has(detail.route.id))),
    ),
    gauge(
      'backends',
      'Backends of all routes, by state.',
      Object.keys(stateWords).map((state) => [{ state }, states.get(state as BackendState) ?? 0]),
    ),
    gauge(
      'backend_in_flight_requests',
      'Requests that a container has under way.',
      points(({ inFlight }) => inFlight),
    ),
    counter(
      'backend_requests_total',
      'Requests that went to a container.',
      points(({ requests }) => requests),
    ),
    counter(
      'backend_failures_total',
      'Failures of a container itself: refused, reset, timed out, not HTTP.',
      points(({ fails }) => fails),
    ),
  ];
}

/** Two of one name in a route, as with several engines, are up where both are. */
function upPoints(shown: readonly { readonly detail: RouteDetail; readonly views: readonly BackendView[] }[]) {
  const points = new Map<string, { labels: Record<string, string>; up: number }>();
  for (const { detail, views } of shown) {
    const { id: route, host } = detail.route;
    for (const { container, state } of views) {
      const key = `${route}\n${container}`;
      const up = state === 'healthy' ? 1 : 0;
      const known = points.get(key);
      if (known !== undefined) known.up = Math.min(known.up, up);
      else if (points.size < backendsShownMax) points.set(key, { labels: { host: host.text, route, container }, up });
    }
  }
  return [...points.values()].map(({ labels, up }) => [labels, up] as const);
}
