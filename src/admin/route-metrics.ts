import { cacheWords } from '../cache/outcome.ts';
import { latencyBoundsMs, type RouteTraffic } from '../proxy/traffic.ts';
import type { Labels, MetricFamily, Sample } from './metric-text.ts';

/** What a route is told by; of those that are summed up both are `(other)`. */
export interface RouteNumbers {
  readonly host: string;
  readonly route: string;
  readonly traffic: RouteTraffic;
  /** Keeps answers. */
  readonly caches: boolean;
}

/** Every other bound of the percentiles', from 0.5 ms to 32.768 s: their cells are added up, so that nothing is counted twice. */
const bounds = latencyBoundsMs.flatMap((boundMs, i) =>
  i % 2 === 0 && i >= 2 && i <= 34 ? [{ upTo: i, le: String(Number((boundMs / 1_000).toPrecision(6))) }] : [],
);

/** Series by route: what was served, how fast, and what it took. */
export function routeMetrics(routes: readonly RouteNumbers[]): MetricFamily[] {
  const simple = (type: 'counter' | 'gauge', name: string, help: string, of: (traffic: RouteTraffic) => number) => ({
    ...{ name: `fairlead_${name}`, type, help },
    samples: routes.map((one): Sample => ({ labels: labelsOf(one), value: of(one.traffic) })),
  });
  return [
    {
      ...{
        name: 'fairlead_requests_total',
        type: 'counter',
        help: 'Requests of a route that have ended, by class of status.',
      },
      samples: samplesOf(routes, statuses),
    },
    {
      ...{ name: 'fairlead_request_duration_seconds', type: 'histogram' },
      help: 'From the head of a request to the end of its answer; tunnels are left out.',
      samples: samplesOf(routes, durations),
    },
    simple('counter', 'response_body_bytes_total', 'Bodies of answers, as they went to clients.', ({ bytes }) => bytes),
    simple('counter', 'retries_total', 'Tries at a backend after the first of a request.', ({ retries }) => retries),
    simple('counter', 'held_requests_total', 'Requests that had to wait for a backend.', ({ held }) => held),
    simple('gauge', 'waiting_requests', 'Requests that wait for a backend now.', ({ waiting }) => waiting),
    simple('counter', 'limited_requests_total', 'Requests that proxy.limit has refused.', ({ limited }) => limited),
    simple('gauge', 'tunnels', 'Upgraded connections, such as WebSockets, that are open.', ({ tunnels }) => tunnels),
    {
      ...{ name: 'fairlead_cache_requests_total', type: 'counter' },
      help: 'Requests of routes with a cache, by what it did, in the words of X-Cache-Status.',
      samples: samplesOf(routes, cacheResults),
    },
  ];
}

function labelsOf({ host, route }: RouteNumbers): Labels {
  return { host, route };
}

function* samplesOf(
  routes: readonly RouteNumbers[],
  of: (numbers: RouteNumbers, labels: Labels) => Iterable<Sample>,
): Generator<Sample> {
  for (const one of routes) yield* of(one, labelsOf(one));
}

function statuses({ traffic }: RouteNumbers, labels: Labels): Sample[] {
  const { requests, s2xx, s3xx, s4xx, s5xx } = traffic;
  const s1xx = requests - s2xx - s3xx - s4xx - s5xx;
  const byClass = { '1xx': s1xx, '2xx': s2xx, '3xx': s3xx, '4xx': s4xx, '5xx': s5xx };
  return Object.entries(byClass).map(([status, value]) => ({ labels: { ...labels, status }, value }));
}

function* durations({ traffic: { latency, latencyMs } }: RouteNumbers, labels: Labels): Generator<Sample> {
  let [count, at] = [0, 0];
  const upTo = (end: number): number => {
    for (; at < end; at++) count += latency[at] ?? 0;
    return count;
  };
  for (const { upTo: cell, le } of bounds)
    yield { suffix: '_bucket', labels: { ...labels, le }, value: upTo(cell + 1) };
  yield { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: upTo(latency.length) };
  yield { suffix: '_sum', labels, value: latencyMs / 1_000 };
  yield { suffix: '_count', labels, value: count };
}

function cacheResults({ traffic: { cache }, caches }: RouteNumbers, labels: Labels): Sample[] {
  if (!caches) return [];
  return cacheWords.map((word) => ({ labels: { ...labels, result: word.toLowerCase() }, value: cache[word] }));
}
