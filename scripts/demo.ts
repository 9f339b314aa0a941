import { once } from 'node:events';
import { join } from 'node:path';
import { Page } from './demo/page.ts';
import { ProxyProcess } from './demo/proxy-process.ts';
import { Services } from './demo/services.ts';
import { explainTypo, type Scene, sendRequests, showRoutes, startServices, stopService } from './demo/story.ts';
import { ensureEngine } from './engine.ts';
import { Images } from './images.ts';

const checkout = join(import.meta.dirname, '..');
const interrupted = new AbortController();
// `on`, not `once`: a second, impatient Ctrl-C must not cut the cleaning up.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interrupted.abort(new Error('stopped')));

process.exitCode = await main();

/** The main job from end to end. Returns 0 when everything was as it should be, 1 when something was not, 130 when stopped half-way. */
async function main(): Promise<number> {
  const page = new Page({ colours: process.stdout.isTTY === true && !process.env.NO_COLOR });
  try {
    await using cleanup = new AsyncDisposableStack();
    const scene = await arrange(page, cleanup);
    await startServices(scene);
    await sendRequests(scene);
    await showRoutes(scene);
    await explainTypo(scene);
    await stopService(scene);
    if (process.argv.includes('--once')) {
      page.step('Cleaning up');
      return 0;
    }
    invite(scene);
    if (!scene.signal.aborted) await once(scene.signal, 'abort');
    if (!interrupted.signal.aborted) throw scene.signal.reason;
    page.step('Cleaning up');
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

/** Engine, image and proxy; what is started is ended through `cleanup`, the last first. */
async function arrange(page: Page, cleanup: AsyncDisposableStack): Promise<Scene> {
  const say = (line: string) => page.note(line);
  page.title('Fairlead: a reverse proxy that configures itself from Docker labels');
  page.step('A Docker engine');
  const engine = await ensureEngine({ say });
  cleanup.defer(() => engine.stop());
  const image = await new Images(engine, { say }).ensureNode();
  page.note(`Using ${engine.endpoint}.`);
  interrupted.signal.throwIfAborted();

  page.step('The proxy, from this checkout');
  const proxy = await ProxyProcess.start({ endpoint: engine.endpoint, checkout, signal: interrupted.signal });
  cleanup.defer(() => proxy.stop());
  const ports = [proxy.httpPort, proxy.adminPort];
  page.command(
    `fairlead --http 127.0.0.1:${ports[0]} --https off --admin 127.0.0.1:${ports[1]} --docker ${engine.endpoint}`,
  );
  if (ports[0] !== ProxyProcess.wishedPorts.http || ports[1] !== ProxyProcess.wishedPorts.admin) {
    page.note('(The usual ports, 18080 and 18081, are taken.)');
  }

  const services = new Services({ socket: engine.socket, image, checkout });
  cleanup.defer(() => services.removeAll());
  return {
    page,
    proxy,
    services,
    signal: AbortSignal.any([interrupted.signal, proxy.ended]),
    endpoint: engine.endpoint,
  };
}

function invite({ page, proxy, endpoint }: Scene): void {
  page.step('Your turn');
  page.note(`A site:         http://app.localhost:${proxy.httpPort}/`);
  page.note(`The dashboard:  http://127.0.0.1:${proxy.adminPort}/`);
  page.note(`Why a request goes where it goes:`);
  page.command(`curl 'http://127.0.0.1:${proxy.adminPort}/explain?url=http://api.localhost/v1/users'`);
  page.note('A service of your own:');
  page.command(`docker -H ${endpoint} run --label proxy.host=mine.localhost <image>`);
  page.note('Ctrl-C ends the demo and removes what it made.');
}
