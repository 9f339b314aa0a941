import { setTimeout as sleep } from 'node:timers/promises';
import { Backend } from './backend.ts';
import type { Bench, BenchContext, Section } from './bench.ts';
import type { BenchNetwork } from './bench-network.ts';
import { Carriers, type ContainerPlan } from './carriers.ts';
import { countsText, type FirstAnswer, firstAnswer } from './first-answer.ts';
import type { GetAnswer, GetOptions } from './get.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { median, percentile } from './statistics.ts';
import type { Table } from './table.ts';
import { Workspace } from './workspace.ts';

const bursts = 5;
const burstSize = 10;
const containerPort = 3000;
/** A machine under load may take seconds to start a container; only a hang ends a trial. */
const withinMs = 15_000;
/** Lets the events of a removal pass before the next trial. */
const settleMs = 100;

/** One way to bring up a container and to reach it. */
interface Way {
  readonly name: string;
  plan(name: string, number: number): ContainerPlan;
  target(name: string, number: number): GetOptions;
  wanted(answer: GetAnswer, name: string): boolean;
}

export const convergence: Bench = {
  name: 'convergence',
  about: 'from the start of a container to the first answer through the proxy, alone and ten at once',
  async run(context) {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const backend = stack.use(await Backend.start(context, { dir: workspace.dir }));
    const carriers = stack.use(await Carriers.open(context.say));
    const network = await carriers.network();
    const fairlead = stack.use(await Fairlead.start({ endpoint: carriers.endpoint, dir: workspace.dir }));
    await fairlead.ready(context.signal);

    const ways = [direct(network), proxied(network, fairlead), listening(backend, fairlead)];
    const single = new Map(ways.map(({ name }) => [name, [] as FirstAnswer[]]));
    const burst = new Map(ways.map(({ name }) => [name, [] as FirstAnswer[]]));
    for (let round = 0; round < context.trials; round++) {
      if (round % 5 === 0) context.say(`convergence: trial ${round + 1} of ${context.trials}`);
      for (const way of ways)
        single.get(way.name)?.push(...(await trial(carriers, way, { label: `t${round}`, size: 1, context })));
    }
    for (let round = 0; round < Math.min(bursts, context.trials); round++) {
      context.say(`convergence: burst ${round + 1}`);
      for (const way of ways) {
        burst.get(way.name)?.push(...(await trial(carriers, way, { label: `b${round}`, size: burstSize, context })));
      }
    }
    return section({
      single,
      burst,
      context,
      versions: [fairlead.version, carriers.version, `Node ${process.versions.node}`],
    });
  },
};

/** Starts one container, or several at once, and waits for the first right answer of each from the moment its start call returned. */
async function trial(
  carriers: Carriers,
  way: Way,
  { label, size, context }: { label: string; size: number; context: BenchContext },
): Promise<FirstAnswer[]> {
  context.signal.throwIfAborted();
  const members = await Promise.all(
    Array.from({ length: size }, async (_, number) => {
      const name = `${label}-${number}-${way.name.replaceAll(/[^a-z]+/g, '-')}`;
      return { name, number, container: await carriers.create(way.plan(name, number)) };
    }),
  );
  try {
    return await Promise.all(
      members.map(async ({ name, number, container }) => {
        await container.start();
        return firstAnswer(way.target(name, number), {
          wanted: (answer) => way.wanted(answer, name),
          everyMs: 1,
          withinMs,
          signal: context.signal,
        });
      }),
    );
  } finally {
    await Promise.all(members.map(({ container }) => carriers.remove(container)));
    await sleep(settleMs);
  }
}

const hostOf = (name: string) => `${name}.bench.test`;
const labelsOf = (name: string, port: number) => ({ 'proxy.host': hostOf(name), 'proxy.port': String(port) });
const saysItsName = ({ status, body }: GetAnswer, name: string) => status === 200 && body.trim() === name;

function direct(network: BenchNetwork): Way {
  return {
    name: 'straight to the container (floor)',
    plan: (name, number) => ({
      name,
      labels: {},
      env: [`NAME=${name}`],
      network: network.name,
      ipv4: network.address(number),
    }),
    target: (_, number) => ({ address: network.address(number), port: containerPort }),
    wanted: saysItsName,
  };
}

function proxied(network: BenchNetwork, { port }: Fairlead): Way {
  return {
    name: 'through Fairlead',
    plan: (name) => ({ name, labels: labelsOf(name, containerPort), env: [`NAME=${name}`], network: network.name }),
    target: (name) => ({ port, host: hostOf(name) }),
    wanted: saysItsName,
  };
}

function listening(backend: Backend, { port }: Fairlead): Way {
  return {
    name: 'through Fairlead, backend already listening',
    plan: (name) => ({ name, labels: labelsOf(name, backend.port), command: ['sleep', '3600'], network: 'host' }),
    target: (name) => ({ port, host: hostOf(name), path: '/100/' }),
    wanted: ({ status, body }) => status === 200 && body.length === 100,
  };
}

function section(run: {
  single: ReadonlyMap<string, readonly FirstAnswer[]>;
  burst: ReadonlyMap<string, readonly FirstAnswer[]>;
  versions: readonly string[];
  context: BenchContext;
}): Section {
  const { single, burst, versions, context } = run;
  const burstRuns = Math.min(bursts, context.trials);
  return {
    title: 'Convergence: from `docker start` to the first answer',
    versions,
    method: [
      `A container with labels (busybox httpd) is created; then \`POST /containers/<id>/start\`. The clock starts when that call returns. From then on a request on a fresh connection about every 2 ms, until 200 with that container's own name as the body. ${context.trials} trials, the ways taking turns.`,
      'The floor is the same container asked straight at its address. The third row takes the start of the application out of it: a container that carries only labels, for a backend on loopback that listens since before, so what remains is the proxy alone.',
      `Ten at once: ten containers are started in the same moment, ${burstRuns} times; each has its own clock. The engine is busy with the other starts meanwhile, which the floor shows.`,
      'Fairlead runs with one worker and is bound to no core.',
    ],
    tables: [timesTable('One container, ms', single), timesTable('Ten at once, per container, ms', burst)],
    notes: [
      ...(context.trials < 20 ? [`Only ${context.trials} trial(s): a try-out, not a measurement.`] : []),
      `Above the floor at p50: ${aboveFloor(single)} ms alone, ${aboveFloor(burst)} ms ten at once.`,
    ],
  };
}

function timesTable(title: string, results: ReadonlyMap<string, readonly FirstAnswer[]>): Table {
  const rows = [...results].map(([name, answers]) => {
    const ms = answers.map((answer) => answer.ms);
    const times = [Math.min(...ms), median(ms), percentile(ms, 90), Math.max(...ms)];
    return [name, ...times.map((time) => time.toFixed(1)), countsText(totals(answers))];
  });
  return { title, columns: ['way', 'min', 'p50', 'p90', 'max', 'answers before'], rows };
}

function totals(answers: readonly FirstAnswer[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { before } of answers) {
    for (const [what, count] of before) counts.set(what, (counts.get(what) ?? 0) + count);
  }
  return counts;
}

function aboveFloor(results: ReadonlyMap<string, readonly FirstAnswer[]>): string {
  const [floor = 0, through = 0] = [...results.values()].map((answers) => median(answers.map(({ ms }) => ms)));
  return (through - floor).toFixed(1);
}
