import type Docker from 'dockerode';
import { ask } from '../demo/ask.ts';
import { freePort } from '../demo/ports.ts';
import { until } from '../demo/until.ts';
import { ComposeProject } from './compose-project.ts';
import type { SmokeAbout } from './smoke-about.ts';

/** compose-examples/quickstart as a user starts it: up, reached, healthy, without rights, down. */
export async function checkQuickstartExample(about: SmokeAbout): Promise<void> {
  const { engine, compose, say } = about;
  const port = await freePort(18_080);
  const env = { HTTP_PORT: String(port), ADMIN_PORT: '0' };
  say('docker compose up -d');
  const file = 'quickstart/compose.yaml';
  await using project = await ComposeProject.up(file, { name: 'fairlead-smoke', compose, engine, env });
  const proxy = await project.container('fairlead');
  try {
    await checkAnswers(port, about);
    const routes = await project.fairlead('routes');
    if (!routes.includes('app.localhost'))
      throw new Error(`\`fairlead routes\` in the container does not show app.localhost:\n${routes}`);
    say('`fairlead routes` works in the container');
    await checkRights(proxy, about);
    await checkHealth(proxy, about);
    await checkEnd(proxy, about);
  } catch (error) {
    const { State } = await proxy.inspect();
    const log = await project.compose('logs', '--tail', '30', 'fairlead');
    console.error(`State of the proxy: ${JSON.stringify(State, undefined, 2)}\n${log}`);
    throw error;
  }
}

async function checkAnswers(port: number, { say, signal }: SmokeAbout): Promise<void> {
  for (const path of ['/', '/api/users']) {
    await until(`http://app.localhost:${port}${path} is answered with 200`, signal, async () => {
      const { status, body } = await ask({ port, path, host: `app.localhost:${port}` });
      if (status !== 200) throw new Error(`${status} ${body}`);
      return true;
    });
    say(`http://app.localhost:${port}${path} is answered`);
  }
}

/** What faces the network may not be root: the data plane has to have given that up, with the capabilities that compose.yaml leaves. */
async function checkRights(proxy: Docker.Container, { say }: SmokeAbout): Promise<void> {
  const { Titles, Processes } = (await proxy.top({ ps_args: '-eo pid,uid,args' })) as {
    Titles: string[];
    Processes: string[][];
  };
  const users = Processes.map((row) => row[Titles.indexOf('UID')]);
  if (!users.includes('65534')) throw new Error(`no process of the proxy runs as nobody: ${JSON.stringify(Processes)}`);
  say('the data plane runs as nobody');
}

async function checkHealth(proxy: Docker.Container, { say, signal }: SmokeAbout): Promise<void> {
  await until('the container is healthy', signal, async () => {
    const { State } = await proxy.inspect();
    return State.Health?.Status === 'healthy' || undefined;
  });
  say('its health check passes');
}

async function checkEnd(proxy: Docker.Container, { say }: SmokeAbout): Promise<void> {
  await proxy.stop({ t: 60 });
  const { State } = await proxy.inspect();
  if (State.ExitCode !== 0) throw new Error(`stopped by SIGTERM, the proxy ended with ${State.ExitCode}`);
  say('it ends with 0 when it is stopped');
}
