import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { eventually, type TestEngine, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';

interface Ask {
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
}

interface Policy {
  readonly lb: string;
  /** The nth request; default: all alike. */
  readonly ask?: (n: number) => Ask;
  readonly tolerance: number;
}

const count = 1_000;
const clients = 8;
/** Each worker has turns of its own. */
const inTurns = 0.01;
/** Of `count` lots, more than four standard deviations. */
const byLot = 0.07;

const hashes: Readonly<Record<string, Required<Policy>>> = {
  client: {
    lb: 'iphash',
    ask: (n) => ({ headers: { 'x-forwarded-for': `198.51.${n >> 8}.${n & 255}` } }),
    tolerance: byLot,
  },
  page: { lb: 'hash:uri', ask: (n) => ({ path: `/page/${n}` }), tolerance: byLot },
  tenant: {
    lb: 'hash:header:X-Tenant',
    ask: (n) => ({ headers: { 'x-tenant': `tenant-${n}` } }),
    tolerance: byLot,
  },
  session: {
    lb: 'hash:cookie:sid',
    ask: (n) => ({ headers: { cookie: `a=b; sid=session-${n}` } }),
    tolerance: byLot,
  },
};

/** By the name of the route. */
const policies: Readonly<Record<string, Policy>> = {
  turns: { lb: 'roundrobin', tolerance: inTurns },
  fewest: { lb: 'least', tolerance: byLot },
  lots: { lb: 'random2', tolerance: byLot },
  ...hashes,
};

interface Pool {
  /** Of its hosts. */
  readonly name: string;
  readonly weights: readonly number[];
}

const alike: Pool = { name: 'alike', weights: [1, 1, 1, 1] };
const weighted: Pool = { name: 'weighted', weights: [1, 2, 3] };

const hostOf = ({ mark }: TestEngine, { name }: Pool, route: string) => `${route}.${name}.${mark}.test`;

/** A container in a pool, behind a route for each policy; what listens for it is here, on loopback. */
async function join(t: TestContext, engine: TestEngine, { pool, index }: { pool: Pool; index: number }): Promise<void> {
  const labels: Record<string, string> = { 'proxy.weight': String(pool.weights[index]) };
  for (const [route, { lb }] of Object.entries(policies)) {
    labels[`proxy.${route}.host`] = hostOf(engine, pool, route);
    labels[`proxy.${route}.lb`] = lb;
  }
  await hostBackend(t, engine, { labels, answer: (_, response) => void response.end(String(index)) });
}

/** Who answered each of `count` requests, eight at a time over kept connections. */
async function answers(proxy: ProxyProcess, host: string, ask: (n: number) => Ask): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true });
  const who: number[] = [];
  let next = 0;
  const client = async () => {
    while (next < count) {
      const n = next++;
      const { path = '/', headers = {} } = ask(n);
      const asked = request({ port: proxy.httpPort, path, headers: { host, ...headers }, agent });
      asked.end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      let body = '';
      for await (const chunk of response) body += chunk;
      assert.equal(response.statusCode, 200);
      who[n] = Number(body);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return who;
}

test('over two workers each policy gives every container its share, and a fourth takes 25 ± 3 % of the hashed keys', async (t) => {
  const engine = testEngine(t);
  const members = [alike, weighted].flatMap((pool) => [0, 1, 2].map((index) => ({ pool, index })));
  await Promise.all(members.map((member) => join(t, engine, member)));
  // Once all run: whoever comes ten seconds after the others gets less at first.
  const proxy = await ProxyProcess.start(t, {
    endpoint: engine.endpoint,
    env: { FAIRLEAD_WORKERS: '2', FAIRLEAD_TRUSTED: '127.0.0.1' },
  });
  const healthy = (pool: Pool, size: number) =>
    eventually(`${size} containers of the pool ${pool.name} take requests`, async () => {
      const backends = (await proxy.route(hostOf(engine, pool, 'turns')))?.pool.backends ?? [];
      return backends.filter(({ state }) => state === 'healthy').length === size;
    });
  const before = new Map<string, readonly number[]>();
  for (const pool of [alike, weighted]) {
    await healthy(pool, 3);
    const weights = pool.weights.slice(0, 3);
    const total = weights.reduce((sum, weight) => sum + weight);
    for (const [route, { ask = () => ({}), tolerance }] of Object.entries(policies)) {
      const who = await answers(proxy, hostOf(engine, pool, route), ask);
      if (pool === alike) before.set(route, who);
      const shares = weights.map((_, index) => who.filter((one) => one === index).length / who.length);
      t.diagnostic(`${route}, ${pool.name}: ${shares.map((share) => share.toFixed(3)).join(' ')}`);
      for (const [index, weight] of weights.entries()) {
        const [share = 0, wanted] = [shares[index], weight / total];
        assert.ok(Math.abs(share - wanted) <= tolerance, `${route}, ${pool.name}, ${index}: ${share} of ${wanted}`);
      }
    }
  }

  await join(t, engine, { pool: alike, index: 3 });
  await healthy(alike, 4);
  let moved = 0;
  for (const [route, { ask }] of Object.entries(hashes)) {
    const after = await answers(proxy, hostOf(engine, alike, route), ask);
    for (const [n, who] of after.entries()) {
      const once = before.get(route)?.[n];
      if (who === once) continue;
      assert.equal(who, 3, `${route}: key ${n} moved from ${once} to ${who}`);
      moved++;
    }
  }
  const share = moved / (count * Object.keys(hashes).length);
  t.diagnostic(`${(share * 100).toFixed(1)} % of the keys moved`);
  assert.ok(Math.abs(share - 0.25) <= 0.03, `${share} of the keys moved`);
});
