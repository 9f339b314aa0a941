import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchContext } from './bench.ts';
import { type CollapseLeg, collapseSection } from './collapse-section.ts';
import { crowd } from './crowd.ts';
import { type Entrant, Field } from './field.ts';
import { get } from './get.ts';
import { requestLoad } from './load.ts';
import { raiseOpenFiles } from './open-files.ts';
import { cpuMs, processTree, rssKiB } from './process-tree.ts';
import type { Contender } from './proxies/contender.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { smallGet } from './requests-cases.ts';
import { sum } from './statistics.ts';

const clientsWanted = 10_000;
/** Of a proxy, which could need two for each client, and of the client. */
const filesBeside = 192;
const roundsMax = 3;
/** For a proxy to have read all requests; and for what is freed late. */
const settleMs = 2_000;
const entrants: readonly { readonly entrant: Entrant; readonly workers: number }[] = [
  { entrant: 'nginx', workers: 1 },
  { entrant: 'fairlead', workers: 1 },
  { entrant: 'fairlead', workers: 2 },
  { entrant: 'varnish-no-log', workers: 1 },
];

export const collapse: Bench = {
  name: 'collapse',
  about: `${clientsWanted} clients that ask for one cold object at once, beside nginx and Varnish`,
  async run(context) {
    // Before anything is started: children get the limit along.
    const files = await raiseOpenFiles(2 * clientsWanted + filesBeside);
    const clients = Math.max(1, Math.min(clientsWanted, Math.floor((files - filesBeside) / 2)));
    await using field = await Field.open(context, {
      cache: true,
      programs: ['varnishd', 'varnishncsa', 'prlimit'],
    });
    const rounds = Math.min(roundsMax, context.rounds);
    const legs: CollapseLeg[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const { entrant, workers } of entrants) {
        const name = workers === 1 ? entrant : `${entrant}, ${workers} workers`;
        context.say(`collapse: ${name}`);
        // Fresh each time: memory that an earlier crowd has left free would hide what the next one needs.
        await using proxy = await field.start(entrant, { workers });
        if (proxy === null) continue;
        legs.push({ name, ...(await measure(context, { field, proxy, clients, path: `/held/c02k/${round}` })) });
      }
    }
    return collapseSection({
      legs,
      clients,
      clientsWanted,
      files,
      rounds,
      roundsMax,
      settleMs,
      versions: await field.versions(['luajit']),
    });
  },
};

async function measure(
  { seconds, signal }: BenchContext,
  { field, proxy, clients, path }: { field: Field; proxy: Contender; clients: number; path: string },
): Promise<Omit<CollapseLeg, 'name'>> {
  const { core, wrk, luajit, backend } = field;
  const { port } = proxy;
  await requestLoad({ program: wrk, core, port, signal, ...smallGet, seconds: seconds + 1 });
  await sleep(settleMs, undefined, { signal });
  const memoryKiB = () => sum(processTree(proxy.pid).map(rssKiB));
  const beforeKiB = memoryKiB();
  const usedMs = () => cpuMs(processTree(proxy.pid));
  const startedMs = usedMs();
  let [waitingKiB, releasedSeconds, releasedMs, asked] = [0, 0, 0, 0];
  let waiting: number | null = null;
  const result = await crowd({ program: luajit, core, port, clients, path, signal }, async () => {
    await sleep(settleMs, undefined, { signal });
    waitingKiB = memoryKiB();
    if (proxy instanceof Fairlead) waiting = await underWay(proxy);
    releasedMs = usedMs();
    releasedSeconds = monotonicSeconds();
    asked = await release(backend.port);
  });
  const answeringMs = usedMs() - releasedMs;
  // Who was not held back with the first is held back still.
  asked += await release(backend.port);
  const { answered, failed, notOk, halfSeconds, lastSeconds, words } = result;
  return {
    ...{ asked, waiting, answered: answered - notOk, failed: failed + notOk, words },
    halfMs: (halfSeconds - releasedSeconds) * 1000,
    lastMs: (lastSeconds - releasedSeconds) * 1000,
    ...{ askingMs: releasedMs - startedMs, answeringMs },
    ...{ beforeKiB, waitingKiB, afterKiB: memoryKiB() },
  };
}

/** @returns how many requests the backend had held back. */
async function release(port: number): Promise<number> {
  return Number((await get({ port, path: '/free' })).body);
}

/** Connections of clients with a request under way. */
async function underWay(proxy: Fairlead): Promise<number> {
  return ((await proxy.status()) as { writing: number }).writing;
}

function monotonicSeconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
