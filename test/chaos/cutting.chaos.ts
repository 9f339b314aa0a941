import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { eventually, fairleadImage } from '../support/engine.ts';
import { Load } from './support/load.ts';
import { rounds, scenario } from './support/scenario.ts';
import { Site } from './support/site.ts';

const cuts = rounds(10);
const inHand = Load.clients.mixed;

scenario('pause and unpause of one backend of two', { rounds: cuts, allowed: cuts * inHand }, async (t) => {
  const { site, containers } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  for (let round = 0; round < cuts; round++) {
    const one = containers[round % 2] as Docker.Container;
    await one.pause();
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
  const { site } = await Site.open(t, { image: fairleadImage(), backends: 2 });
  const connected = async () => (await site.proxy.routes()).docker.connected;
  await site.relay.shut();
  await eventually('it is noticed', async () => !(await connected()));
  // What is measured is time without the engine, so time has to pass.
  await sleep(awayMs);
  await site.relay.open();
  await eventually('it is connected again', connected, 60_000);
  const fresh = await site.backend();
  await site.healthy(3);
  await fresh.stop();
  await site.healthy(2);
  return site.end();
});
