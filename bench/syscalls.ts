import type { Bench, BenchContext } from './bench.ts';
import { Field, fieldMethod, pinnedMethod } from './field.ts';
import { requestLoad } from './load.ts';
import { processTree } from './process-tree.ts';
import type { Contender } from './proxies/contender.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { smallGet } from './requests-cases.ts';
import { type Spread, spread, spreadText, sum } from './statistics.ts';
import { type Calls, type SyscallCounter, syscallCounter } from './syscall-count.ts';
import type { Table } from './table.ts';
import { emptyLog } from './workspace.ts';

const yardstick = 'nginx';
/** A call made less often than this per request is told under `other`: timers, log files, threads of the runtime. */
const tellMin = 0.01;

/** Calls per request, by name, for each round. */
type Rounds = readonly Calls[];

export const syscalls: Bench = {
  name: 'syscalls',
  about: 'system calls per request, by name, beside nginx, haproxy and caddy',
  async run(context) {
    await using field = await Field.open(context, { programs: ['perf', 'strace'] });
    const counter = syscallCounter({ perf: field.program('perf'), strace: field.program('strace') });
    if (counter === null) throw new Error('perf or strace is needed: apt-get install strace');
    const proxies = await field.startAll(['nginx', 'fairlead', 'haproxy', 'caddy']);
    const counted = new Map<string, Calls[]>(proxies.map(({ name }) => [name, []]));
    for (let round = 0; round < context.rounds; round++) {
      for (const proxy of proxies) {
        context.say(`syscalls: ${proxy.name}`);
        counted.get(proxy.name)?.push(await callsPerRequest(context, { field, proxy, counter }));
      }
    }
    const { name, connections } = smallGet;
    return {
      title: 'System calls per request',
      versions: await field.versions(['wrk', 'luajit', 'perf']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        `Work: ${name} with ${connections} connections from wrk, every head another one, ${context.seconds} s per round, after one second that is not counted; ${context.rounds} round(s), of which the median is shown with the smallest and largest.`,
        `${counter.method} Of Fairlead the data plane is counted, with all its threads; of the others every process.`,
        'A call that several requests share, such as a wait for events, counts with its share.',
      ],
      tables: [table(counted)],
      notes: context.rounds < 3 ? [`Only ${context.rounds} round(s): a try-out, not a measurement.`] : [],
    };
  },
};

async function callsPerRequest(
  { seconds, signal }: BenchContext,
  { field, proxy, counter }: { field: Field; proxy: Contender; counter: SyscallCounter },
): Promise<Calls> {
  const client = { program: field.wrk, core: field.core, port: proxy.port, signal, ...smallGet };
  await requestLoad({ ...client, seconds: 1 });
  emptyLog(proxy.accessLog);
  const pids = proxy instanceof Fairlead ? [proxy.planes().data] : processTree(proxy.pid);
  let requests = Number.NaN;
  const calls = await counter.count(pids, async () => {
    requests = (await requestLoad({ ...client, seconds })).requests;
  });
  return new Map([...calls].map(([name, count]) => [name, count / requests]));
}

function table(counted: ReadonlyMap<string, Rounds>): Table {
  const proxies = [...counted.keys()];
  const of = (proxy: string): Rounds => counted.get(proxy) ?? [];
  const perRequest = (proxy: string, name: string): Spread => spread(of(proxy).map((calls) => calls.get(name) ?? 0));
  const names = [...new Set(proxies.flatMap((proxy) => of(proxy).flatMap((calls) => [...calls.keys()])))].filter(
    (name) => name !== 'other' && proxies.some((proxy) => perRequest(proxy, name).median >= tellMin),
  );
  const most = (name: string) => Math.max(...proxies.map((proxy) => perRequest(proxy, name).median));
  names.sort((a, b) => most(b) - most(a));
  const totals = (proxy: string) => of(proxy).map((calls) => sum([...calls.values()]));
  const rests = (proxy: string) =>
    of(proxy).map((calls) => sum([...calls].map(([name, n]) => (names.includes(name) ? 0 : n))));
  const ratios = (proxy: string) =>
    totals(proxy).map((total, round) => total / (totals(yardstick)[round] ?? Number.NaN));
  return {
    title: 'System calls per request',
    columns: ['call', ...proxies],
    rows: [
      ['all', ...proxies.map((proxy) => spreadText(spread(totals(proxy))))],
      [`all, ratio to ${yardstick}`, ...proxies.map((proxy) => spreadText(spread(ratios(proxy))))],
      ...names.map((name) => [name, ...proxies.map((proxy) => countText(perRequest(proxy, name).median))]),
      ['other', ...proxies.map((proxy) => countText(spread(rests(proxy)).median))],
    ],
  };
}

const countText = (count: number) => (count === 0 ? '–' : count.toFixed(count < 0.1 ? 3 : 2));
