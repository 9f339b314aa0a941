import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { eventually, fairleadImage } from '../support/engine.ts';
import { Load } from './support/load.ts';
import { rounds, scenario } from './support/scenario.ts';
import { patienceMs, Site } from './support/site.ts';

const kills = rounds(20);
/** What one kill may take with it: of each client one thing that is under way. */
const inHand = Load.clients;

scenario('kill -9 of one backend of two', { rounds: kills, allowed: kills * inHand }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  for (let round = 0; round < kills; round++) {
    const victim = containers[round % 2] as Docker.Container;
    // By the process, not by the engine: nobody announces it.
    process.kill((await victim.inspect()).State.Pid, 'SIGKILL');
    await eventually('it has ended', async () => !(await victim.inspect()).State.Running, patienceMs);
    await site.served();
    await victim.start();
    await site.healthy(2);
  }
  return site.end();
});

scenario('docker kill of one backend of two', { rounds: kills, allowed: kills * inHand }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  for (let round = 0; round < kills; round++) {
    const victim = containers[round % 2] as Docker.Container;
    await victim.kill();
    await site.served();
    await victim.start();
    await site.healthy(2);
  }
  return site.end();
});

const outOfMemory = rounds(10);
const memory = 192 * 1024 ** 2;
const bounded = { Memory: memory, MemorySwap: memory };
/** On SIGUSR2 the server itself eats memory, until the kernel ends it. */
const eater =
  "data:text/javascript,globalThis.kept=[];process.on('SIGUSR2',()=>setInterval(()=>kept.push(Buffer.alloc(8388608,1)),5))";

scenario('one backend of two runs out of memory', { rounds: outOfMemory, allowed: outOfMemory * inHand }, async (t) => {
  const { site, containers } = await Site.open(t, {
    ...{ image: fairleadImage(), backends: 2, host: bounded },
    env: { NODE_OPTIONS: `--import=${eater}` },
  });
  for (let round = 0; round < outOfMemory; round++) {
    const victim = containers[round % 2] as Docker.Container;
    await victim.kill({ signal: 'SIGUSR2' });
    const ended = async () => {
      const about = await victim.inspect();
      return !about.State.Running && about;
    };
    const { State } = await eventually('it has ended', ended, patienceMs);
    if (State.ExitCode !== 137 || !State.OOMKilled) throw new Error(`it ended otherwise: ${JSON.stringify(State)}`);
    await site.served();
    await victim.start();
    await site.healthy(2);
  }
  return site.end();
});

/** The first to go where memory is short, as a job beside a server would be. */
const hungryJob = ['sh', '-c', 'echo 1000 > /proc/self/oom_score_adj; x=a; while :; do x=$x$x; done'];

scenario('a job in the only container runs out of memory', { rounds: outOfMemory, allowed: 0 }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 1, host: bounded });
  const [only] = containers as [Docker.Container];
  for (let round = 0; round < outOfMemory; round++) {
    const job = await only.exec({ Cmd: hungryJob });
    (await job.start({ Detach: true })).resume();
    const ended = async () => {
      const about = await job.inspect();
      return !about.Running && about;
    };
    const { ExitCode } = await eventually('the job has ended', ended, patienceMs);
    if (ExitCode !== 137) throw new Error(`the job ended with ${ExitCode}`);
    if (!(await only.inspect()).State.Running) throw new Error('the server was killed in its place');
    await site.served();
    await site.healthy(1);
  }
  return site.end();
});

/** Sooner than that after the one before, a death is taken for one of a row, and the start waits a little. */
const settledMs = 10_000;
const deaths = rounds(5);

/**
 * New connections are refused until it listens again. How long that is depends on the machine; so each outage is compared with the
 * start of a whole proxy right after it, of which it is a part (about half), and clients may fail in it as often as they come to ask, and
 * not besides.
 */
scenario('kill -9 of the data plane', { rounds: deaths, allowed: 0 }, async (t) => {
  const { site } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  const outagesMs: number[] = [];
  const startsMs: number[] = [];
  for (let round = 1; round <= deaths; round++) {
    const killedMs = performance.now();
    process.kill((await site.proxy.status()).dataPlane.pid as number, 'SIGKILL');
    const isSeen = async () => (await site.proxy.status()).dataPlane.restarts.dataPlane === round;
    await eventually('it is seen', isSeen, patienceMs);
    await site.proxy.live(site.host);
    const outageMs = performance.now() - killedMs;
    const startMs = await site.startAnother(t);
    if (outageMs > startMs) {
      throw new Error(
        `nobody was served for ${Math.round(outageMs)} ms; a whole proxy starts in ${Math.round(startMs)}`,
      );
    }
    outagesMs.push(outageMs);
    startsMs.push(startMs);
    await site.healthy(2);
    if (round < deaths) await sleep(settledMs);
  }
  const inOutage = (outageMs: number) => Load.clients * Math.ceil(1 + outageMs / Load.pauseMs);
  const allowed = outagesMs.reduce((sum, outageMs) => sum + inOutage(outageMs), 0);
  const list = (times: readonly number[]) => times.map(Math.round).join(', ');
  const note = `back after ${list(outagesMs)} ms; a whole proxy starts in ${list(startsMs)} ms`;
  return { ...(await site.end(note)), allowed, othersAllowed: allowed };
});
