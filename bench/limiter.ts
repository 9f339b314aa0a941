import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { Child } from './child.ts';
import { fairleadVersion } from './proxies/fairlead.ts';
import { median, spread, spreadText } from './statistics.ts';
import type { Table } from './table.ts';
import { Workspace } from './workspace.ts';

/** What limiter-process.ts has measured with so many clients. */
export interface LimiterLeg {
  readonly clients: number;
  /** Of the memory that all workers limit in. */
  readonly bytes: number;
  /** One decision of the bucket alone, and of the whole step, ns of CPU. */
  readonly takeNs: number;
  readonly stepNs: number;
  /** Share of the clients of whom it is known that they came, when all have. */
  readonly remembered: number;
  /** Of a thousand clients that are being limited, before and after all the others came once. */
  readonly limitedBefore: number;
  readonly limitedAfter: number;
}

const sizes = [1, 1_000, 100_000, 500_000, 1_000_000];
const decisions = 1_000_000;
const file = fileURLToPath(new URL('./limiter-process.ts', import.meta.url));
const core = 1;

export const limiter: Bench = {
  name: 'limiter',
  about: 'the rate limiter: ns per decision, and what it remembers, with up to a million clients',
  async run({ rounds, signal, say }) {
    using workspace = new Workspace();
    const legs: LimiterLeg[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const clients of sizes) {
        signal.throwIfAborted();
        say(`limiter: ${clients} client(s)`);
        const args = [file, String(clients), String(decisions)];
        await using child = new Child('limiter', process.execPath, args, { core, dir: workspace.dir, ipc: true });
        legs.push(await child.message({ withinMs: 120_000 }));
      }
    }
    const mebibytes = (legs[0]?.bytes ?? 0) / 2 ** 20;
    return {
      title: 'The rate limiter',
      versions: [fairleadVersion(), `Node ${process.versions.node}`],
      method: [
        `The product's own functions in a process of their own (bench/limiter-process.ts) on core ${core}, with the memory that a proxy has: ${mebibytes} MiB, four buckets to a set.`,
        `So many IPv4 addresses come in turns, in an order in which neighbours are apart, with a rate that refuses nobody: all of them once or more before the clock starts, then ${decisions} decisions. The time is the CPU of the thread, which others on the machine make longer only by emptying its caches. Median of ${rounds} start(s), in brackets the smallest and largest.`,
        'The bucket alone is `BucketTable.take`. The step is what a request pays: the key, the bucket, how it stands and the field `RateLimit`.',
        'What is known, with 10/s and a burst of 20 and a clock that stands still. Remembered: of those who came once each, who is found when they come again. Still limited: a thousand clients first used up what they may; who of them is refused behind the crowd.',
      ],
      tables: [times(legs), memory(legs)],
      notes: rounds < 3 ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : [],
    };
  },
};

function times(legs: readonly LimiterLeg[]): Table {
  const rows = sizes.map((clients) => {
    const of = legs.filter((leg) => leg.clients === clients);
    const cells = [of.map(({ takeNs }) => takeNs), of.map(({ stepNs }) => stepNs)];
    return [String(clients), ...cells.map((ns) => spreadText(spread(ns), 0))];
  });
  return { title: 'CPU per decision, ns', columns: ['clients', 'the bucket alone', 'the whole step'], rows };
}

function memory(legs: readonly LimiterLeg[]): Table {
  const rows = sizes.map((clients) => {
    const of = legs.filter((leg) => leg.clients === clients);
    const share = (read: (leg: LimiterLeg) => number) => `${(median(of.map(read)) * 100).toFixed(1)} %`;
    return [
      String(clients),
      share(({ remembered }) => remembered),
      share(({ limitedBefore, limitedAfter }) => limitedAfter / limitedBefore),
    ];
  });
  return { title: 'What is known when all have come', columns: ['clients', 'remembered', 'still limited'], rows };
}
