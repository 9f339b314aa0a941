import type { Section } from './bench.ts';
import { median, percentile, sum } from './statistics.ts';
import type { SteadyResult } from './steady-load.ts';
import type { SwapParts } from './swap-parts.ts';
import type { Table } from './table.ts';

interface Memory {
  readonly controlKiB: number;
  readonly dataKiB: number;
}

export interface RoutesLeg {
  readonly size: number;
  /** Both planes share one core; otherwise all cores are theirs. */
  readonly oneCore: boolean;
  readonly idle: Memory;
  /** Behind all swaps. */
  readonly after: Memory;
  /** One result per slot. */
  readonly quiet: readonly SteadyResult[];
  readonly busy: readonly SteadyResult[];
  readonly swapsMs: readonly number[];
  readonly seenMs: readonly number[];
}

interface RoutesRun {
  readonly legs: readonly RoutesLeg[];
  readonly parts: readonly { readonly size: number; readonly parts: SwapParts; readonly bytes: number }[];
  readonly versions: readonly string[];
  readonly perSecond: number;
  readonly slotSeconds: number;
  readonly swapEveryMs: number;
  readonly swapsTimed: number;
  readonly rounds: number;
}

/** Tables and words of `routes`. */
export function routesSection(run: RoutesRun): Section {
  const { legs, perSecond, slotSeconds, swapEveryMs, swapsTimed, rounds } = run;
  const failed = sum(legs.flatMap(({ quiet, busy }) => [...quiet, ...busy].map(({ failed }) => failed)));
  return {
    title: 'Many routes: memory and table swaps',
    versions: run.versions,
    method: [
      'The containers come from a pretended engine (bench/fake-engine-process.ts), each with its own host, on the host network, so that every route leads to one real backend on loopback. Fairlead runs with one worker.',
      'Memory is the resident set of each process, code included, 3 s after it was ready and again 3 s behind all swaps and loads of this bench. Nothing forces a garbage collection.',
      `Light load: ${perSecond} requests per second over kept connections, sent when they are due whether or not earlier ones were answered, in ${rounds} pairs of slots of ${slotSeconds} s, one without and one with swaps, in turns; shown is the median of the slots, and the longest request of all. A swap: one container stops or starts every ${swapEveryMs} ms, and the whole table is built, sent and taken over.`,
      'Control plane per swap: `tookMs` of its log line "table swapped" (labels read, table built, compared and handed to the channel). Change seen: from the event of a start to the first 200 from that container, asked about every 2 ms, inspection included.',
      `The parts of a swap are timed alone, with the product's own functions on core 1 (bench/swap-parts-process.ts), ${swapsTimed} times with one changed container each; the first table is in none of it, but the first changes are, so the slowest shows code that is not compiled yet.`,
    ],
    tables: [memoryTable(legs), loadTable(legs), swapTable(legs), ...run.parts.map(partsTable)],
    notes: [
      ...(rounds < 3 ? [`Only ${rounds} pairs of slots: a try-out, not a measurement.`] : []),
      `Requests under the light load that failed or were not answered 200: ${failed}.`,
    ],
  };
}

const legName = ({ size, oneCore }: RoutesLeg) => `${size} routes, ${oneCore ? 'one core for all' : 'all cores'}`;
const ms = (value: number) => value.toFixed(value < 0.1 ? 3 : value < 10 ? 2 : 1);
const mib = (kib: number) => (kib / 1024).toFixed(0);

function memoryTable(legs: readonly RoutesLeg[]): Table {
  const rows = legs
    .filter(({ oneCore }) => !oneCore)
    .map(({ size, idle, after }) => [
      `${size} routes`,
      ...[idle.controlKiB, idle.dataKiB, after.controlKiB, after.dataKiB].map(mib),
    ]);
  return {
    title: 'Resident memory, MiB',
    columns: ['table', 'control plane', 'data plane', 'control, after swaps', 'data, after swaps'],
    rows,
  };
}

function loadTable(legs: readonly RoutesLeg[]): Table {
  const rows = legs.flatMap((leg) => {
    const row = (what: string, slots: readonly SteadyResult[]) => [
      `${legName(leg)}, ${what}`,
      ms(median(slots.map(({ p50Ms }) => p50Ms))),
      ms(median(slots.map(({ p99Ms }) => p99Ms))),
      ms(Math.max(...slots.map(({ maxMs }) => maxMs))),
    ];
    return [row('no swaps', leg.quiet), row('swaps', leg.busy)];
  });
  return { title: 'Requests under a light load, ms', columns: ['leg', 'p50', 'p99', 'max'], rows };
}

function swapTable(legs: readonly RoutesLeg[]): Table {
  const rows = legs.map((leg) => [
    legName(leg),
    String(leg.swapsMs.length),
    ...[median(leg.swapsMs), percentile(leg.swapsMs, 99)].map(ms),
    ...[median(leg.seenMs), Math.max(...leg.seenMs)].map(ms),
  ]);
  return {
    title: 'A swap as a whole, ms',
    columns: ['leg', 'swaps', 'control plane p50', 'p99', 'change seen p50', 'max'],
    rows,
  };
}

const partNames: Readonly<Record<keyof SwapParts, string>> = {
  labels: 'control plane: labels of the changed container',
  build: 'control plane: build the table',
  compare: 'control plane: compare with the last',
  pack: 'control plane: write what changed as bytes',
  hand: 'both planes: pass the bytes on to a worker',
  take: 'worker: read, compile and take over',
  longestTurn: 'worker: the longest turn of that',
};

function partsTable({ size, parts, bytes }: { size: number; parts: SwapParts; bytes: number }): Table {
  const rows = (Object.keys(partNames) as (keyof SwapParts)[]).map((part) => [
    partNames[part],
    ms(median(parts[part])),
    ms(Math.max(...parts[part])),
  ]);
  const title = `Parts of a swap with ${size} routes, ms (the message: ${(bytes / 1024).toFixed(0)} KiB)`;
  return { title, columns: ['part', 'p50', 'max'], rows };
}
