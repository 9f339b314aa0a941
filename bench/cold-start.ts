import { Backend } from './backend.ts';
import type { Bench, BenchContext, Section } from './bench.ts';
import { Carriers } from './carriers.ts';
import { Child } from './child.ts';
import { FakeEngine } from './fake-engine.ts';
import { firstAnswer } from './first-answer.ts';
import { Fairlead, fairleadVersion } from './proxies/fairlead.ts';
import { median } from './statistics.ts';
import { Workspace } from './workspace.ts';

const realContainers = 200;
const manyContainers = 10_000;
const startsMax = 5;
const withinMs = 60_000;

interface Start {
  readonly readyMs: number;
  readonly answerMs: number;
}

export const coldStart: Bench = {
  name: 'cold-start',
  about: `from the start of the process to ready and to the first answer, with ${realContainers} and ${manyContainers} containers`,
  async run(context) {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const backend = stack.use(await Backend.start(context, { dir: workspace.dir }));
    const starts = Math.min(startsMax, context.rounds);
    const rows: string[][] = [];
    const measure = async (name: string, target: { endpoint: string; host: string }): Promise<void> => {
      context.say(`cold-start: ${name}`);
      const results: Start[] = [];
      for (let start = 0; start < starts; start++) results.push(await startOnce(context, workspace, target));
      rows.push([name, ...columnsOf(results)]);
    };

    rows.push(['Node alone (`node -e 0`)', ...columnsOf(await nodeAlone(workspace, starts))]);
    let dockerVersion = '';
    for (const containers of [1, manyContainers]) {
      await using engine = await FakeEngine.start({
        containers,
        backendPort: backend.port,
        dir: workspace.folder('fake'),
      });
      const host = FakeEngine.host(containers - 1);
      await measure(`${containers} container(s), pretended engine`, { endpoint: engine.endpoint, host });
    }
    {
      await using carriers = await Carriers.open(context.say);
      dockerVersion = carriers.version;
      context.say(`cold-start: making ${realContainers} containers`);
      await carriers.createAll(plans(realContainers - 1), context.signal);
      const host = 'running.bench.test';
      await carriers.startCarrier('running', { 'proxy.host': host, 'proxy.port': String(backend.port) });
      await measure(`${realContainers} containers, ${dockerVersion}`, { endpoint: carriers.endpoint, host });
    }
    return section(rows, { starts, versions: [fairleadVersion(), dockerVersion, `Node ${process.versions.node}`] });
  },
};

async function startOnce(
  { signal }: BenchContext,
  workspace: Workspace,
  { endpoint, host }: { endpoint: string; host: string },
): Promise<Start> {
  await using fairlead = await Fairlead.start({ endpoint, dir: workspace.folder('start') });
  const ready = fairlead.ready(signal, { withinMs });
  const answer = firstAnswer(
    { port: fairlead.port, host, path: '/100/' },
    { wanted: ({ status }) => status === 200, everyMs: 2, withinMs, signal },
  ).then(() => performance.now() - fairlead.startedMs);
  const [readyMs, answerMs] = await Promise.all([ready, answer]);
  return { readyMs, answerMs };
}

/** What no program on this Node can be faster than. */
async function nodeAlone(workspace: Workspace, starts: number): Promise<Start[]> {
  const results: Start[] = [];
  for (let start = 0; start < starts; start++) {
    const startedMs = performance.now();
    const child = new Child('node-alone', process.execPath, ['-e', '0'], { dir: workspace.dir });
    await child.exited();
    const readyMs = performance.now() - startedMs;
    results.push({ readyMs, answerMs: Number.NaN });
  }
  return results;
}

function plans(count: number): { name: string; labels: Record<string, string> }[] {
  return Array.from({ length: count }, (_, number) => ({
    name: `cold-${number}`,
    labels: { 'proxy.host': `cold-${number}.bench.test`, 'proxy.port': '3000' },
  }));
}

function columnsOf(starts: readonly Start[]): string[] {
  const text = (values: readonly number[]) =>
    values.some(Number.isNaN) ? '–' : `${median(values).toFixed(0)} (${Math.max(...values).toFixed(0)})`;
  return [text(starts.map(({ readyMs }) => readyMs)), text(starts.map(({ answerMs }) => answerMs))];
}

function section(rows: readonly string[][], about: { starts: number; versions: readonly string[] }): Section {
  return {
    title: 'Cold start',
    versions: about.versions,
    method: [
      `The time from the start of the process to 200 from \`/readyz\` (first scan of the engine done and listeners open), and to the first 200 through the proxy; both are asked about every 2 ms. Median of ${about.starts} starts, in brackets the slowest.`,
      `On the real engine one container of ${realContainers} runs (it carries only labels, for a backend on loopback); the others were created and not started, so they are listed, inspected and routed like the rest.`,
      `${manyContainers} containers come from a pretended engine (bench/fake-engine-process.ts) that answers list, inspect and events from memory: it leaves out what Docker itself needs to answer, and its host is the last one listed.`,
      'Run from the checkout: Node strips the types of the sources at each start, which the image does not.',
    ],
    tables: [{ title: 'From the start of the process, ms', columns: ['engine', 'ready', 'first answer'], rows }],
    notes: about.starts < 3 ? [`Only ${about.starts} start(s): a try-out, not a measurement.`] : [],
  };
}
