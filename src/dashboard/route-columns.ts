import type { LiveNumbers, RouteSummary } from '../admin/live/live-view.ts';

/** What a row of the table is made of. */
export interface Row {
  readonly route: RouteSummary;
  /** null until they have come. */
  readonly numbers: LiveNumbers | null;
}

export interface Column {
  readonly key: string;
  readonly title: string;
  /** In full, where the title is short. */
  readonly long: string;
  /** How wide, as a class; numbers stand to the right. */
  readonly kind: 'c-route' | 'c-state' | 'c-backends' | 'c-tls' | 'rate' | 'n' | 'n p' | 'n sockets';
  /** Changes by itself, so rows change places only now and then. */
  readonly moves: boolean;
  /** What the larger one of comes first at the first press: numbers yes, names no. */
  readonly order: 'up' | 'down';
  value(row: Row): number | string;
}

const urgency = { closed: 0, down: 1, degraded: 2, live: 3 } as const;

export const columns: readonly Column[] = [
  words('route', 'Route', 'c-route', ({ route }) => `${route.host}${route.path}`),
  words('state', 'State', 'c-state', ({ route }) => urgency[route.state]),
  words('backends', 'Backends', 'c-backends', ({ route }) => route.backendsTotal),
  words('certificate', 'Certificate', 'c-tls', ({ route: { tls } }) => tls.expires ?? '9'),
  number('rate', 'req/s', 'requests per second', ({ perSecond }) => perSecond, 'rate'),
  number('p50', 'p50', 'half of the answers are faster', ({ p50 }) => p50 ?? -1, 'n p'),
  number('p95', 'p95', '95 of 100 answers are faster', ({ p95 }) => p95 ?? -1, 'n p'),
  number('p99', 'p99', '99 of 100 answers are faster', ({ p99 }) => p99 ?? -1, 'n p'),
  number('2xx', '2xx', 'answers 200 to 299', ({ s2xx }) => s2xx),
  number('3xx', '3xx', 'answers 300 to 399', ({ s3xx }) => s3xx),
  number('4xx', '4xx', 'answers 400 to 499', ({ s4xx }) => s4xx),
  number('5xx', '5xx', 'answers 500 to 599', ({ s5xx }) => s5xx),
  number('cache', 'cache', 'answered from the cache, of what it was asked', ({ cacheHitRatio }) => cacheHitRatio ?? -1),
  number('sockets', 'sockets', 'open WebSockets and other tunnels', ({ sockets }) => sockets, 'n sockets'),
];

function words(key: string, title: string, kind: Column['kind'], value: Column['value']): Column {
  return { key, title, long: '', kind, moves: false, order: 'up', value };
}

function number(
  key: string,
  title: string,
  long: string,
  of: (numbers: LiveNumbers) => number,
  kind: Column['kind'] = 'n',
): Column {
  const value = ({ numbers }: Row) => (numbers === null ? -1 : of(numbers));
  return { key, title, long, kind, moves: true, order: 'down', value };
}
