import type Docker from 'dockerode';
import { eventually, fairleadImage } from '../support/engine.ts';
import { Load } from './support/load.ts';
import { rounds, scenario } from './support/scenario.ts';
import { Site } from './support/site.ts';

const kills = rounds(20);
/** What one kill may take with it: of each client one thing that is under way. */
const inHand = Load.clients.mixed;

scenario('kill -9 of one backend of two', { rounds: kills, allowed: kills * inHand }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  for (let round = 0; round < kills; round++) {
    const victim = containers[round % 2] as Docker.Container;
    // By the process, not by the engine: nobody announces it.
    process.kill((await victim.inspect()).State.Pid, 'SIGKILL');
    await eventually('it has ended', async () => !(await victim.inspect()).State.Running);
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

/** New connections are refused until it listens again: its outage is what counts, and a second death soon after the first waits a little. */
const outageMsMax = 10_000;
const deaths = rounds(5);
const perOutage = inHand * Math.ceil(outageMsMax / 10);

scenario(
  'kill -9 of the data plane',
  { rounds: deaths, allowed: deaths * perOutage, othersAllowed: deaths * perOutage },
  async (t) => {
    const { site } = await Site.open(t, { image: fairleadImage(), backends: 2 });
    let longestMs = 0;
    for (let round = 1; round <= deaths; round++) {
      const startedMs = performance.now();
      process.kill((await site.proxy.status()).dataPlane.pid as number, 'SIGKILL');
      await eventually('it is seen', async () => (await site.proxy.status()).dataPlane.restarts.dataPlane === round);
      await site.proxy.live(site.host);
      longestMs = Math.max(longestMs, performance.now() - startedMs);
      if (longestMs > outageMsMax) throw new Error(`nobody was served for ${Math.round(longestMs)} ms`);
      await site.healthy(2);
    }
    return site.end(`back after ${Math.round(longestMs)} ms at most`);
  },
);
