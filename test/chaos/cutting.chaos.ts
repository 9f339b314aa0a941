import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { eventually, fairleadImage, testEngine } from '../support/engine.ts';
import { Relay } from '../support/relay.ts';
import { Load } from './support/load.ts';
import { rounds, scenario } from './support/scenario.ts';
import { patienceMs, Site } from './support/site.ts';

const cuts = rounds(10);
const inHand = Load.clients;

/** A kernel under load may not get a busy container frozen at the first attempt, and the engine says so. */
function pause(container: Docker.Container): Promise<true> {
  const refused = (error: unknown): false => {
    if (String(error).includes('unable to freeze')) return false;
    throw error;
  };
  return eventually('it is paused', () => container.pause().then(() => true, refused), patienceMs);
}

/** What it has in hand waits until it goes on. */
scenario('pause and unpause of one backend of two', { rounds: cuts, allowed: 0 }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  for (let round = 0; round < cuts; round++) {
    const one = containers[round % 2] as Docker.Container;
    await pause(one);
    await site.healthy(1);
    await site.served();
    await one.unpause();
    await site.healthy(2);
    await site.served();
  }
  return site.end();
});

scenario(
  'one backend of two leaves its network and comes back',
  { rounds: cuts, allowed: cuts * inHand },
  async (t) => {
    const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
    const bridge = site.engine.docker.getNetwork('bridge');
    for (let round = 0; round < cuts; round++) {
      const one = containers[round % 2] as Docker.Container;
      await bridge.disconnect({ Container: one.id });
      await site.healthy(1);
      await site.served();
      await bridge.connect({ Container: one.id });
      await site.healthy(2);
    }
    return site.end();
  },
);

const awayMs = Number(process.env.FAIRLEAD_CHAOS_AWAY_MS ?? 60_000);

scenario(`the engine's socket is gone for ${awayMs / 1_000} s`, { rounds: 1, allowed: 0 }, async (t) => {
  const engine = testEngine(t);
  const relay = new Relay(t, engine.socket);
  await relay.open();
  const { site } = await Site.open(t, { image: fairleadImage(), backends: 2, engine, endpoint: relay.endpoint });
  const connected = async () => (await site.proxy.routes()).docker.connected;
  await relay.shut();
  await eventually('it is noticed', async () => !(await connected()));
  // What is measured is time without the engine, so time has to pass.
  await sleep(awayMs);
  await relay.open();
  await eventually('it is connected again', connected, patienceMs);
  const fresh = await site.backend();
  await site.healthy(3);
  await fresh.stop();
  await site.healthy(2);
  return site.end();
});
