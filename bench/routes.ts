import { setTimeout as sleep } from 'node:timers/promises';
import { Backend } from './backend.ts';
import type { Bench, BenchContext } from './bench.ts';
import { FakeEngine } from './fake-engine.ts';
import { firstAnswer } from './first-answer.ts';
import { rssKiB } from './process-tree.ts';
import { Fairlead, fairleadVersion } from './proxies/fairlead.ts';
import { type RoutesLeg, routesSection } from './routes-section.ts';
import { type SteadyResult, steadyLoad } from './steady-load.ts';
import { swapParts } from './swap-parts.ts';
import { Workspace } from './workspace.ts';

const proxyCore = 1;
const sizes = [10, 10_000];
/** Without a core: both planes may use all. On one core they get into each other's way, which only many routes show. */
const legPlans: readonly { size: number; core?: number }[] = [
  { size: 10 },
  { size: 10_000 },
  { size: 10_000, core: proxyCore },
];
const perSecond = 500;
const swapEveryMs = 250;
/** Each round is one slot without and one with swaps, in turns, so that whatever else the machine does falls on both. */
const slotSeconds = 2;
/** Until what a start has left behind is collected and the first samples of traffic were taken. */
const settleMs = 3_000;
const swapsTimed = 20;
/** Container 0 changes; the steady load goes to the others. */
const changing = 0;

export const routes: Bench = {
  name: 'routes',
  about: 'memory, and what a table swap costs, with 10 and with 10,000 routes',
  async run(context) {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const backend = stack.use(await Backend.start(context, { dir: workspace.dir }));
    const legs: RoutesLeg[] = [];
    for (const { size, core } of legPlans) {
      context.say(`routes: ${size} routes, ${core === undefined ? 'all cores' : 'one core'}`);
      const dir = workspace.folder('routes');
      await using engine = await FakeEngine.start({ containers: size, backendPort: backend.port, dir });
      await using fairlead = await Fairlead.start({
        endpoint: engine.endpoint,
        dir,
        ...(core === undefined ? {} : { core }),
      });
      legs.push(await leg(context, { engine, fairlead, size, oneCore: core !== undefined }));
    }
    const parts = [];
    for (const size of sizes) {
      context.signal.throwIfAborted();
      parts.push({
        size,
        ...(await swapParts({ routes: size, times: swapsTimed, core: proxyCore, dir: workspace.dir })),
      });
    }
    const versions = [fairleadVersion(), `Node ${process.versions.node}`];
    return routesSection({
      legs,
      parts,
      versions,
      perSecond,
      slotSeconds,
      swapEveryMs,
      swapsTimed,
      rounds: context.rounds,
    });
  },
};

async function leg(
  context: BenchContext,
  { engine, fairlead, size, oneCore }: { engine: FakeEngine; fairlead: Fairlead; size: number; oneCore: boolean },
): Promise<RoutesLeg> {
  const { signal } = context;
  await fairlead.ready(signal);
  await sleep(settleMs, undefined, { signal });
  const idle = memory(fairlead);
  const load = {
    port: fairlead.port,
    hosts: Array.from({ length: Math.min(size - 1, 100) }, (_, number) => FakeEngine.host(number + 1)),
    path: '/100/',
    perSecond,
    seconds: slotSeconds,
    signal,
  };
  await steadyLoad(load);
  const slots = { quiet: [] as SteadyResult[], busy: [] as SteadyResult[] };
  const swapsBefore = fairlead.swapsMs().length;
  for (let round = 0; round < context.rounds; round++) {
    const quiet = async () => slots.quiet.push(await steadyLoad(load));
    const busy = async () => slots.busy.push(await withSwaps(engine, () => steadyLoad(load)));
    for (const slot of round % 2 === 0 ? [quiet, busy] : [busy, quiet]) await slot();
  }
  const swapsMs = fairlead.swapsMs().slice(swapsBefore);
  const seenMs = await changesSeen(context, engine, fairlead);
  await sleep(settleMs, undefined, { signal });
  return { size, oneCore, idle, after: memory(fairlead), ...slots, swapsMs, seenMs };
}

function memory(fairlead: Fairlead): { controlKiB: number; dataKiB: number } {
  const { control, data } = fairlead.planes();
  return { controlKiB: rssKiB(control), dataKiB: rssKiB(data) };
}

/** Stops and starts one container in turns while `work` goes on. */
async function withSwaps(engine: FakeEngine, work: () => Promise<SteadyResult>): Promise<SteadyResult> {
  const done = new AbortController();
  const swapping = (async () => {
    // Ends with a start: the next slot finds the container as this one did.
    for (let swap = 0; !done.signal.aborted || swap % 2 === 1; swap++) {
      await engine.send({ type: swap % 2 === 0 ? 'stop' : 'start', number: changing });
      await sleep(swapEveryMs, undefined, { signal: done.signal }).catch(() => {});
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await swapping;
  }
}

/** From the event of a start to the first answer by the container that started, in ms. */
async function changesSeen({ signal }: BenchContext, engine: FakeEngine, fairlead: Fairlead): Promise<number[]> {
  const took: number[] = [];
  const target = { port: fairlead.port, host: FakeEngine.host(changing), path: '/100/' };
  const asking = { everyMs: 1, withinMs: 15_000, signal };
  for (let time = 0; time < swapsTimed; time++) {
    await engine.send({ type: 'stop', number: changing });
    // Only when it is refused has the stop arrived, so that the next 200 belongs to the start.
    await firstAnswer(target, { ...asking, wanted: ({ status }) => status === 503 });
    await engine.send({ type: 'start', number: changing });
    took.push((await firstAnswer(target, { ...asking, wanted: ({ status }) => status === 200 })).ms);
  }
  return took;
}
