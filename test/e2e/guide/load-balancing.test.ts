import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually, fairleadImage } from '../../support/engine.ts';
import { GuideSite } from './guide-site.ts';

test('load balancing: upstream, weight, least_conn, max_fails, fail_timeout', async (t) => {
  // Three seconds for a minute, and five for thirty.
  const sooner = { 'proxy.timeout': '3s', 'proxy.failtimeout': '5s' };
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['app-1', 'app-2'],
    sooner: { 'app-1': sooner, 'app-2': sooner },
  });
  const names = new Map<string, string>();
  for (const service of ['app-1', 'app-2'] as const) {
    const { Config } = await (await site.container(service)).inspect();
    names.set(Config.Hostname, service);
  }
  const app2 = await site.container('app-2');
  /** Who answers each of these requests, sent one after the other over one connection. */
  const answerers = async (inner: TestContext, times: number, path = '/api/users') => {
    const client = await site.http2(inner, 'app');
    const found: string[] = [];
    for (let asked = 0; asked < times; asked += 1) {
      const { status, fields } = await client.ask({ ':authority': site.host('app'), ':path': path }, null).head;
      assert.equal(status, 200);
      found.push(names.get(fields[fields.indexOf('x-whoami') + 1] ?? '') ?? assert.fail('nobody'));
    }
    return found;
  };
  const share = (found: readonly string[], service: string) => found.filter((one) => one === service).length;
  const stateOf2 = async () => {
    const route = (await site.routes()).routes.find(({ host }) => host === site.host('app'));
    const name = (await app2.inspect()).Name.slice(1);
    return route?.pool.backends.find(({ container }) => container === name);
  };

  await t.test(
    'containers with the same host are one upstream, and weight=3 is three of four requests',
    async (inner) => {
      const found = await answerers(inner, 40);
      assert.deepEqual([share(found, 'app-1'), share(found, 'app-2')], [30, 10]);
    },
  );

  await t.test('who is busy gets less: of eight that last, each has as many as its weight says', async (inner) => {
    const client = await site.http2(inner, 'app');
    const headers = { ':authority': site.host('app'), ':path': '/api/users?wait=1s' };
    const heads = await Promise.all(Array.from({ length: 8 }, () => client.ask(headers, null).head));
    const found = heads.map(({ fields }) => names.get(fields[fields.indexOf('x-whoami') + 1] ?? '') ?? '');
    assert.deepEqual([share(found, 'app-1'), share(found, 'app-2')], [6, 2]);
  });

  await t.test(
    'one that hangs is left out after three failures that no client sees, and comes back when it is well',
    async (inner) => {
      const client = await site.http2(inner, 'app');
      await app2.kill({ signal: 'SIGSTOP' });
      // All at once, so that three are at the one that hangs before the first of them fails.
      const headers = { ':authority': site.host('app'), ':path': '/api/users?wait=1s' };
      const heads = await Promise.all(Array.from({ length: 12 }, () => client.ask(headers, null).head));
      assert.deepEqual(
        heads.map(({ status }) => status),
        Array(12).fill(200),
      );
      assert.equal((await stateOf2())?.state, 'ejected');
      await app2.kill({ signal: 'SIGCONT' });
      // The site's own bucket is used up by that, and not the one of the API.
      await eventually(
        'it answers again',
        async () => names.get(String((await site.get('app')).headers['x-whoami'])) === 'app-2',
      );
      assert.equal((await stateOf2())?.state, 'healthy');
    },
  );

  await t.test('one that is stopped costs no request', async (inner) => {
    const stopping = app2.stop({ t: 2 });
    const during = await answerers(inner, 15);
    await stopping;
    const after = await answerers(inner, 15);
    assert.equal(share(after, 'app-1'), 15);
    assert.equal(during.length, 15);
  });
});
