import { join } from 'node:path';
import Docker from 'dockerode';
import { command, findProgram, systemEnvironment } from './command.ts';
import { ensureCompose } from './compose.ts';
import { ask } from './demo/ask.ts';
import { freePort } from './demo/ports.ts';
import { until } from './demo/until.ts';
import { type Engine, ensureEngine } from './engine.ts';
import { Images } from './images.ts';

const project = 'fairlead-smoke';
const checkout = join(import.meta.dirname, '..');
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interrupted.abort(new Error('stopped')));
const say = (line: string) => console.log(`# ${line}`);

process.exitCode = await main();

/** The image as a user builds it, and the compose quickstart as a user starts it: up, reached, healthy, without rights, down. */
async function main(): Promise<number> {
  try {
    await using cleanup = new AsyncDisposableStack();
    const engine = await ensureEngine({ say });
    cleanup.defer(() => engine.stop());
    await buildImage(engine);
    await runQuickstart(engine, cleanup);
    return 0;
  } catch (error) {
    console.error(`The smoke test failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function buildImage(engine: Engine): Promise<void> {
  const images = new Images(engine, { say });
  const docker = findProgram('docker');
  if (!docker) {
    await images.ensureProxy();
    return;
  }
  await images.ensureNode();
  say(`docker build -t fairlead .`);
  const env = { ...systemEnvironment(), DOCKER_HOST: engine.endpoint };
  await command(docker, ['build', '-t', 'fairlead', '.'], { cwd: checkout, env, timeoutMs: 10 * 60_000 });
}

async function runQuickstart(engine: Engine, cleanup: AsyncDisposableStack): Promise<void> {
  const [program, ...first] = await ensureCompose({ say });
  const port = await freePort(18_080);
  const env = {
    ...systemEnvironment(),
    DOCKER_HOST: engine.endpoint,
    DOCKER_SOCKET: engine.socket,
    HTTP_PORT: String(port),
  };
  const file = join(checkout, 'compose-examples/quickstart/compose.yaml');
  const compose = (...args: string[]) =>
    command(program, [...first, '--project-name', project, '--file', file, ...args], { env, timeoutMs: 5 * 60_000 });
  cleanup.defer(async () => {
    await compose('down', '--volumes', '--timeout', '5');
  });

  say('docker compose up -d');
  await compose('up', '-d');
  const docker = new Docker({ socketPath: engine.socket });
  const proxy = await containerOf(docker, 'fairlead');
  try {
    await checkAnswers(port);
    await checkRoutes(compose);
    await checkRights(proxy);
    await checkHealth(proxy);
    await checkEnd(proxy);
  } catch (error) {
    const { State } = await proxy.inspect();
    console.error(
      `State of the proxy: ${JSON.stringify(State, undefined, 2)}\n${await compose('logs', '--tail', '30', 'fairlead')}`,
    );
    throw error;
  }
}

async function checkAnswers(port: number): Promise<void> {
  for (const path of ['/', '/api/users']) {
    await until(`http://app.localhost:${port}${path} is answered with 200`, interrupted.signal, async () => {
      const { status, body } = await ask({ port, path, host: `app.localhost:${port}` });
      if (status !== 200) throw new Error(`${status} ${body}`);
      return true;
    });
    say(`http://app.localhost:${port}${path} is answered`);
  }
}

async function checkRoutes(compose: (...args: string[]) => Promise<string>): Promise<void> {
  const routes = await compose('exec', '-T', 'fairlead', 'fairlead', 'routes');
  if (!routes.includes('app.localhost'))
    throw new Error(`\`fairlead routes\` in the container does not show app.localhost:\n${routes}`);
  say('`fairlead routes` works in the container');
}

/** What faces the network may not be root: the data plane has to have given that up, with the capabilities that compose.yaml leaves. */
async function checkRights(proxy: Docker.Container): Promise<void> {
  const { Titles, Processes } = (await proxy.top({ ps_args: '-eo pid,uid,args' })) as {
    Titles: string[];
    Processes: string[][];
  };
  const users = Processes.map((row) => row[Titles.indexOf('UID')]);
  if (!users.includes('65534')) throw new Error(`no process of the proxy runs as nobody: ${JSON.stringify(Processes)}`);
  say('the data plane runs as nobody');
}

async function checkHealth(proxy: Docker.Container): Promise<void> {
  await until('the container is healthy', interrupted.signal, async () => {
    const { State } = await proxy.inspect();
    return State.Health?.Status === 'healthy' || undefined;
  });
  say('its health check passes');
}

async function checkEnd(proxy: Docker.Container): Promise<void> {
  await proxy.stop({ t: 60 });
  const { State } = await proxy.inspect();
  if (State.ExitCode !== 0) throw new Error(`stopped by SIGTERM, the proxy ended with ${State.ExitCode}`);
  say('it ends with 0 when it is stopped');
}

async function containerOf(docker: Docker, service: string): Promise<Docker.Container> {
  const label = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
  const [found] = await docker.listContainers({ all: true, filters: { label } });
  if (!found) throw new Error(`compose has made no container for the service ${service}`);
  return docker.getContainer(found.Id);
}
