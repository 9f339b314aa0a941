import { join } from 'node:path';
import { command, findProgram, systemEnvironment } from './command.ts';
import { ensureCompose } from './compose.ts';
import { type Engine, ensureEngine } from './engine.ts';
import { Images } from './images.ts';
import { checkHttpsExample } from './smoke/https-example.ts';
import { checkQuickstartExample } from './smoke/quickstart-example.ts';

const checkout = join(import.meta.dirname, '..');
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interrupted.abort(new Error('stopped')));
const say = (line: string) => console.log(`# ${line}`);

process.exitCode = await main();

/** The image as a user builds it, and the compose examples as a user starts them. */
async function main(): Promise<number> {
  try {
    await using cleanup = new AsyncDisposableStack();
    const engine = await ensureEngine({ say });
    cleanup.defer(() => engine.stop());
    await buildImage(engine);
    const about = { engine, compose: await ensureCompose({ say }), say, signal: interrupted.signal };
    await checkQuickstartExample(about);
    await checkHttpsExample(about);
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
