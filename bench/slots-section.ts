import type { BenchContext, Section } from './bench.ts';
import { foreignMax } from './quiet-slot.ts';
import type { Ratios, Slots } from './slots.ts';
import { type Spread, spreadText } from './statistics.ts';
import type { Table } from './table.ts';

const yardstick = 'nginx';
/** Below this share of its core the yardstick itself was waiting for others. */
const busyMin = 0.9;
/** A ratio whose rounds lie further apart than this share of it is pointed out. */
const spreadMax = 0.1;

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

/** Tables and words of a bench that consists of slots, see contest.ts. */
export function slotsSection(run: {
  readonly title: string;
  /** `request` or `message`. */
  readonly unit: string;
  readonly slots: Slots;
  readonly proxies: readonly string[];
  readonly versions: readonly string[];
  readonly method: readonly string[];
  readonly context: BenchContext;
}): Section {
  const { title, unit, slots, proxies, versions, method, context } = run;
  const ceilings = slots.works().some((work) => slots.ceiling(work) !== null);
  const comparisons: readonly [string, (ratios: Ratios) => Spread][] = [
    [`${unit}s per second, ratio to ${yardstick} (more is better)`, ({ perSecond }) => perSecond],
    [`CPU per ${unit}, ratio to ${yardstick} (less is better)`, ({ cpu }) => cpu],
    [`Time until half were answered (p50), ratio to ${yardstick} (less is better)`, ({ p50 }) => p50],
    [`Time until 99 % were answered (p99), ratio to ${yardstick} (less is better)`, ({ p99 }) => p99],
  ];
  return {
    title,
    versions,
    method: [
      ...method,
      `${context.rounds} rounds; in each, every proxy gets two slots of ${context.seconds} s in mirrored order (A B C … C B A), after one unmeasured second.`,
      `A ratio is that of a round's slots to ${yardstick}'s in the same round; shown are the median of the rounds and, in brackets, the smallest and largest. Only ratios mean anything on a shared machine. CPU is user and system time of all processes of a proxy, from /proc; the client counts its own.`,
      `A slot in which processes that have no part in it used more than ${percent(foreignMax)} of all cores is measured once more, and the quieter attempt counts.`,
      ...(ceilings ? ['The ceiling is what the client gets from the backend without a proxy.'] : []),
    ],
    tables: [
      ...comparisons.map(([name, read]) => comparison(capital(name), slots, proxies, read)),
      ...slots.works().map((work) => details(unit, slots, work, proxies)),
    ],
    notes: notes(unit, slots, proxies, context),
  };
}

/** Fairlead against another one than the yardstick, in the same rounds. */
export function besideTable(slots: Slots, works: readonly string[], other: string): Table {
  const rows = works.map((work) => {
    const ratios = slots.verdict(work, 'fairlead', other)?.ratios ?? null;
    if (ratios === null) return [work, '–', '–', '–', '–'];
    return [work, ...[ratios.perSecond, ratios.cpu, ratios.p50, ratios.p99].map(spreadText)];
  });
  return {
    title: `Fairlead, ratio to ${other}`,
    columns: ['work', 'requests/s (more is better)', 'CPU per request (less is better)', 'p50 (less)', 'p99 (less)'],
    rows,
  };
}

function comparison(title: string, slots: Slots, proxies: readonly string[], read: (ratios: Ratios) => Spread): Table {
  const shown = proxies.filter((proxy) => proxy !== yardstick);
  const rows = slots.works().map((work) => [
    work,
    ...shown.map((proxy) => {
      const ratios = slots.verdict(work, proxy, yardstick)?.ratios ?? null;
      return ratios === null ? '–' : spreadText(read(ratios));
    }),
  ]);
  return { title, columns: ['work', ...shown], rows };
}

function details(unit: string, slots: Slots, work: string, proxies: readonly string[]): Table {
  const rows = proxies.flatMap((proxy) => {
    const verdict = slots.verdict(work, proxy, yardstick);
    if (verdict === null) return [];
    const { perSecond, cpuUs, busy, clientBusy, backendBusy, p50Ms, p99Ms } = verdict;
    const shares = [busy, clientBusy, backendBusy].map(percent);
    return [[proxy, perSecond.toFixed(0), cpuUs.toFixed(1), ...shares, ...[p50Ms, p99Ms].map((ms) => ms.toFixed(2))]];
  });
  const ceiling = slots.ceiling(work);
  return {
    title: ceiling === null ? work : `${work} (ceiling ${ceiling.toFixed(0)}/s)`,
    columns: ['proxy', `${unit}s/s`, `CPU µs/${unit}`, 'core used', 'by client', 'by backend', 'p50 ms', 'p99 ms'],
    rows,
  };
}

function notes(unit: string, slots: Slots, proxies: readonly string[], { rounds }: BenchContext): string[] {
  const varied: string[] = [];
  const failed: string[] = [];
  for (const work of slots.works()) {
    const apart: string[] = [];
    for (const proxy of proxies) {
      const verdict = slots.verdict(work, proxy, yardstick);
      if (verdict === null) continue;
      if (verdict.failed > 0) failed.push(`${proxy} in "${work}": ${verdict.failed}`);
      const ratio = verdict.ratios?.perSecond;
      if (ratio !== undefined && (ratio.max - ratio.min) / ratio.median > spreadMax) apart.push(proxy);
    }
    if (apart.length > 0) varied.push(`${work}: ${apart.join(', ')}`);
  }
  const { disturbed, slots: all, most } = slots.disturbed(foreignMax);
  return [
    ...(rounds < 3 ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : []),
    ...waiting(unit, slots),
    ...(disturbed > 0
      ? [
          `${disturbed} of ${all} slots stayed disturbed: others used more than ${percent(foreignMax)} of the machine beside them, at most ${percent(most)}.`,
        ]
      : []),
    ...(varied.length > 0 ? [`Rounds more than ${percent(spreadMax)} apart: ${varied.join('; ')}.`] : []),
    ...(failed.length > 0 ? [`Failed, or not answered 2xx: ${failed.join('; ')}.`] : []),
  ];
}

/** Where the fastest proxy waits for others, all look alike in what they do per second. */
function waiting(unit: string, slots: Slots): string[] {
  const cases = slots.works().flatMap((work) => {
    const verdict = slots.verdict(work, yardstick, yardstick);
    if (verdict === null || verdict.busy >= busyMin) return [];
    return [
      `${work} (${percent(verdict.busy)}; client and backend ${percent(verdict.clientBusy + verdict.backendBusy)})`,
    ];
  });
  if (cases.length === 0) return [];
  return [
    `${yardstick} did not use up its core, so client, backend or the machine were the limit, and ${unit}s per second differ less than the proxies do; CPU per ${unit} is the figure to compare there (with one connection, where each waits for the other by nature, p50): ${cases.join('; ')}.`,
  ];
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
