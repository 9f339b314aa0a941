import type { TestContext } from 'node:test';
import { throwawayEngine } from '../support/engine-daemon.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { Load } from './support/load.ts';
import { type Outcome, rounds, scenario } from './support/scenario.ts';

const restarts = rounds(3);
const inHand = Load.clients.get;

/** Two sites whose containers come back by themselves, on an engine that is stopped and started. */
async function restarted(t: TestContext, args: readonly string[]): Promise<Outcome> {
  const engine = await throwawayEngine(t, { args });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_DEFAULT_WAIT: '60s' } });
  const loads: Load[] = [];
  for (const name of ['left', 'right']) {
    const host = `${name}.${engine.mark}.test`;
    await engine.container({
      labels: { 'proxy.host': host },
      env: { NAME: name },
      host: { RestartPolicy: { Name: 'always' } },
    });
    await proxy.live(host);
    loads.push(Load.start(t, { port: proxy.httpPort, host, name, kinds: 'get' }));
  }
  for (let round = 0; round < restarts; round++) {
    await engine.stop();
    await engine.start();
    for (const name of ['left', 'right']) await proxy.live(`${name}.${engine.mark}.test`);
  }
  const [tally, others] = await Promise.all(loads.map((load) => load.end()));
  if (tally === undefined || others === undefined) throw new Error('there are two');
  return { tally, others };
}

scenario('the daemon is restarted with live-restore', { rounds: restarts, allowed: 0 }, (t) =>
  restarted(t, ['--live-restore']),
);

scenario(
  'the daemon is restarted, and its containers with it',
  { rounds: restarts, allowed: restarts * inHand, othersAllowed: restarts * inHand },
  (t) => restarted(t, []),
);
