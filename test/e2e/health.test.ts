import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { addressOf, eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { quietPort } from '../support/quiet-port.ts';

test('whether a container answers decides whether it gets requests', async (t) => {
  const world = testEngine(t);
  const proxy = await ProxyProcess.start(t, { endpoint: world.endpoint, env: { FAIRLEAD_DEFAULT_WAIT: '0' } });
  const cases = t.test.bind(t);
  const begin = (inner: TestContext) => {
    const engine = testEngine(inner);
    return { engine, host: `app.${engine.mark}.test` };
  };
  /** What the log says of a container's health, in its order. */
  const told = (container: string) =>
    proxy.lines().flatMap(({ message, container: of }) => (of === container && message !== undefined ? [message] : []));

  await cases(
    'one that does not listen yet is starting, with the reason, and gets no request before it does',
    async (inner) => {
      const { engine, host } = begin(inner);
      const port = await quietPort();
      const labels = { 'proxy.host': host, 'proxy.port': String(port) };
      await engine.container({ labels, command: ['sleep', '1000'], networks: ['host'] });
      const refused = await eventually('it was asked more than once', async () => {
        const backend = (await proxy.route(host))?.pool.backends[0];
        return backend?.reason.includes('times') && backend;
      });
      assert.equal(refused.state, 'starting');
      assert.match(
        refused.reason,
        new RegExp(
          `^connect refused on 127.0.0.1:${port} \\(\\d+ times, last \\d+.\\d s ago\\); the image exposes 3000$`,
        ),
      );
      const { answer, backends } = await proxy.explain(`http://${host}/`);
      assert.deepEqual([answer?.reason, backends[0]?.takes], ['backend-starting', false]);
      assert.equal((await proxy.get(host)).reason, 'backend-starting');

      const server = createServer((_, response) => response.end('at last')).listen(port, '127.0.0.1');
      await once(server, 'listening');
      inner.after(() => server.close());
      await proxy.backend(host, 'healthy');
      assert.equal((await proxy.live(host)).body, 'at last');
    },
  );

  await cases(
    'a wrong port is named, and nobody waits for it longer than proxy.wait after the start',
    async (inner) => {
      const { engine, host } = begin(inner);
      const labels = { 'proxy.host': host, 'proxy.port': '3001', 'proxy.wait': '2s' };
      const container = await engine.container({ labels });
      const refused = new RegExp(
        `^connect refused on ${await addressOf(container)}:3001 \\(.*; the image exposes 3000; or does`,
      );
      await eventually('it is said where nobody listens', async () => {
        return refused.test((await proxy.route(host))?.pool.backends[0]?.reason ?? '');
      });
      /** Of the last request of a kind that was logged, ms. */
      const held = (kind: string) => proxy.accesses(host).findLast(({ method }) => method === kind)?.waitMs;
      for (const method of ['GET', 'HEAD'] as const) {
        await eventually('it is answered at once', async () => {
          const answer = await proxy.get(host, '/', { method });
          assert.deepEqual([answer.status, answer.reason], [503, 'backend-starting']);
          return held(method) === 0;
        });
      }
      const name = (await container.inspect()).Name.slice(1);
      await eventually('the log says so, once', async () => told(name).length > 0);
      assert.deepEqual(told(name), ['backend does not answer since it started']);
    },
  );

  await cases(
    'one that stops listening is unhealthy after `fall` checks, even as the last one, and comes back by itself',
    async (inner) => {
      const { engine, host } = begin(inner);
      const labels = { 'proxy.host': host, 'proxy.health.interval': '100ms', 'proxy.health.fall': '2' };
      const { container, server } = await hostBackend(inner, engine, { labels });
      const { port } = server.address() as { port: number };
      await proxy.live(host);
      server.close();
      server.closeAllConnections();
      const { reason } = await proxy.backend(host, 'unhealthy');
      assert.match(reason, /^connect refused on 127.0.0.1:\d+ \(/);
      assert.equal((await proxy.get(host)).reason, 'no-backend');
      server.listen(port, '127.0.0.1');
      await proxy.backend(host, 'healthy');
      await proxy.live(host);
      const name = (await container.inspect()).Name.slice(1);
      assert.deepEqual(told(name), ['backend healthy', 'backend unhealthy', 'backend healthy']);
    },
  );

  await cases('a path is asked for, and its status counts', async (inner) => {
    const { engine, host } = begin(inner);
    let status = 503;
    const labels = { 'proxy.host': host, 'proxy.health': '/up interval=100ms fall=1 status=200-299' };
    const { targets } = await hostBackend(inner, engine, {
      labels,
      answer: (request, response) => {
        response.writeHead(request.url === '/up' && request.headers.host === host ? status : 200).end('ok');
      },
    });
    const starting = await eventually('it was asked', async () => {
      const backend = (await proxy.route(host))?.pool.backends[0];
      return backend?.reason.startsWith('GET ') && backend;
    });
    assert.match(starting.reason, /^GET \/up on 127.0.0.1:\d+ was answered with 503 \(/);
    assert.ok(targets.every((target) => target === '/up'));
    status = 204;
    await proxy.live(host);
    status = 302;
    await proxy.backend(host, 'unhealthy');
    status = 200;
    await proxy.live(host);
  });

  await cases('health=off lets requests in at once', async (inner) => {
    const { engine, host } = begin(inner);
    const labels = { 'proxy.host': host, 'proxy.port': String(await quietPort()), 'proxy.health': 'off' };
    await engine.container({ labels, command: ['sleep', '1000'], networks: ['host'] });
    await proxy.backend(host, 'healthy');
    assert.equal((await proxy.get(host)).reason, 'backend-refused');
  });

  await cases('a data plane that comes back asks all of them again, and serves', async (inner) => {
    const { engine, host } = begin(inner);
    await engine.container({ labels: { 'proxy.host': host } });
    await proxy.live(host);
    process.kill((await proxy.status()).dataPlane.pid as number, 'SIGKILL');
    await eventually('it is back', async () => (await proxy.status()).dataPlane.restarts.dataPlane === 1);
    await proxy.backend(host, 'healthy');
    await proxy.live(host);
  });
});

test('an administrator drains a container, and takes it back', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host };
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const [one, two] = [
    await engine.container({ labels, env: { NAME: 'one' } }),
    await engine.container({ labels, env: { NAME: 'two' } }),
  ];
  const both = async () => {
    const seen = new Set<string>();
    await proxy.until('both serve', host, '/', ({ status, body }) => status === 200 && seen.add(body).size === 2);
  };
  const onlyTwo = async () => {
    for (let i = 0; i < 10; i++) assert.equal((await proxy.get(host)).body, 'two\n');
  };
  await both();
  const name = (await one.inspect()).Name.slice(1);
  assert.equal((await proxy.admin(`/backends/${name}/drain`, { method: 'POST' })).status, 200);
  assert.equal((await proxy.backend(host, 'draining')).reason, 'drained by an administrator');
  await onlyTwo();

  // Neither a swap nor its own restart nor the data plane's brings it back.
  await engine.container({ labels: { 'proxy.host': `other.${engine.mark}.test` } });
  await proxy.live(`other.${engine.mark}.test`);
  await one.restart();
  await proxy.backend(host, 'draining');
  await onlyTwo();
  process.kill((await proxy.status()).dataPlane.pid as number, 'SIGKILL');
  await eventually('it is back', async () => (await proxy.status()).dataPlane.restarts.dataPlane === 1);
  await proxy.live(host);
  await onlyTwo();

  assert.equal((await proxy.admin(`/backends/${one.id.slice(0, 12)}/undrain`, { method: 'POST' })).status, 200);
  await both();
  assert.equal((await proxy.admin(`/backends/${two.id}/drain`, { method: 'POST' })).status, 200);
  await proxy.until('the other one is left', host, '/', ({ body }) => body === 'one\n');
});

test('a container that survives its stop signal gets requests again', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const { container } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host, 'proxy.drain': '3s' },
    stopTimeout: 0,
    command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
  });
  await proxy.live(host);
  await container.kill({ signal: 'TERM' });
  await proxy.backend(host, 'draining');
  assert.equal((await container.inspect()).State.Running, true);
  await proxy.backend(host, 'healthy');
  await proxy.live(host);
});

test('of two containers that come back with swapped addresses nobody gets the answer of the other', async (t) => {
  const engine = testEngine(t);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const { Name } = await (await engine.network()).inspect();
  const begin = async (name: string) => {
    const host = `${name}.${engine.mark}.test`;
    const container = await engine.container({
      labels: { 'proxy.host': host },
      env: { NAME: name },
      networks: [Name],
    });
    return { host, name, container };
  };
  const both = [await begin('one'), await begin('two')] as const;
  const [one, two] = both;
  const addresses = () => Promise.all(both.map(({ container }) => addressOf(container, Name)));
  for (const { host } of both) await proxy.live(host);
  const [first, second] = await addresses();

  const bodies = both.map(() => new Set<string>());
  let going = true;
  const watches = both.map(async ({ host }, at) => {
    while (going) {
      // One that is stopped in the middle of an answer is cut, which is nobody else's answer.
      const answer = await proxy.get(host).catch(() => null);
      if (answer?.status === 200) bodies[at]?.add(answer.body);
    }
  });
  await Promise.all(both.map(({ container }) => container.stop()));
  // Until an event has arrived nobody can know that an address has another owner; on a machine that is busy enough two containers
  // may stop and start meanwhile.
  for (const { host } of both) await proxy.backend(host, 'stopped');
  await two.container.start();
  await one.container.start();
  assert.deepEqual(await addresses(), [second, first]);
  for (const { host } of both) await proxy.live(host);
  going = false;
  await Promise.all(watches);
  assert.deepEqual(
    bodies.map((seen) => [...seen]),
    [['one\n'], ['two\n']],
  );
});

test('a container that is killed for its memory is a 503 that says so', async (t) => {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  const backend = await hostBackend(t, engine, {
    labels: { 'proxy.host': host },
    command: ['sh', '-c', 'while [ ! -f /go ]; do sleep 0.1; done; x=a; while :; do x=$x$x; done'],
    host: { Memory: 16 * 1024 * 1024, MemorySwap: 16 * 1024 * 1024 },
  });
  await proxy.live(host);
  const exec = await backend.container.exec({ Cmd: ['touch', '/go'] });
  (await exec.start({ Detach: true })).resume();
  assert.match(
    (await proxy.backend(host, 'stopped')).reason,
    /^exited with code 137, out of memory; see `docker logs /,
  );
  assert.equal((await proxy.get(host)).reason, 'no-backend');
});
