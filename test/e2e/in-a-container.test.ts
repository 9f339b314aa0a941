import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type Docker from 'dockerode';
import { command, findProgram, systemEnvironment } from '../../scripts/command.ts';
import { freePort } from '../../scripts/demo/ports.ts';
import { Window } from '../dashboard/browser.ts';
import { addressOf, eventually, fairleadImage, type TestEngine, testEngine } from '../support/engine.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { type Answer, ask, type RoutesAnswer, type StatusAnswer } from '../support/proxy-process.ts';
import { testedEngine } from '../support/tested-engine.ts';

const token = 'a-token-of-the-tests';

test('from its own container the proxy says how to reach a network, and serves once that was done', async (t) => {
  const engine = testEngine(t);
  const [near, far] = [await nameOf(await engine.network()), await nameOf(await engine.network())];
  const proxy = await ProxyContainer.start(engine, near);
  const host = `far.${engine.mark}.test`;
  const beside = `near.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': beside }, networks: [near] });
  const backend = await engine.container({ labels: { 'proxy.host': host }, env: { NAME: 'far' }, networks: [far] });
  await proxy.live(beside);

  const answer = await proxy.until('it is out of reach', host, ({ reason }) => reason === 'unreachable-network');
  assert.equal(answer.status, 503);
  const container = (await backend.inspect()).Name.slice(1);
  const { problems, routes } = await proxy.routes();
  const problem = problems.find((one) => one.container === container);
  assert.equal(problem?.label, 'proxy.network');
  assert.equal(problem.suggestion, `docker network connect ${far} ${proxy.name}`);
  assert.ok(problem.expected.includes(near) && problem.expected.includes(far), problem.expected);
  assert.equal(routes.find((route) => route.host === host)?.pool.backends[0]?.state, 'unreachable');

  const { StartedAt } = (await proxy.container.inspect()).State;
  await typed(engine, problem.suggestion);
  assert.equal((await proxy.live(host)).body, 'far\n');
  assert.equal((await proxy.container.inspect()).State.StartedAt, StartedAt);
  assert.equal(
    (await proxy.routes()).problems.some((one) => one.container === container),
    false,
  );
  assert.equal((await proxy.live(beside)).status, 200);
});

test('from its own container the proxy reaches a backend on the host network', async (t) => {
  const engine = testEngine(t);
  const proxy = await ProxyContainer.start(engine, await nameOf(await engine.network()));
  const host = `app.${engine.mark}.test`;
  const port = String(await freePort(0));
  await engine.container({
    labels: { 'proxy.host': host, 'proxy.port': port },
    env: { NAME: 'on the host', PORT: port },
    networks: ['host'],
  });
  assert.equal((await proxy.live(host)).body, 'on the host\n');
});

test('in its own container the proxy has given up root where it faces the network, and ends with 0', async (t) => {
  const engine = testEngine(t);
  const proxy = await ProxyContainer.start(engine, await nameOf(await engine.network()));
  const status = JSON.parse((await proxy.admin('/status')).body) as StatusAnswer;
  assert.deepEqual(status.warnings, []);
  const { Titles, Processes } = await proxy.container.top({ ps_args: '-eo pid,uid,args' });
  const uids = Processes.map((row: string[]) => row[Titles.indexOf('UID')]);
  assert.deepEqual(uids.sort(), ['0', '65534']);
  assert.equal(await proxy.run(t, 'fairlead', 'healthcheck'), 0);
  assert.equal(await proxy.run(t, 'fairlead', 'routes'), 0);
  await proxy.container.stop({ t: 30 });
  assert.equal((await proxy.container.inspect()).State.ExitCode, 0);
});

test('in its own container the proxy shows the pages that are mounted at /pages', async (t) => {
  const engine = testEngine(t);
  const network = await nameOf(await engine.network());
  const pages = testFolder(t);
  writeFileSync(join(pages, '403.html'), '<h1>not you</h1>');
  const proxy = await ProxyContainer.start(engine, network, [`${pages}:/pages:ro`]);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.deny': '0.0.0.0/0', 'proxy.errors': '403 file:/pages/403.html' };
  await engine.container({ labels, networks: [network] });
  const { body } = await proxy.until('it refuses', host, ({ status }) => status === 403);
  assert.equal(body, '<h1>not you</h1>');
});

test('in its own container the proxy has its dashboard, compiled, behind its token', async (t) => {
  const engine = testEngine(t);
  const network = await nameOf(await engine.network());
  const proxy = await ProxyContainer.start(engine, network);
  const host = `app.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': host }, networks: [network] });
  const window = await Window.open(t, `http://${proxy.address}:8080`);
  await window.go(`/?q=${host}`);
  await window.page.getByLabel('Token').fill(token);
  await window.page.getByRole('button', { name: 'Sign in' }).click();
  await window.see('live', window.row(host));
  await window.row(host).getByRole('link', { name: host }).click();
  await window.see('label proxy.host', window.row('proxy.host'));
});

/** The proxy's image, running on one network of the engine that it watches. */
class ProxyContainer {
  readonly container: Docker.Container;
  readonly name: string;
  /** On its network. */
  readonly address: string;

  static async start(engine: TestEngine, network: string, binds: readonly string[] = []): Promise<ProxyContainer> {
    const container = await engine.container({
      image: fairleadImage(),
      networks: [network],
      env: {
        FAIRLEAD_ADMIN: ':8080',
        FAIRLEAD_ADMIN_TOKEN: token,
        FAIRLEAD_HTTPS: 'off',
        FAIRLEAD_WORKERS: '1',
        FAIRLEAD_ENGINE: testedEngine,
      },
      // As its own process 1, which is how people run it.
      host: { Init: false, Binds: [`${engine.socket}:/var/run/docker.sock`, ...binds] },
    });
    const name = (await container.inspect()).Name.slice(1);
    const proxy = new ProxyContainer(container, name, await addressOf(container, network));
    await eventually('the proxy in its container is ready', async () => {
      const answer = await proxy.admin('/readyz').catch(() => null);
      return answer?.status === 200;
    });
    return proxy;
  }

  private constructor(container: Docker.Container, name: string, address: string) {
    this.container = container;
    this.name = name;
    this.address = address;
  }

  admin(path: string): Promise<Answer> {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
    return ask(8080, path, { address: this.address, headers });
  }

  async routes(): Promise<RoutesAnswer> {
    return JSON.parse((await this.admin('/routes')).body) as RoutesAnswer;
  }

  until(what: string, host: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
    return eventually(what, async () => {
      const answer = await ask(80, '/', { address: this.address, headers: { host } }).catch(() => null);
      return answer !== null && wanted(answer) && answer;
    });
  }

  live(host: string): Promise<Answer> {
    return this.until(`${host} is live`, host, ({ status }) => status === 200);
  }

  /** Exit code of a command in the container. */
  async run(t: TestContext, ...words: string[]): Promise<number | null> {
    const exec = await this.container.exec({ Cmd: words, AttachStdout: true, AttachStderr: true });
    const output = await exec.start({});
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await eventually(`${words.join(' ')} has ended`, async () => !(await exec.inspect()).Running);
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) t.diagnostic(text);
    return ExitCode;
  }
}

async function nameOf(network: Docker.Network): Promise<string> {
  return (await network.inspect()).Name;
}

/** Does what a command says, as its reader would. */
async function typed(engine: TestEngine, line: string): Promise<void> {
  const [docker = '', ...args] = line.split(' ');
  const program = findProgram(docker);
  // The engine may be there without its command line: then the same call goes to its API.
  if (program === undefined) await engine.docker.getNetwork(args[2] ?? '').connect({ Container: args[3] ?? '' });
  else await command(program, args, { env: { ...systemEnvironment(), DOCKER_HOST: engine.endpoint } });
}
