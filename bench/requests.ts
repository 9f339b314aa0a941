import { Backend } from './backend.ts';
import type { Bench, BenchContext, Section } from './bench.ts';
import { Carriers } from './carriers.ts';
import { checkForwarding } from './forwarding-check.ts';
import { load } from './load.ts';
import { cpuMs, processTree } from './process-tree.ts';
import { ensurePrograms, versionOf } from './programs.ts';
import { startCaddy } from './proxies/caddy.ts';
import type { Contender, ContenderOptions } from './proxies/contender.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { startHaproxy } from './proxies/haproxy.ts';
import { startHttpProxy } from './proxies/http-proxy.ts';
import { startNginx } from './proxies/nginx.ts';
import { type Case, cases } from './requests-cases.ts';
import { requestsSection } from './requests-section.ts';
import { Slots } from './slots.ts';
import { emptyLog, Workspace } from './workspace.ts';

const clientCore = 0;
const proxyCore = 1;
/** One second each: less says little about the direct path, more is not needed, it has no proxy to differ in. */
const ceilingSeconds = 1;

export const requests: Bench = {
  name: 'requests',
  about: 'requests per second of one core, beside nginx, haproxy, caddy and http-proxy',
  async run(context) {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const programs = await ensurePrograms(['taskset', 'wrk', 'nginx', 'haproxy', 'caddy'], context.say);
    const wrk = programs.get('wrk');
    if (wrk === undefined || !programs.has('taskset'))
      throw new Error('wrk and taskset are needed: apt-get install wrk');
    const backend = stack.use(await Backend.start({ core: clientCore, dir: workspace.dir }));
    const carriers = stack.use(await Carriers.open(context.say));
    await carriers.startCarrier('route', { 'proxy.host': 'bench.test', 'proxy.port': String(backend.port) });

    const options: ContenderOptions = { core: proxyCore, dir: workspace.dir, backendPort: backend.port };
    const proxies: Contender[] = [];
    for (const [program, start] of [
      ['nginx', startNginx],
      ['haproxy', startHaproxy],
      ['caddy', startCaddy],
    ] as const) {
      const path = programs.get(program);
      if (path !== undefined) proxies.push(stack.use(await start(path, await versionOf(program, path), options)));
    }
    const fairlead = stack.use(
      await Fairlead.start({ endpoint: carriers.endpoint, dir: workspace.dir, core: proxyCore }),
    );
    proxies.splice(1, 0, fairlead);
    await fairlead.ready(context.signal);
    proxies.push(stack.use(await startHttpProxy(options)));
    for (const proxy of proxies) await checkForwarding(proxy, context.signal);

    const slots = new Slots();
    for (const work of cases) {
      context.say(`requests: ${work.name}`);
      await measureCase(context, { wrk, work, backendPort: backend.port, proxies, slots });
    }
    const versions = [
      ...proxies.map(({ version }) => version),
      await versionOf('wrk', wrk),
      `Node ${process.versions.node}`,
      carriers.version,
    ];
    return requestsSection({ slots, proxies: proxies.map(({ name }) => name), versions, context }) satisfies Section;
  },
};

async function measureCase(
  context: BenchContext,
  plan: { wrk: string; work: Case; backendPort: number; proxies: readonly Contender[]; slots: Slots },
): Promise<void> {
  const { wrk, work, backendPort, slots } = plan;
  const { signal } = context;
  const onCore = { wrk, core: clientCore, work, signal };
  slots.addCeiling(work.name, await load({ ...onCore, port: backendPort, seconds: ceilingSeconds }));
  const proxies = plan.proxies.filter(({ name }) => name !== 'http-proxy' || work.withHttpProxy);
  for (const { port } of proxies) await load({ ...onCore, port, seconds: 1 });
  for (let round = 0; round < context.rounds; round++) {
    for (const proxy of [...proxies, ...proxies.toReversed()]) {
      emptyLog(proxy.accessLog);
      const pids = processTree(proxy.pid);
      const cpuBeforeMs = cpuMs(pids);
      const result = await load({ ...onCore, port: proxy.port, seconds: context.seconds });
      slots.add({ work: work.name, proxy: proxy.name, round, ...result, cpuMs: cpuMs(pids) - cpuBeforeMs });
    }
  }
}
