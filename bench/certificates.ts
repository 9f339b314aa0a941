import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backend } from './backend.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type CertificatesLeg, certificatesSection, type PlaneMemory } from './certificates-section.ts';
import { FakeEngine } from './fake-engine.ts';
import { firstAnswer } from './first-answer.ts';
import { type Identity, makeIdentity } from './identity.ts';
import { processTree, rssKiB } from './process-tree.ts';
import { ensurePrograms, versionOf } from './programs.ts';
import { Fairlead, fairleadVersion } from './proxies/fairlead.ts';
import { startNginxHosts } from './proxies/nginx-hosts.ts';
import { showCertificates } from './show-certificates.ts';
import { Workspace } from './workspace.ts';

const hosts = 1_000;
const roundsMax = 3;
/** For what a start, or a thousand handshakes, have left behind to be collected. */
const settleMs = 3_000;
const withinMs = 60_000;

/** What each proxy is started for. */
interface Stage {
  readonly backendPort: number;
  readonly workspace: Workspace;
  /** Where the identities are. */
  readonly dir: string;
  readonly identities: readonly Identity[];
}

/** A running proxy: where its certificates are shown, and how much memory it has. */
interface Running {
  readonly port: number;
  readonly memory: () => PlaneMemory;
}

export const certificates: Bench = {
  name: 'certificates',
  about: `memory with ${hosts} hosts, without and with a certificate each, beside nginx`,
  async run(context) {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const nginx = (await ensurePrograms(['nginx'], context.say)).get('nginx');
    const backend = stack.use(await Backend.start(context, { dir: workspace.dir }));
    context.say(`certificates: making ${hosts} of them`);
    const dir = join(workspace.dir, 'identities');
    const stage = { backendPort: backend.port, workspace, dir, identities: await identities(dir, context.signal) };
    const legs: CertificatesLeg[] = [];
    const rounds = Math.min(roundsMax, context.rounds);
    for (let round = 0; round < rounds; round++) {
      for (const secure of [false, true]) {
        if (nginx !== undefined) legs.push(await nginxLeg(context, stage, { program: nginx, secure }));
        legs.push(await fairleadLeg(context, stage, { secure }));
      }
    }
    return certificatesSection({
      legs,
      hosts,
      rounds,
      roundsMax,
      settleMs,
      versions: [
        ...(nginx === undefined ? [] : [await versionOf('nginx', nginx)]),
        fairleadVersion(),
        `Node ${process.versions.node}`,
      ],
    });
  },
};

async function identities(dir: string, signal: AbortSignal): Promise<Identity[]> {
  const made: Identity[] = [];
  for (let number = 0; number < hosts; number++) {
    signal.throwIfAborted();
    made.push(await makeIdentity(dir, { name: FakeEngine.certificate(number), host: FakeEngine.host(number) }));
  }
  return made;
}

async function fairleadLeg(
  context: BenchContext,
  { backendPort, workspace, dir: certificates }: Stage,
  { secure }: { secure: boolean },
): Promise<CertificatesLeg> {
  const dir = workspace.folder('fairlead');
  await using engine = await FakeEngine.start({ containers: hosts, backendPort, dir, certificates: secure });
  await using fairlead = await Fairlead.start({
    ...{ endpoint: engine.endpoint, dir },
    ...(secure ? { certificates } : {}),
  });
  await fairlead.ready(context.signal);
  const memory = (): PlaneMemory => {
    const { control, data } = fairlead.planes();
    return { controlKiB: rssKiB(control), dataKiB: rssKiB(data) };
  };
  return await measure(context, { proxy: 'fairlead', secure }, { port: fairlead.port, memory });
}

async function nginxLeg(
  context: BenchContext,
  { backendPort, workspace, identities }: Stage,
  { program, secure }: { program: string; secure: boolean },
): Promise<CertificatesLeg> {
  const all = identities.map((identity, number) => ({ host: FakeEngine.host(number), ...(secure ? identity : {}) }));
  await using nginx = await startNginxHosts(program, { dir: workspace.folder('nginx'), backendPort, hosts: all });
  const { port, pid } = nginx;
  const target = { port, host: FakeEngine.host(0), path: '/100/', secure };
  const { signal } = context;
  await firstAnswer(target, { wanted: ({ status }) => status === 200, everyMs: 20, withinMs, signal });
  const memory = (): PlaneMemory => {
    const [master = pid, worker = 0] = processTree(pid);
    return { controlKiB: rssKiB(master), dataKiB: rssKiB(worker) };
  };
  return await measure(context, { proxy: 'nginx', secure }, { port, memory });
}

async function measure(
  { say, signal }: BenchContext,
  about: Pick<CertificatesLeg, 'proxy' | 'secure'>,
  { port, memory }: Running,
): Promise<CertificatesLeg> {
  say(`certificates: ${about.proxy}, ${about.secure ? 'with' : 'without'} certificates`);
  const settle = () => sleep(settleMs, undefined, { signal });
  if (!about.secure) {
    await settle();
    return { ...about, started: memory(), shown: null };
  }
  // Only when the last host can show its own have all arrived.
  await showCertificates(port, [FakeEngine.host(hosts - 1)], { withinMs, signal });
  await settle();
  const started = memory();
  const all = Array.from({ length: hosts }, (_, number) => FakeEngine.host(number));
  await showCertificates(port, all, { withinMs, signal });
  await settle();
  return { ...about, started, shown: memory() };
}
