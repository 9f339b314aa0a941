import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Docker from 'dockerode';
import { eventually, fairleadImage, type TestEngine, testEngine } from '../support/engine.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { clientsEach, SteadyLoad } from '../support/steady-load.ts';

const recreates = 10;
const replacements = 5;
/** Requests of each kind that go well before the next change. */
const goodBetween = 5;

/** A backend that finishes what it has when it is told to leave, as good ones do. */
function whoami(engine: TestEngine, host: string, start = true): Promise<Docker.Container> {
  return engine.container({
    image: fairleadImage(),
    command: ['whoami', '--port', '3000'],
    // Longer than an engine under load takes to start a container.
    labels: { 'proxy.host': host, 'proxy.port': '3000', 'proxy.health': 'off', 'proxy.wait': '30s' },
    host: { Init: false },
    start,
  });
}

/** What `docker compose up -d` does to a changed service: the new one is made, the old one goes, and only then the new one starts. */
async function recreate(engine: TestEngine, host: string, old: Docker.Container): Promise<Docker.Container> {
  const name = (await old.inspect()).Name.slice(1);
  const next = await whoami(engine, host, false);
  await old.stop();
  await old.remove();
  await next.rename({ name });
  await next.start();
  return next;
}

async function replace(engine: TestEngine, host: string, proxy: ProxyProcess, old: Docker.Container) {
  const next = await whoami(engine, host);
  await eventually('the new one gets requests', async () => {
    const { Config } = await next.inspect();
    return (await proxy.get(host)).body.includes(Config.Hostname);
  });
  await old.stop();
  await old.remove();
  return next;
}

test('under load a container is recreated again and again, and replaced by its like, without a lost request', async (t) => {
  const engine = testEngine(t);
  const [host, beside] = [`app.${engine.mark}.test`, `beside.${engine.mark}.test`];
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  let container = await whoami(engine, host);
  await whoami(engine, beside);
  await Promise.all([proxy.live(host), proxy.live(beside)]);
  const bystander = SteadyLoad.begin(t, proxy.httpPort, beside);

  const recreated = SteadyLoad.begin(t, proxy.httpPort, host);
  for (let i = 0; i < recreates; i++) {
    container = await recreate(engine, host, container);
    await recreated.more(goodBetween);
  }
  const afterRecreates = await recreated.end();
  t.diagnostic(`${recreates} recreates: ${JSON.stringify(afterRecreates)}`);
  assert.deepEqual(afterRecreates.failures, []);

  const replaced = SteadyLoad.begin(t, proxy.httpPort, host);
  for (let i = 0; i < replacements; i++) {
    container = await replace(engine, host, proxy, container);
    await replaced.more(goodBetween);
  }
  const afterReplacements = await replaced.end();
  t.diagnostic(`${replacements} replacements: ${JSON.stringify(afterReplacements)}`);
  assert.deepEqual(afterReplacements.failures, []);

  const beyond = await bystander.end();
  assert.deepEqual(beyond.failures, []);
  assert.equal(beyond.websockets, clientsEach, 'nobody told the WebSockets of another site to go away');
});
