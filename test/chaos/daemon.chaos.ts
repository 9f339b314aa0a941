import type { TestContext } from 'node:test';
import { eventually, fairleadImage } from '../support/engine.ts';
import { throwawayEngine } from '../support/engine-daemon.ts';
import { type Outcome, rounds, scenario } from './support/scenario.ts';
import { patienceMs, Site } from './support/site.ts';

const restarts = rounds(5);
/** Which of two containers comes back first, and takes the lower address, is decided by lot: so often the lots may fall the same. */
const sameLotsMax = 25;

/** Two sites whose containers come back by themselves, on an engine that is stopped and started. */
async function restarted(
  t: TestContext,
  { args, swaps }: { args: readonly string[]; swaps: number },
): Promise<Outcome> {
  const image = fairleadImage();
  const engine = await throwawayEngine(t, { args, image });
  const { site } = await Site.open(t, {
    ...{ image, engine, backends: 1 },
    host: { RestartPolicy: { Name: 'always' } },
  });
  const addresses = async () => {
    const { routes } = await site.proxy.routes();
    return routes.map(({ pool }) => pool.backends[0]?.address).join(' ');
  };
  let swapped = 0;
  for (let round = 0; round < restarts || swapped < swaps; round++) {
    if (round === restarts + sameLotsMax) throw new Error('the two never came back with swapped addresses');
    const before = await addresses();
    await engine.stop();
    await engine.start();
    await eventually('it is connected again', async () => (await site.proxy.routes()).docker.connected, patienceMs);
    await site.healthy(1);
    await site.served();
    if ((await addresses()) !== before) swapped++;
  }
  return site.end(`addresses swapped ${swapped} times`);
}

scenario('the daemon is restarted with live-restore', { rounds: restarts, allowed: 0 }, (t) =>
  restarted(t, { args: ['--live-restore'], swaps: 0 }),
);

scenario('the daemon is restarted, and its containers with it', { rounds: restarts, allowed: 0 }, (t) =>
  restarted(t, { args: [], swaps: 1 }),
);
