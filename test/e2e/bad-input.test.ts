import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { Problem } from '../../src/labels/problem.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { watchHost } from '../support/watch-host.ts';

test('what is wrong with one container is shown, and is the problem of that one alone', async (t) => {
  const world = testEngine(t);
  const proxy = await ProxyProcess.start(t, { endpoint: world.endpoint });
  const cases = t.test.bind(t);
  const good = `good.${world.mark}.test`;
  await world.container({ labels: { 'proxy.host': good } });
  await proxy.live(good);

  /** A container with labels for a host of its own, and its name. */
  const begin = async (inner: TestContext, labels: (host: string) => Record<string, string>) => {
    const engine = testEngine(inner);
    const host = `bad.${engine.mark}.test`;
    const container = await engine.container({ labels: labels(host) });
    return { engine, host, container, name: (await container.inspect()).Name.slice(1) };
  };
  const watch = watchHost(proxy, good);

  await cases(
    'a port on which nothing listens never becomes ready, and the answer says where to look',
    async (inner) => {
      const labels = { 'proxy.port': '9', 'proxy.wait': '0' };
      const { host } = await begin(inner, (one) => ({ 'proxy.host': one, ...labels }));
      // Before Docker has started it, it is no backend at all.
      const answer = await proxy.until('it is checked', host, '/', ({ reason }) => reason === 'backend-starting');
      assert.equal(answer.status, 503);
      assert.match(answer.body, /proxy\.port/);
      await eventually('its check is told', async () =>
        /refused on/.test((await proxy.backend(host, 'starting')).reason),
      );
    },
  );

  await cases('without a check it is a 502 that says so', async (inner) => {
    const labels = { 'proxy.port': '9', 'proxy.wait': '0', 'proxy.health': 'off' };
    const { host } = await begin(inner, (one) => ({ 'proxy.host': one, ...labels }));
    const answer = await proxy.until('it refuses', host, '/', ({ status }) => status === 502);
    assert.equal(answer.reason, 'backend-refused');
    assert.match(answer.body, /proxy\.port/);
    const { backends = [] } = (await proxy.route(host))?.pool ?? {};
    assert.ok(backends.some(({ fails }) => fails > 0));
  });

  await cases('a host with a scheme is answered with the host that was meant', async (inner) => {
    const { host, name } = await begin(inner, (one) => ({ 'proxy.host': `http://${one}` }));
    assert.deepEqual(await proxy.problem(name, 'proxy.host'), {
      container: name,
      label: 'proxy.host',
      value: `http://${host}`,
      expected: 'a host without a scheme: http and https are both served',
      suggestion: `did you mean \`proxy.host=${host}\`?`,
      severity: 'error',
    } satisfies Problem);
    await assert.rejects(proxy.get(host), { code: 'ECONNRESET' });
  });

  await cases('an unknown key is told with the one that is near, and the others still count', async (inner) => {
    const { host, name } = await begin(inner, (one) => ({ 'proxy.host': one, 'proxy.prot': '3000' }));
    const { suggestion, expected } = await proxy.problem(name, 'proxy.prot');
    assert.match(suggestion, /`proxy\.port`/);
    assert.match(expected, /known option/);
    await proxy.live(host);
  });

  await cases(
    'placeholders that there are not are told in every template, with those that there are',
    async (inner) => {
      const { host, name } = await begin(inner, (one) => ({
        'proxy.host': one,
        'proxy.cache.key': '{hots}{path}',
        'proxy.old.path': '/old',
        'proxy.old.redirect': '/{urii}',
        'proxy.reqheader.X-Client': '{client}',
        'proxy.rewrite': '^/a/(.*) -> /b/$2',
      }));
      const key = await proxy.problem(name, 'proxy.cache.key');
      assert.equal(key.expected, 'only the placeholders {scheme} {host} {uri} {path} {query}');
      assert.match(key.suggestion, /`proxy\.cache\.key=\{host\}\{path\}`/);
      assert.match((await proxy.problem(name, 'proxy.old.redirect')).suggestion, /302 \/\{uri\}`/);
      assert.match((await proxy.problem(name, 'proxy.reqheader.X-Client')).expected, /\{client_ip\} \{host\}/);
      assert.match((await proxy.problem(name, 'proxy.rewrite')).expected, /the regex has \$1$/);
      await proxy.live(host);
    },
  );

  await cases('containers of one pool that contradict each other are named, and both serve', async (inner) => {
    const { engine, host, name } = await begin(inner, (one) => ({ 'proxy.host': one, 'proxy.timeout': '5s' }));
    const newer = await engine.container({ labels: { 'proxy.host': host, 'proxy.timeout': '7s' } });
    const winner = (await newer.inspect()).Name.slice(1);
    const { expected, value } = await proxy.problem(name, 'proxy.timeout');
    assert.equal(value, '5s');
    assert.ok(expected.includes(winner) && expected.includes('7s'), expected);
    assert.equal((await proxy.route(host))?.options.timeout?.value, '7s');
    await proxy.live(host);
  });

  await cases('a container without an exposed port is asked for `proxy.port`', async (inner) => {
    const engine = testEngine(inner);
    const host = `bad.${engine.mark}.test`;
    const container = await engine.container({
      labels: { 'proxy.host': host },
      image: await portlessImage(inner),
      command: ['sleep', '1000'],
    });
    const name = (await container.inspect()).Name.slice(1);
    const { expected, suggestion } = await proxy.problem(name, 'proxy.port');
    assert.match(expected, /a port/);
    assert.match(suggestion, /proxy\.port=8080/);
    assert.equal((await proxy.until('it is down', host, '/', ({ status }) => status === 503)).reason, 'no-backend');
  });

  await cases('1,000 labels are read, and a thousand routes of one container served', async (inner) => {
    const routes = Array.from({ length: 999 }, (_, at) => [`proxy.r${at}.path`, `/p${at}`]);
    const { host } = await begin(inner, (one) => ({ 'proxy.host': one, ...Object.fromEntries(routes) }));
    await proxy.live(host);
    // The backend has no such page, and says so itself.
    const answer = await proxy.get(host, '/p998');
    assert.deepEqual([answer.status, answer.reason], [404, null]);
    assert.equal((await proxy.explain(`http://${host}/p998`)).route, `${host}/p998`);
  });

  await cases('more than 1,000 labels close the routes, because one that is not read may protect', async (inner) => {
    const routes = Array.from({ length: 1_000 }, (_, at) => [`proxy.r${at}.path`, `/p${at}`]);
    const { host, name } = await begin(inner, (one) => ({ 'proxy.host': one, ...Object.fromEntries(routes) }));
    assert.match((await proxy.problem(name, '')).expected, /at most 1000 proxy labels/);
    const answer = await proxy.until('it is closed', host, '/', ({ status }) => status === 503);
    assert.equal(answer.reason, 'label-invalid');
    const why = (await proxy.routes()).routes.find((route) => route.host === host)?.why ?? '';
    assert.match(why, new RegExp(`^${name}: at most 1000`));
  });

  await cases('a label of 64 KiB is refused, shown in part, and harms nothing else', async (inner) => {
    const { host, name } = await begin(inner, (one) => ({
      'proxy.host': one,
      'proxy.network': 'x'.repeat(65_537),
      'proxy.header.X-Long': 'x'.repeat(65_536),
    }));
    for (const label of ['proxy.network', 'proxy.header.X-Long']) {
      const { value, expected } = await proxy.problem(name, label);
      assert.equal(value.length, 200);
      assert.match(expected, /at most/);
    }
    assert.equal((await proxy.live(host)).headers['x-long'], undefined);
  });

  await cases('a label that is no UTF-8 is refused as a host, and harms nothing else', async (inner) => {
    const engine = testEngine(inner);
    const name = await rawContainer(inner, engine.socket, Buffer.from('bad\xff.test', 'latin1'));
    const { expected, severity } = await proxy.problem(name, 'proxy.host');
    assert.match(expected, /UTF-8/);
    assert.equal(severity, 'error');
  });

  for (const [label, value, word] of [
    ['proxy.auth', 'oidc:staff', 'a protection that this version cannot apply'],
    ['proxy.limt', '10/s', 'a limit with a slip in its name'],
  ] as const) {
    await cases(`${word} closes its route: 503 label-invalid`, async (inner) => {
      const { host, name } = await begin(inner, (one) => ({ 'proxy.host': one, [label]: value }));
      const { suggestion } = await proxy.problem(name, label);
      assert.match(suggestion, /proxy\.(limit|auth)/);
      const answer = await proxy.until('it is closed', host, '/', ({ status }) => status === 503);
      assert.equal(answer.reason, 'label-invalid');
      assert.equal((await proxy.route(host))?.state, 'closed');
    });
  }

  assert.deepEqual(await watch.end(), { statuses: [200], failures: [] });
});

/** The backend's image without its EXPOSE. */
async function portlessImage(t: TestContext): Promise<string> {
  const { docker, mark, container } = testEngine(t);
  const files = await (await container({ start: false })).export();
  const repo = `fairlead-test-${mark}`;
  const progress = await docker.importImage(files as never, { repo, tag: 'latest', changes: ['ENV PATH=/usr/bin'] });
  await buffer(progress);
  t.after(() => docker.getImage(`${repo}:latest`).remove({ force: true }));
  return `${repo}:latest`;
}

/** A client library would not send such bytes. Returns the container's name. */
async function rawContainer(t: TestContext, socketPath: string, host: Buffer): Promise<string> {
  const { docker, mark } = testEngine(t);
  const name = `${mark}-raw`;
  const body = Buffer.concat([
    Buffer.from('{"Image":"fairlead-test-backend:latest","Labels":{"proxy.host":"'),
    host,
    Buffer.from('"}}'),
  ]);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const asked = request({ socketPath, path: `/containers/create?name=${name}`, method: 'POST', headers, agent: false });
  asked.end(body);
  const [response] = await once(asked, 'response');
  assert.equal(response.statusCode, 201, (await buffer(response)).toString());
  t.after(() => docker.getContainer(name).remove({ force: true }));
  return name;
}
