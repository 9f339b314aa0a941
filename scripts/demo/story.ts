import { type Answer, ask } from './ask.ts';
import type { Page } from './page.ts';
import type { ProxyProcess } from './proxy-process.ts';
import type { Services } from './services.ts';
import { until } from './until.ts';

export interface Scene {
  readonly page: Page;
  readonly proxy: ProxyProcess;
  readonly services: Services;
  /** Aborted when the demo is to end: by Ctrl-C, or because the proxy has ended. */
  readonly signal: AbortSignal;
  /** Of the engine: `unix:///…`. */
  readonly endpoint: string;
}

interface Problem {
  readonly container: string;
  readonly label: string;
  readonly expected: string;
  readonly suggestion: string;
}

/** Two services by labels alone: one of two containers, one below a path. */
export async function startServices({ page, services, signal }: Scene): Promise<void> {
  page.step('Two services, by labels alone');
  const app = { 'proxy.host': 'app.localhost' };
  const api = { 'proxy.host': 'api.localhost', 'proxy.path': '/v1' };
  for (const [name, labels] of [
    ['demo-app-1', app],
    ['demo-app-2', app],
    ['demo-api', api],
  ] as const) {
    signal.throwIfAborted();
    page.command(dockerRun(name, labels));
    await services.start(name, labels);
  }
}

/** Requests by host and path; both containers of a pool take their turns. */
export async function sendRequests(scene: Scene): Promise<void> {
  const { page, proxy } = scene;
  page.step('Requests');
  const turns = new Set<string>();
  await until('both containers of app.localhost answer', scene.signal, async () => {
    const answer = await get(proxy, 'app.localhost', '/');
    for (const name of ['demo-app-1', 'demo-app-2']) if (answer.body.includes(name)) turns.add(name);
    return turns.size === 2 || undefined;
  });
  for (const [host, path, status] of [
    ['app.localhost', '/', 200],
    ['app.localhost', '/some/page', 200],
    ['api.localhost', '/v1/users?page=2', 200],
    ['api.localhost', '/elsewhere', 404],
  ] as const) {
    const answer = await until(`${host}${path} is answered with ${status}`, scene.signal, async () => {
      const got = await get(proxy, host, path);
      return got.status === status ? got : undefined;
    });
    showAnswer(scene, host, path, answer);
  }
}

/** The table of routes, as `fairlead routes` prints it. */
export async function showRoutes({ page, proxy }: Scene): Promise<void> {
  page.step('What is live, and why');
  page.command(`curl http://127.0.0.1:${proxy.adminPort}/routes?format=text`);
  const { status, body } = await ask({ port: proxy.adminPort, path: '/routes?format=text' });
  if (status !== 200 || !body.includes('app.localhost'))
    throw new Error(`/routes does not show app.localhost: ${status}\n${body}`);
  page.output(body);
}

/** A label that nobody knows is a problem that is shown, with the one that was meant. */
export async function explainTypo({ page, proxy, services, signal }: Scene): Promise<void> {
  page.step('A typo is explained');
  const labels = { 'proxy.hots': 'shop.localhost' };
  page.command(dockerRun('demo-shop', labels));
  await services.start('demo-shop', labels);
  const problem = await until('the typo is reported by /routes', signal, async () => {
    const { body } = await ask({ port: proxy.adminPort, path: '/routes', accept: 'application/json' });
    const { problems } = JSON.parse(body) as { problems: Problem[] };
    return problems.find(({ container, label }) => container === 'demo-shop' && label === 'proxy.hots');
  });
  if (!problem.suggestion.includes('proxy.host'))
    throw new Error(`the typo is not understood: ${JSON.stringify(problem)}`);
  page.output(`${problem.container}: ${problem.label}: ${problem.suggestion}\nexpected: ${problem.expected}`);
}

/** A service that is down is a 503 that says so, never a 404 and never somebody else's site. */
export async function stopService(scene: Scene): Promise<void> {
  const { page, proxy, services } = scene;
  page.step('A service goes down: a request waits for a successor (10 s, proxy.wait), then the answer says why');
  page.command('docker stop demo-api');
  await services.stop('demo-api');
  const answer = await until('api.localhost is answered with 503', scene.signal, async () => {
    const got = await get(proxy, 'api.localhost', '/v1/users');
    return got.status === 503 ? got : undefined;
  });
  if (!String(answer.headers['proxy-status']).startsWith('fairlead'))
    throw new Error('the 503 carries no Proxy-Status');
  showAnswer(scene, 'api.localhost', '/v1/users', answer, ['proxy-status', 'retry-after']);
}

const get = (proxy: ProxyProcess, host: string, path: string) =>
  ask({ port: proxy.httpPort, host: `${host}:${proxy.httpPort}`, path });

const dockerRun = (name: string, labels: Readonly<Record<string, string>>) =>
  `docker run --name ${name} ${Object.entries(labels)
    .map(([label, value]) => `--label ${label}=${value}`)
    .join(' ')} fairlead whoami --port 3000`;

function showAnswer(
  { page, proxy }: Scene,
  host: string,
  path: string,
  answer: Answer,
  headers: readonly string[] = [],
): void {
  const quote = path.includes('?') ? "'" : '';
  page.command(`curl ${quote}http://${host}:${proxy.httpPort}${path}${quote}`);
  const lines = headers.flatMap((name) => (answer.headers[name] ? [`${name}: ${answer.headers[name]}`] : []));
  page.output([`${answer.status}, ${answer.tookMs.toFixed(1)} ms`, ...lines, excerpt(answer.body)].join('\n'));
}

/** The first lines of a body: enough to see who answered. */
function excerpt(body: string): string {
  const lines = body.trim().split('\n');
  const shown = lines.slice(0, 4).map((line) => (line.length > 110 ? `${line.slice(0, 109)}…` : line));
  return lines.length > 4 ? `${shown.join('\n')}\n…` : shown.join('\n');
}
