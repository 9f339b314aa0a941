import { emptyRouteTraffic, type Traffic } from '../proxy/traffic.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { backendMetrics } from './backend-metrics.ts';
import { ContainerSeries } from './container-series.ts';
import { countsOf } from './counts-of.ts';
import { liveDetail, statesWithEjected } from './live-detail.ts';
import { type MetricFamily, metricText } from './metric-text.ts';
import {
  cacheMetrics,
  certificateMetrics,
  connectionMetrics,
  counter,
  dockerMetrics,
  gauge,
  problemMetrics,
  processMetrics,
  sharedStoreMetrics,
  tracingMetrics,
} from './proxy-metrics.ts';
import { type RouteNumbers, routeMetrics } from './route-metrics.ts';
import { RouteSeries } from './route-series.ts';
import { type RouteState, routeState } from './route-state.ts';

/** Whoever has series keeps them from one scrape to the next. */
export class MetricMemory {
  readonly routes = new RouteSeries();
  readonly containers = new ContainerSeries();
}

/** `GET /metrics`: everything that is counted, as Prometheus reads it. Says the same whoever asks, in whatever form. */
export async function metricsEndpoint(_request: AdminRequest, { view, memory }: AdminContext): Promise<AdminAnswer> {
  // Asked before the table is read, which is to be the newest.
  const [traffic, cache] = await Promise.all([view.traffic(), view.cache(null)]);
  const { problems, details } = view.built();
  const states = statesWithEjected(view, traffic.ejected);
  const all = [...details.values()].map((detail) => liveDetail(detail, states));
  const routes = numbersOf(all, traffic, memory.routes);
  const families = [
    ...processMetrics(view),
    ...connectionMetrics(traffic.connections),
    ...routeMetrics(routes.numbers),
    ...backendMetrics(all, traffic, { own: routes.own, containers: memory.containers }),
    routeStates(all),
    ...cacheMetrics(cache),
    ...certificateMetrics(view.certificates()),
    dockerMetrics(view.snapshot().engines),
    sharedStoreMetrics(view.store()),
    problemMetrics(problems),
    counter(
      'log_lines_dropped_total',
      'Lines of the access log that the disk, or whoever reads them, did not take in time.',
      [[{}, view.accessLog().droppedLines]],
    ),
    ...tracingMetrics(view.tracing()),
    gauge('event_listeners', 'Who listens to /events.', [[{}, view.events.listeners]]),
  ];
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: metricText(families) };
}

function numbersOf(details: readonly RouteDetail[], traffic: Traffic, series: RouteSeries) {
  const wanted = new Map(details.map(({ route, options }) => [route.id, options.metrics]));
  const { own, others } = series.look(wanted, traffic.routes);
  const numbers = details.flatMap(({ route: { id, host, policy } }): RouteNumbers[] =>
    own.has(id)
      ? [
          {
            host: host.text,
            route: id,
            traffic: traffic.routes[id] ?? emptyRouteTraffic(),
            caches: policy.cache !== null,
          },
        ]
      : [],
  );
  const other = { host: '(other)', route: '(other)', traffic: others, caches: true };
  return { own, numbers: [...numbers, other] };
}

const routeStateWords: readonly RouteState[] = ['live', 'degraded', 'down', 'closed'];

function routeStates(details: readonly RouteDetail[]): MetricFamily {
  const states = countsOf(details.map((detail) => routeState(detail).state));
  return gauge(
    'routes',
    'Routes, by state.',
    routeStateWords.map((state) => [{ state }, states.get(state) ?? 0]),
  );
}
