import type { CacheNumbers } from '../cache/cache-numbers.ts';
import type { EngineStatus } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { ConnectionTraffic } from '../proxy/traffic.ts';
import type { CertificateState, CertificateView } from '../tls/certificate-view.ts';
import type { ControlView } from './control-view.ts';
import type { Labels, MetricFamily, Sample } from './metric-text.ts';
import { productVersion } from './product-version.ts';
import type { SharedStanding } from './shared-standing.ts';
import type { TracingStanding } from './tracing-standing.ts';

/** Certificates whose end is told one by one, those that end first. */
export const certificatesShownMax = 1_000;

/** The proxy as a whole: what runs, since when, and with which table. */
export function processMetrics(view: ControlView): MetricFamily[] {
  const { pid, workers, engine, appliedVersion, restarts } = view.dataPlane();
  const { version } = view.built().table;
  return [
    gauge('build_info', 'Always 1: what runs.', [
      [{ version: productVersion, engine, node: process.versions.node }, 1],
    ]),
    gauge('start_time_seconds', 'When the control plane started, Unix time.', [[{}, view.startedMs / 1_000]]),
    gauge('data_plane_up', 'Whether the process that serves requests runs.', [[{}, pid === null ? 0 : 1]]),
    gauge('workers', 'Worker threads of the data plane, by the settings.', [[{}, workers]]),
    counter('restarts_total', 'Parts that died and were started again.', [
      [{ part: 'worker' }, restarts.workers],
      [{ part: 'data_plane' }, restarts.dataPlane],
    ]),
    gauge(
      'table_version',
      'Number of the route table that was published last, and of the one that all workers serve.',
      [
        [{ plane: 'control' }, version],
        [{ plane: 'data' }, appliedVersion],
      ],
    ),
    // Each swap makes the next version, from 1 on.
    counter('table_swaps_total', 'Route tables that were published.', [[{}, version]]),
  ];
}

/** The numbers of stub_status. */
export function connectionMetrics(connections: ConnectionTraffic): MetricFamily[] {
  const { active, accepted, handled, requests, reading, writing, waiting } = connections;
  return [
    gauge('connections_active', 'Open connections of clients.', [[{}, active]]),
    gauge('connections', 'Open connections of clients, by what they are busy with.', [
      [{ state: 'reading' }, reading],
      [{ state: 'writing' }, writing],
      [{ state: 'waiting' }, waiting],
    ]),
    counter('connections_accepted_total', 'Connections that clients have opened.', [[{}, accepted]]),
    counter('connections_handled_total', 'Those of them that were not closed at once for want of room.', [
      [{}, handled],
    ]),
    counter('received_requests_total', 'Requests that were read, those included that no route took.', [[{}, requests]]),
  ];
}

/** @param numbers null = the data plane does not answer: nothing is known. */
export function cacheMetrics(numbers: CacheNumbers | null): MetricFamily[] {
  const disk = numbers?.disk ?? null;
  const memory = numbers?.memory ?? null;
  const of = (key: 'bytes' | 'entries'): Point[] => [
    ...(memory === null ? [] : [[{ store: 'memory' }, memory[key]] as const]),
    ...(disk === null ? [] : [[{ store: 'disk' }, disk[key]] as const]),
  ];
  return [
    gauge('cache_bytes', 'What the cache holds.', of('bytes')),
    gauge(
      'cache_entries',
      'Answers that the cache holds; those on disk as of the last look, once a minute.',
      of('entries'),
    ),
    gauge('cache_disk_max_bytes', 'What the cache may hold on disk.', disk === null ? [] : [[{}, disk.bytesMax]]),
  ];
}

export function dockerMetrics(engines: readonly EngineStatus[]): MetricFamily {
  const points = engines.map(({ endpoint, connected }): Point => [{ endpoint }, connected ? 1 : 0]);
  return gauge('docker_connected', 'Whether events of an engine are heard.', [
    ...new Map(points.map((point) => [point[0].endpoint, point])).values(),
  ]);
}

/** @param standing null = nothing is shared with other proxies. */
export function sharedStoreMetrics(standing: SharedStanding | null): MetricFamily {
  return gauge(
    'store_connected',
    'Whether the store that is shared with other proxies is reached.',
    standing === null ? [] : [[{}, standing.connected ? 1 : 0]],
  );
}

/** @param standing null = there are none. */
export function tracingMetrics(standing: TracingStanding | null): MetricFamily[] {
  const of = (key: 'exportedSpans' | 'droppedSpans'): Point[] => (standing === null ? [] : [[{}, standing[key]]]);
  return [
    counter('spans_exported_total', 'Spans that the collector has taken.', of('exportedSpans')),
    counter(
      'spans_dropped_total',
      'Spans that the collector did not take, or for which there was no room.',
      of('droppedSpans'),
    ),
  ];
}

export function problemMetrics(problems: readonly Problem[]): MetricFamily {
  const points = (['error', 'warning', 'info'] as const).map(
    (severity): Point => [{ severity }, problems.filter((problem) => problem.severity === severity).length],
  );
  return gauge('problems', 'What /routes tells under problems.', points);
}

const certificateStates: Readonly<Record<CertificateState, true>> = {
  ...{ valid: true, ordering: true, waiting: true, 'renewal-failing': true },
  ...{ expired: true, 'no-issuer': true, missing: true, unused: true },
};

export function certificateMetrics(certificates: readonly CertificateView[]): MetricFamily[] {
  const ends = new Map<string, number>();
  for (const { names, state, notAfter } of certificates) {
    const [name] = names;
    if (state === 'unused' || notAfter === null || name === undefined) continue;
    const seconds = Date.parse(notAfter) / 1_000;
    ends.set(name, Math.min(seconds, ends.get(name) ?? seconds));
  }
  const first = [...ends].sort(([, a], [, b]) => a - b).slice(0, certificatesShownMax);
  return [
    gauge(
      'certificate_expiry_timestamp_seconds',
      'When a certificate in use ends, Unix time; host is its first name.',
      first.map(([host, seconds]): Point => [{ host }, seconds]),
    ),
    gauge(
      'certificates',
      'Certificates, by state.',
      Object.keys(certificateStates).map(
        (state): Point => [{ state }, certificates.filter((one) => one.state === state).length],
      ),
    ),
  ];
}

type Point = readonly [labels: Labels, value: number];

export function gauge(name: string, help: string, points: readonly Point[]): MetricFamily {
  return family('gauge', name, help, points);
}

export function counter(name: string, help: string, points: readonly Point[]): MetricFamily {
  return family('counter', name, help, points);
}

function family(type: 'counter' | 'gauge', name: string, help: string, points: readonly Point[]): MetricFamily {
  return {
    name: `fairlead_${name}`,
    type,
    help,
    samples: points.map(([labels, value]): Sample => ({ labels, value })),
  };
}
