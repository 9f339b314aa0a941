import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

/** Containers of one host with these labels. */
async function pool(t: TestContext, proxy: ProxyProcess, labels: Record<string, string>, count = 1) {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const backends = [];
  for (let at = 0; at < count; at++) {
    const answer = hostBackend(t, engine, {
      labels: { 'proxy.host': host, ...labels },
      answer: (_, response) => void response.setHeader('X-Backend', String(at)).end('ok'),
    });
    backends.push(await answer);
  }
  const all = await eventually('all take requests', async () => {
    const shown = (await proxy.route(host))?.pool.backends ?? [];
    return shown.length === count && shown.every(({ state }) => state === 'healthy') && shown;
  });
  const names = await Promise.all(backends.map(async ({ container }) => (await container.inspect()).Name.slice(1)));
  assert.equal(all.length, names.length);
  return { host, backends, names };
}

test('what the proxy would do is explained by what it does', async (t) => {
  const engine = testEngine(t);
  // Two workers.
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
  const cases = t.test.bind(t);
  const step = async (url: string, name: string) => (await proxy.explain(url)).steps.find((one) => one.step === name);

  await cases('a limit is used up by requests, and never by questions', async (inner) => {
    const { host } = await pool(inner, proxy, { 'proxy.limit': '1/h burst=1' });
    const url = `http://${host}/`;
    for (let times = 0; times < 5; times++) assert.match((await step(url, 'limit'))?.does ?? '', /let through, 1 more/);
    assert.deepEqual([(await proxy.get(host)).status, (await proxy.get(host)).status], [200, 200]);
    const used = await step(url, 'limit');
    assert.deepEqual([used?.verdict, used?.status, used?.reason], ['stop', 429, 'rate-limited']);
    assert.equal((await step(url, 'lb'))?.reached, false);
    assert.equal((await proxy.get(host)).status, 429);
  });

  await cases('what is stored is seen by all workers, and no backend is asked', async (inner) => {
    const { host } = await pool(inner, proxy, { 'proxy.cache': '10m' });
    const url = `http://${host}/a`;
    assert.equal((await step(url, 'cache'))?.reason, 'MISS');
    await proxy.get(host, '/a');
    const hit = await eventually('it is on disk', async () => {
      const one = await step(url, 'cache');
      return one?.verdict === 'stop' && one;
    });
    assert.deepEqual([hit.status, hit.reason], [200, 'HIT']);
    const { answer, picked, pickedBy } = await proxy.explain(url);
    assert.deepEqual([answer?.reason, picked, pickedBy], ['cached', null, 'no backend is asked: cache answers']);
    assert.equal((await proxy.get(host, '/a')).headers['x-cache-status'], 'HIT');
  });

  await cases(
    'the container that is named gets the request, and a cookie is believed where it is signed',
    async (inner) => {
      const { host, names } = await pool(inner, proxy, { 'proxy.lb': 'hash:uri', 'proxy.sticky': 'true' }, 3);
      for (const path of ['/a', '/b', '/c', '/d', '/e']) {
        const { picked } = await proxy.explain(`http://${host}${path}`);
        const got = await proxy.get(host, path);
        assert.equal(picked, names[Number(got.headers['x-backend'])]);
        const cookie = String(got.headers['set-cookie']).split(';')[0] as string;
        const told = await proxy.explain(`http://${host}/another`, { headers: { Cookie: cookie } });
        assert.deepEqual([told.picked, /cookie/.test(told.pickedBy)], [picked, true]);
      }
    },
  );

  await cases('one that leaves is left out at once, and with the last one requests are held', async (inner) => {
    const { host, backends, names } = await pool(inner, proxy, {}, 2);
    const url = `http://${host}/`;
    const turns = await proxy.explain(url);
    assert.deepEqual([turns.picked, turns.backends.map(({ share }) => share)], [null, [0.5, 0.5]]);
    await backends[0]?.container.stop({ t: 0 });
    await eventually('the other one is left', async () => (await proxy.explain(url)).picked === names[1]);
    await backends[1]?.container.stop({ t: 0 });
    const held = await eventually('nobody is left', async () => {
      const view = await proxy.explain(url);
      return view.answer !== null && view;
    });
    assert.deepEqual([held.answer?.status, held.answer?.reason], [503, 'no-backend']);
    assert.match(
      held.steps.find(({ step: name }) => name === 'lb')?.does ?? '',
      /held for .* at most, then 503 no-backend/,
    );
  });
});
