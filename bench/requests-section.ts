import type { BenchContext, Section } from './bench.ts';
import type { Slots, Verdict } from './slots.ts';
import type { Spread } from './statistics.ts';
import type { Table } from './table.ts';

const yardstick = 'nginx';
/** Of its core, for the yardstick under full load. */
const busyMin = 0.85;
/** A ratio whose rounds lie further apart than this share of it is pointed out. */
const spreadMax = 0.1;

/** Tables and words of `requests` from its slots. */
export function requestsSection(run: {
  slots: Slots;
  proxies: readonly string[];
  versions: readonly string[];
  context: BenchContext;
}): Section {
  const { slots, proxies, versions, context } = run;
  return {
    title: 'Requests per second of one core',
    versions,
    method: [
      'The proxy that is measured has core 1 for itself, the others stand by idle (`taskset`; Fairlead with both its processes and `--workers 1`); wrk with one thread and the backend share core 0.',
      'The backend (bench/backend-process.ts) answers from memory over bare sockets; the ceiling is what wrk gets from it without a proxy.',
      'Every request has another head than the one before: about 450 bytes as a browser sends them, with path, query, user agent and cookie changing.',
      'All do the same work: routing by Host, connections to the backend kept open, X-Real-IP, X-Forwarded-For, -Proto, -Host, -Port, X-Request-Id (checked before the start), an access log to a file in memory. nginx, Fairlead and http-proxy write their log in batches; haproxy and caddy cannot and write line by line. nginx has larger buffers than its default, which helps it with large bodies.',
      "Fairlead's route comes from a running container on the host's network that carries only labels; its `proxy.port` is the backend's.",
      `${context.rounds} rounds; in each, every proxy gets two slots of ${context.seconds} s in mirrored order (A B C … C B A), after one unmeasured second.`,
      `A ratio is that of a round's slots to ${yardstick}'s in the same round; shown are the median and, in brackets, the smallest and largest. Only ratios mean anything on a shared machine. CPU per request is user and system time of all processes of the proxy, from /proc.`,
    ],
    tables: [
      ratios(slots, proxies),
      cpuRatios(slots, proxies),
      ...slots.works().map((work) => details(slots, work, proxies)),
    ],
    notes: notes(slots, proxies, context),
  };
}

function ratios(slots: Slots, proxies: readonly string[]): Table {
  return comparison(
    `Requests per second, ratio to ${yardstick} (more is better)`,
    slots,
    proxies,
    ({ ratio }) => ratio,
  );
}

function cpuRatios(slots: Slots, proxies: readonly string[]): Table {
  const title = `CPU per request, ratio to ${yardstick} (less is better)`;
  return comparison(title, slots, proxies, ({ cpuRatio }) => cpuRatio);
}

function comparison(
  title: string,
  slots: Slots,
  proxies: readonly string[],
  read: (verdict: Verdict) => Spread | null,
): Table {
  const shown = proxies.filter((proxy) => proxy !== yardstick);
  const rows = slots.works().map((work) => [
    work,
    ...shown.map((proxy) => {
      const verdict = slots.verdict(work, proxy, yardstick);
      return verdict === null ? '–' : spreadText(read(verdict));
    }),
  ]);
  return { title, columns: ['work', ...shown], rows };
}

function details(slots: Slots, work: string, proxies: readonly string[]): Table {
  const rows = proxies.flatMap((proxy) => {
    const verdict = slots.verdict(work, proxy, yardstick);
    if (verdict === null) return [];
    const { perSecond, cpuUs, busy, p50Ms, p99Ms } = verdict;
    const times = [p50Ms, p99Ms].map((ms) => ms.toFixed(2));
    return [[proxy, perSecond.toFixed(0), cpuUs.toFixed(1), `${(busy * 100).toFixed(0)} %`, ...times]];
  });
  return {
    title: `${work} (ceiling ${slots.ceiling(work).toFixed(0)}/s)`,
    columns: ['proxy', 'requests/s', 'CPU µs/request', 'core used', 'p50 ms', 'p99 ms'],
    rows,
  };
}

function notes(slots: Slots, proxies: readonly string[], { rounds }: BenchContext): string[] {
  const varied: string[] = [];
  const failed: string[] = [];
  for (const work of slots.works()) {
    const apart: string[] = [];
    for (const proxy of proxies) {
      const verdict = slots.verdict(work, proxy, yardstick);
      if (verdict === null) continue;
      if (verdict.failed > 0) failed.push(`${proxy} in "${work}": ${verdict.failed}`);
      const { ratio } = verdict;
      if (ratio !== null && (ratio.max - ratio.min) / ratio.median > spreadMax) apart.push(proxy);
    }
    if (apart.length > 0) varied.push(`${work}: ${apart.join(', ')}`);
  }
  return [
    ...(rounds < 3 ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : []),
    ...(varied.length > 0 ? [`Rounds more than ${spreadMax * 100} % apart: ${varied.join('; ')}.`] : []),
    ...(failed.length > 0 ? [`Requests that failed or were not answered 2xx: ${failed.join('; ')}.`] : []),
    ...crowded(slots),
    'Where a proxy used clearly less than its core, it waited for the client, the backend or the kernel of the other core.',
  ];
}

/** The fastest proxy with many connections must be short of its core; if it is not, others were on these cores too. */
function crowded(slots: Slots): string[] {
  const [busiest] = slots.works().map((work) => slots.verdict(work, yardstick, yardstick)?.busy ?? 1);
  if (busiest === undefined || busiest >= busyMin) return [];
  const share = (busiest * 100).toFixed(0);
  return [
    `${yardstick} used only ${share} % of its core in the first case: something else ran on this machine. Trust CPU per request before requests per second.`,
  ];
}

function spreadText(value: Spread | null): string {
  if (value === null) return '–';
  const [middle, min, max] = [value.median, value.min, value.max].map((ratio) => ratio.toFixed(2));
  return `${middle} (${min}–${max})`;
}
