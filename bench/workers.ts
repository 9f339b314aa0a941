import { availableParallelism } from 'node:os';
import type { Bench, BenchContext } from './bench.ts';
import { contest, type Runner } from './contest.ts';
import { Field, fieldMethod } from './field.ts';
import { requestLoad } from './load.ts';
import { smallGet } from './requests-cases.ts';
import { Slots } from './slots.ts';
import { spreadText } from './statistics.ts';
import type { Table } from './table.ts';

const proxies = ['nginx', 'fairlead'] as const;
const counts = [1, 2] as const;
const nameOf = (proxy: string, workers: number) => `${proxy}, ${workers} worker${workers > 1 ? 's' : ''}`;
const all = proxies.flatMap((proxy) => counts.map((workers) => nameOf(proxy, workers)));
const { name: work, connections } = smallGet;

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

export const workers: Bench = {
  name: 'workers',
  about: 'what a second worker brings on cores that client and backend share, beside nginx',
  async run(context) {
    const { signal, say } = context;
    await using field = await Field.open(context, { pinned: false });
    const runners: Runner[] = [];
    for (const entrant of proxies) {
      for (const workers of counts) {
        const proxy = await field.start(entrant, { workers });
        if (proxy === null) throw new Error('nginx is needed: apt-get install nginx');
        const { port, pid, accessLog } = proxy;
        runners.push({ name: nameOf(entrant, workers), port, pid, accessLog });
      }
    }
    say('workers');
    const slots = new Slots();
    const client = { program: field.wrk, core: field.core, signal, ...smallGet };
    await contest(context, slots, {
      work,
      proxies: runners,
      backend: field.backend,
      load: (target) => requestLoad({ ...client, ...target }),
    });
    return {
      title: 'A second worker',
      versions: await field.versions(['wrk', 'luajit']),
      method: method(context),
      tables: [gain(slots), beside(slots), details(slots)],
      notes: notes(slots, context),
    };
  },
};

function method({ rounds, seconds }: BenchContext): string[] {
  return [
    `Nothing is bound to a core: the proxy, wrk (one thread) and the backend share ${availableParallelism()} cores as the kernel likes. Work: ${work} with ${connections} connections, every head another one.`,
    ...fieldMethod,
    "Fairlead's workers are threads of its data plane, nginx's are processes; its control plane and nginx's master count in, and do next to nothing meanwhile.",
    `${rounds} rounds; in each, every proxy gets two slots of ${seconds} s in mirrored order. Ratios are of slots of the same round: the median, in brackets the smallest and largest.`,
  ];
}

function gain(slots: Slots): Table {
  return {
    title: 'Two workers, ratio to one of the same proxy',
    columns: ['proxy', 'requests/s (more is better)', 'CPU per request (less is better)'],
    rows: proxies.map((proxy) => [proxy, ...ratios(slots, nameOf(proxy, 2), nameOf(proxy, 1))]),
  };
}

function beside(slots: Slots): Table {
  return {
    title: 'Fairlead, ratio to nginx with as many workers',
    columns: ['workers', 'requests/s (more is better)', 'CPU per request (less is better)'],
    rows: counts.map((workers) => [
      String(workers),
      ...ratios(slots, nameOf('fairlead', workers), nameOf('nginx', workers)),
    ]),
  };
}

function ratios(slots: Slots, proxy: string, yardstick: string): string[] {
  const found = slots.verdict(work, proxy, yardstick)?.ratios ?? null;
  return found === null ? ['–', '–'] : [spreadText(found.perSecond), spreadText(found.cpu)];
}

function details(slots: Slots): Table {
  const rows = all.flatMap((proxy) => {
    const verdict = slots.verdict(work, proxy, proxy);
    if (verdict === null) return [];
    const { perSecond, cpuUs, busy, clientBusy, backendBusy, p50Ms, p99Ms } = verdict;
    const shares = [busy, clientBusy, backendBusy].map(percent);
    return [[proxy, perSecond.toFixed(0), cpuUs.toFixed(1), ...shares, ...[p50Ms, p99Ms].map((ms) => ms.toFixed(2))]];
  });
  return {
    title: `Who used the cores (100 % is one core, ${availableParallelism() * 100} % the machine)`,
    columns: ['proxy', 'requests/s', 'CPU µs/request', 'proxy', 'client', 'backend', 'p50 ms', 'p99 ms'],
    rows,
  };
}

function notes(slots: Slots, { rounds }: BenchContext): string[] {
  const verdicts = all.flatMap((proxy) => slots.verdict(work, proxy, proxy) ?? []);
  const besideUs = verdicts.map(
    ({ perSecond, clientBusy, backendBusy }) => ((clientBusy + backendBusy) / perSecond) * 1e6,
  );
  const [least, most] = [Math.min(...besideUs), Math.max(...besideUs)].map((us) => us.toFixed(0));
  const cores = availableParallelism();
  const failed = verdicts.reduce((total, verdict) => total + verdict.failed, 0);
  return [
    ...(rounds < 3 ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : []),
    `Client and backend together took ${least} to ${most} µs of CPU per request, so with ${cores} cores a second worker cannot double what is served: it gets what these two leave free. How well workers share is told by the CPU per request, which would rise if they got into each other's way.`,
    ...(failed > 0 ? [`Requests that failed or were not answered 2xx: ${failed}.`] : []),
  ];
}
