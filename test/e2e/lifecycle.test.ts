import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type Docker from 'dockerode';
import { WebSocket } from 'ws';
import { addressOf, eventually, fairleadImage, testEngine } from '../support/engine.ts';
import { hostBackend, slowLeaver } from '../support/host-backend.ts';
import { type Answer, ProxyProcess } from '../support/proxy-process.ts';
import { watchHost } from '../support/watch-host.ts';

const isUnavailable = ({ status }: Answer) => status === 503;

test('the life of a container is the life of its route', async (t) => {
  const world = testEngine(t);
  // Not held, so that each answer says what is known at its moment.
  const env = { FAIRLEAD_LINGER: '1s', FAIRLEAD_DEFAULT_WAIT: '0' };
  const proxy = await ProxyProcess.start(t, { endpoint: world.endpoint, env });
  const cases = t.test.bind(t);
  /** An engine whose containers end with the subtest, and a host of its own. */
  const begin = (inner: TestContext) => {
    const engine = testEngine(inner);
    return { engine, host: `app.${engine.mark}.test` };
  };

  await cases(
    'one label makes it live; stopped it is a 503 that says so, and started again it is live',
    async (inner) => {
      const { engine, host } = begin(inner);
      const container = await engine.container({ labels: { 'proxy.host': host }, env: { NAME: 'hello' } });
      assert.equal((await proxy.live(host)).body, 'hello\n');
      const before = await proxy.backend(host, 'healthy');
      // It takes the old address, so the container comes back with another one.
      await container.stop();
      const stopped = await proxy.get(host);
      assert.equal(stopped.status, 503);
      assert.equal(stopped.headers['proxy-status'], 'fairlead; error=destination_unavailable; details=no-backend');
      assert.match(String(stopped.headers['retry-after']), /^\d+$/);
      assert.match((await proxy.backend(host, 'stopped')).reason, /^exited with code \d+; see `docker logs /);
      await engine.container();
      await container.start();
      assert.equal((await proxy.live(host)).body, 'hello\n');
      const after = await proxy.backend(host, 'healthy');
      assert.notEqual(after.address, before.address);
      assert.equal(after.address, `${await addressOf(container)}:3000`);
    },
  );

  await cases('removed it is a 503 for FAIRLEAD_LINGER, then an unknown host, which gets no answer', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    await container.remove({ force: true });
    const seen: string[] = [];
    await eventually('the host is unknown', async () => {
      const word = await proxy.get(host).then(
        ({ status, reason }) => `${status} ${reason}`,
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (word !== undefined && word !== seen.at(-1)) seen.push(word);
      return word === 'ECONNRESET';
    });
    assert.deepEqual(seen, ['503 no-backend', 'ECONNRESET']);
    assert.equal((await proxy.explain(`http://${host}/`)).outcome, 'host-unknown');
  });

  await cases('`docker restart` brings it back by itself', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    const { StartedAt } = (await container.inspect()).State;
    await container.restart();
    assert.notEqual((await container.inspect()).State.StartedAt, StartedAt);
    await proxy.live(host);
  });

  await cases('paused it is a 503 and says `paused`; unpaused it is live', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    await container.pause();
    assert.match((await proxy.backend(host, 'paused')).reason, /docker unpause/);
    const answer = await proxy.until('the pause is seen', host, '/', isUnavailable);
    assert.equal(answer.reason, 'no-backend');
    await container.unpause();
    await proxy.live(host);
  });

  await cases('its HEALTHCHECK decides: starting, healthy, unhealthy, healthy again', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({
      labels: { 'proxy.host': host },
      healthcheck: { Test: ['CMD', 'test', '-f', '/up'], Interval: 2e8, Timeout: 5e9, Retries: 1, StartPeriod: 6e10 },
    });
    await proxy.backend(host, 'starting');
    await proxy.until('it is starting', host, '/', ({ reason }) => reason === 'backend-starting');
    await run(container, ['touch', '/up']);
    await proxy.live(host);
    await run(container, ['rm', '/up']);
    await proxy.backend(host, 'unhealthy');
    assert.equal((await proxy.until('it is unhealthy', host, '/', isUnavailable)).reason, 'no-backend');
    await run(container, ['touch', '/up']);
    await proxy.live(host);
  });

  await cases('one that exits at once is a 503 with its exit code in /routes', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host }, command: ['sh', '-c', 'exit 3'] });
    const name = (await container.inspect()).Name.slice(1);
    await eventually('its exit code is shown', async () => {
      return (await proxy.backend(host, 'stopped')).reason === `exited with code 3; see \`docker logs ${name}\``;
    });
    await eventually('the log says it', async () => {
      return proxy.lines().some(({ message }) => message === `${name} exited with code 3: see docker logs ${name}`);
    });
    assert.equal((await proxy.get(host)).reason, 'no-backend');
  });

  await cases('renamed it goes on under its new name', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    const name = `${engine.mark}-renamed`;
    await container.rename({ name });
    await eventually('the new name is shown', async () => (await proxy.backend(host, 'healthy')).container === name);
    assert.equal((await proxy.get(host)).status, 200);
  });

  await cases('two with the same host are one pool, and each gets half', async (inner) => {
    const { engine, host } = begin(inner);
    for (const name of ['one', 'two']) await engine.container({ labels: { 'proxy.host': host }, env: { NAME: name } });
    const seen = new Set<string>();
    await proxy.until('both serve', host, '/', ({ body }) => seen.add(body).size === 2);
    // What a container tells of itself while they are counted would begin their turns anew.
    await eventually('both are known to be healthy', async () =>
      (await proxy.route(host))?.pool.backends.every(({ state }) => state === 'healthy'),
    );
    await proxy.backend(host, 'healthy');
    const counts: Record<string, number> = {};
    for (let i = 0; i < 40; i++) {
      const { body } = await proxy.get(host);
      counts[body] = (counts[body] ?? 0) + 1;
    }
    assert.deepEqual(counts, { 'one\n': 20, 'two\n': 20 });
    assert.equal((await proxy.route(host))?.pool.backends.length, 2);
  });

  await cases('a one-off of compose is no backend, unless it is forced to be', async (inner) => {
    const { engine, host } = begin(inner);
    const compose = {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'web',
      'com.docker.compose.oneoff': 'True',
    };
    const forced = `forced.${engine.mark}.test`;
    await engine.container({ labels: { ...compose, 'proxy.host': host } });
    await engine.container({ labels: { ...compose, 'proxy.host': forced, 'proxy.enable': 'true' } });
    await proxy.live(forced);
    assert.equal(await proxy.route(host), undefined);
    await assert.rejects(proxy.get(host), { code: 'ECONNRESET' });
  });

  await cases('taken from its network it is unreachable, and live again once connected', async (inner) => {
    const { engine, host } = begin(inner);
    const network = await engine.network();
    const { Name } = await network.inspect();
    const container = await engine.container({ labels: { 'proxy.host': host }, networks: [Name] });
    await proxy.live(host);
    await network.disconnect({ Container: container.id });
    assert.match((await proxy.backend(host, 'unreachable')).reason, /network/);
    assert.equal((await proxy.until('it is unreachable', host, '/', isUnavailable)).reason, 'unreachable-network');
    await network.connect({ Container: container.id });
    await proxy.live(host);
  });

  await cases(
    'taken from its network with requests in hand it is done with them at once; another network is another matter',
    async (inner) => {
      const { engine, host } = begin(inner);
      // The container has the address in the first from the beginning, and then one in a network that would be preferred.
      const [preferred, dialled] = [
        await engine.network({ Name: `${engine.mark}-a` }),
        await engine.network({ Name: `${engine.mark}-b` }),
      ];
      const container = await engine.container({
        image: fairleadImage(),
        command: ['whoami', '--port', '3000'],
        labels: { 'proxy.host': host, 'proxy.port': '3000' },
        networks: [`${engine.mark}-b`],
      });
      await proxy.live(host);
      const inHand = (requests: number) =>
        eventually(`${requests} are in hand`, async () => {
          return (await proxy.route(host))?.pool.backends[0]?.inFlight === requests;
        });
      const finished = proxy.get(host, '/?wait=4s', { method: 'POST', body: 'order' });
      await inHand(1);
      await preferred.connect({ Container: container.id });
      await preferred.disconnect({ Container: container.id });
      assert.equal((await finished).status, 200);

      const socket = new WebSocket(`ws://127.0.0.1:${proxy.httpPort}/`, { headers: { host } });
      await once(socket, 'open');
      const closed = once(socket, 'close');
      const posted = proxy.get(host, '/?wait=60s', { method: 'POST', body: 'order' });
      const got = proxy.get(host, '/?wait=60s');
      await inHand(3);
      await engine.container({ labels: { 'proxy.host': host, 'proxy.port': '3000' }, env: { NAME: 'other' } });
      await proxy.until('the other one serves', host, '/', ({ body }) => body === 'other\n');
      const sinceMs = performance.now();
      await dialled.disconnect({ Container: container.id });
      const refused = await posted;
      assert.deepEqual([refused.status, refused.reason], [502, 'backend-reset']);
      assert.equal((await got).body, 'other\n');
      assert.equal((await closed)[0], 1001);
      inner.diagnostic(`all done with after ${Math.round(performance.now() - sinceMs)} ms`);
    },
  );

  await cases(
    'paused with a request in hand it finishes that when it goes on; new ones go to another',
    async (inner) => {
      const { engine, host } = begin(inner);
      const container = await engine.container({
        image: fairleadImage(),
        command: ['whoami', '--port', '3000'],
        labels: { 'proxy.host': host, 'proxy.port': '3000' },
      });
      await proxy.live(host);
      const slow = proxy.get(host, '/?wait=2s', { method: 'POST', body: 'order' });
      await eventually('it is in hand', async () => (await proxy.route(host))?.pool.backends[0]?.inFlight === 1);
      await container.pause();
      await proxy.backend(host, 'paused');
      await engine.container({ labels: { 'proxy.host': host, 'proxy.port': '3000' }, env: { NAME: 'other' } });
      await proxy.live(host);
      for (let i = 0; i < 5; i++) assert.equal((await proxy.get(host)).body, 'other\n');
      await container.unpause();
      assert.equal((await slow).status, 200);
    },
  );

  await cases('a signal that is not its stop signal changes nothing', async (inner) => {
    const { engine, host } = begin(inner);
    const container = await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    const swaps = proxy.swaps(host).length;
    await container.kill({ signal: 'HUP' });
    // What comes later in the stream of events has been seen, so the signal has, too.
    const other = `other.${engine.mark}.test`;
    await engine.container({ labels: { 'proxy.host': other } });
    await proxy.live(other);
    assert.equal((await proxy.get(host)).status, 200);
    assert.equal(proxy.swaps(host).length, swaps);
  });

  await cases('from its stop signal on it gets no new request, and finishes the one it has', async (inner) => {
    const { engine, host } = begin(inner);
    let held: ServerResponse | null = null;
    const leaving = await hostBackend(inner, engine, {
      labels: { 'proxy.host': host },
      command: slowLeaver(3),
      answer: (request, response) => {
        if (request.url !== '/slow') return response.end('leaving');
        held = response;
        response.writeHead(200, { 'content-length': '8' }).write('half');
      },
    });
    await hostBackend(inner, engine, {
      labels: { 'proxy.host': host },
      answer: (_, response) => void response.end('staying'),
    });
    const seen = new Set<string>();
    await proxy.until('both serve', host, '/', ({ body }) => seen.add(body).size === 2);
    const slow: Promise<Answer>[] = [];
    // Each in turn: one of two goes to the leaving one.
    await eventually('a slow request is under way', async () => {
      const answer = proxy.get(host, '/slow');
      slow.push(answer);
      await Promise.race([answer, eventually('it arrives', async () => held !== null)]);
      return held !== null;
    });
    const stopped = leaving.container.stop();
    await proxy.backend(host, 'draining');
    const before = leaving.targets.length;
    for (let i = 0; i < 20; i++) assert.equal((await proxy.get(host)).body, 'staying');
    assert.equal(leaving.targets.length, before);
    (held as ServerResponse | null)?.end('done');
    assert.equal((await slow.at(-1))?.body, 'halfdone');
    await stopped;
    await proxy.backend(host, 'stopped');
    assert.equal((await leaving.container.inspect()).State.ExitCode, 0);
  });
});

test('of two containers one may stop, start, be killed and removed without a lost request', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const [staying, changing] = [
    await engine.container({ labels: { 'proxy.host': host } }),
    await engine.container({ labels: { 'proxy.host': host } }),
  ];
  const seen = new Set<string>();
  await proxy.until('both serve', host, '/', ({ body }) => seen.add(body).size === 2);
  const watches = [1, 2, 3].map(() => watchHost(proxy, host));
  await changing.stop();
  await changing.start();
  await proxy.until('it serves again', host, '/', ({ body }) => changing.id.startsWith(body.trim()));
  await changing.restart();
  await proxy.until('it serves again', host, '/', ({ body }) => changing.id.startsWith(body.trim()));
  await changing.kill();
  await changing.remove();
  await proxy.until('the other one serves', host, '/', ({ body }) => staying.id.startsWith(body.trim()));
  for (const watch of watches) assert.deepEqual(await watch.end(), { statuses: [200], failures: [] });
});

for (const status of ['404', '421']) {
  test(`FAIRLEAD_UNKNOWN_HOST=${status} answers an unknown host with ${status}`, async (t) => {
    const engine = testEngine(t);
    const proxy = await ProxyProcess.start(t, {
      endpoint: engine.endpoint,
      env: { FAIRLEAD_UNKNOWN_HOST: status },
    });
    const answer = await proxy.get(`nobody.${engine.mark}.test`);
    assert.deepEqual([answer.status, answer.reason], [Number(status), 'host-unknown']);
  });
}

async function run(container: Docker.Container, command: string[]): Promise<void> {
  const exec = await container.exec({ Cmd: command });
  // An answer that nobody reads keeps its connection.
  (await exec.start({ Detach: true })).resume();
  await eventually('the command has run', async () => !(await exec.inspect()).Running);
}
