import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchContext } from './bench.ts';
import { type Entrant, Field, fieldMethod, pinnedMethod } from './field.ts';
import { IdleConnections } from './idle-connections.ts';
import { requestLoad } from './load.ts';
import { raiseOpenFiles } from './open-files.ts';
import { processTree, rssKiB } from './process-tree.ts';
import type { Contender } from './proxies/contender.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { smallGet } from './requests-cases.ts';
import { median, sum } from './statistics.ts';
import type { Table } from './table.ts';

const yardstick = 'nginx';
const entrants: readonly Entrant[] = ['nginx', 'fairlead', 'haproxy', 'caddy', 'http-proxy'];
const connectionsWanted = 5_000;
/** Files of a process beside its connections, with room for those to the backend. */
const filesBeside = 2_048;
const roundsMax = 3;
/** For what is freed late, and for what is written late. */
const settleMs = 3_000;

/** Resident memory of a proxy before the connections were opened and while they were idle. */
interface Pair {
  readonly beforeKiB: number;
  readonly openKiB: number;
}

export const memory: Bench = {
  name: 'memory',
  about: `memory with ${connectionsWanted} idle connections, beside the same`,
  async run(context) {
    await using field = await Field.open(context, { programs: ['prlimit'] });
    const files = await raiseOpenFiles(connectionsWanted + filesBeside);
    const connections = Math.max(1, Math.min(connectionsWanted, files - filesBeside));
    const pairs = new Map<string, Pair[]>();
    const lost: string[] = [];
    const rounds = Math.min(roundsMax, context.rounds);
    for (let round = 0; round < rounds; round++) {
      for (const entrant of entrants) {
        context.say(`memory: ${entrant}`);
        // Fresh each time: what an earlier round has left free inside would hide what the next one needs.
        await using proxy = await field.start(entrant);
        if (proxy === null) continue;
        const { measured, left } = await measure(context, { field, proxy, connections });
        for (const [name, pair] of measured) pairs.set(name, [...(pairs.get(name) ?? []), pair]);
        if (left < connections) lost.push(`${proxy.name}: ${connections - left}`);
      }
    }
    return {
      title: `Memory with ${connections} idle connections`,
      versions: await field.versions(['wrk', 'luajit']),
      method: [
        pinnedMethod,
        ...fieldMethod,
        `Each proxy is started afresh and gets ${smallGet.name} with ${smallGet.connections} connections for ${context.seconds + 1} s, so that its code is loaded; ${settleMs / 1000} s later its resident memory is read. Then ${connections} connections are opened that each have one request answered and stay open, and ${settleMs / 1000} s later it is read again. The difference, divided by their number, is the memory of one.`,
        `Memory is the resident set of all processes of a proxy, code included (/proc/<pid>/smaps_rollup); pages that processes share count in each. Median of ${rounds} round(s). Nothing forces a garbage collection.`,
      ],
      tables: [table(pairs, connections)],
      notes: [
        ...(rounds < roundsMax ? [`Only ${rounds} round(s): a try-out, not a measurement.`] : []),
        ...(connections < connectionsWanted
          ? [`Only ${connections} connections: this machine allows a process ${files} open files.`]
          : []),
        ...(lost.length > 0 ? [`Connections that the proxy closed meanwhile: ${lost.join('; ')}.`] : []),
      ],
    };
  },
};

async function measure(
  { seconds, signal }: BenchContext,
  { field, proxy, connections }: { field: Field; proxy: Contender; connections: number },
): Promise<{ measured: ReadonlyMap<string, Pair>; left: number }> {
  const { port } = proxy;
  await requestLoad({ program: field.wrk, core: field.core, port, signal, ...smallGet, seconds: seconds + 1 });
  await sleep(settleMs, undefined, { signal });
  const before = parts(proxy);
  using idle = await IdleConnections.open(port, connections, signal);
  await sleep(settleMs, undefined, { signal });
  const open = parts(proxy);
  const pair = (name: string) => ({ beforeKiB: before.get(name) ?? Number.NaN, openKiB: open.get(name) ?? Number.NaN });
  return { measured: new Map([...before.keys()].map((name) => [name, pair(name)])), left: idle.left };
}

/** Resident memory of the proxy, and of the part of Fairlead that holds the connections. */
function parts(proxy: Contender): Map<string, number> {
  const all = new Map([[proxy.name, sum(processTree(proxy.pid).map(rssKiB))]]);
  if (proxy instanceof Fairlead) all.set('fairlead, data plane alone', rssKiB(proxy.planes().data));
  return all;
}

function table(pairs: ReadonlyMap<string, readonly Pair[]>, connections: number): Table {
  const of = (name: string, read: (pair: Pair) => number) => median((pairs.get(name) ?? []).map(read));
  const each = ({ beforeKiB, openKiB }: Pair) => (openKiB - beforeKiB) / connections;
  const mebi = (kibi: number) => (kibi / 1024).toFixed(1);
  const ratio = (name: string, read: (pair: Pair) => number) => (of(name, read) / of(yardstick, read)).toFixed(2);
  return {
    title: `Resident memory before and with ${connections} idle connections`,
    columns: ['proxy', 'before, MiB', 'with them, MiB', `ratio to ${yardstick}`, 'KiB per connection', 'its ratio'],
    rows: [...pairs.keys()].map((name) => [
      name,
      mebi(of(name, ({ beforeKiB }) => beforeKiB)),
      mebi(of(name, ({ openKiB }) => openKiB)),
      ratio(name, ({ openKiB }) => openKiB),
      of(name, each).toFixed(2),
      ratio(name, each),
    ]),
  };
}
