import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DockerView } from '../../src/admin/docker-view.ts';
import type { ExplainView } from '../../src/admin/explain-view.ts';
import type { BackendView, RouteView } from '../../src/admin/route-view.ts';
import type { Problem } from '../../src/labels/problem.ts';
import { eventually } from './engine.ts';
import { testedEngine } from './tested-engine.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** More than any answer in a test takes, the proxy's default timeout apart. */
const answerMsMax = 30_000;
/** A test that is over has no use for the 30 s of grace. */
const stopMsMax = 5_000;

export interface ProxyWish {
  /** As FAIRLEAD_DOCKER takes it; several separated by commas. */
  readonly endpoint: string;
  /** Settings by variable name, on top of a quiet default. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** false: do not wait until `/readyz` says yes. */
  readonly ready?: boolean;
  /** A data directory that is kept; default: one of its own. */
  readonly dataDir?: string;
  /** What runs the command that follows it, such as one that mounts a disk before. */
  readonly under?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `details=` of Proxy-Status: why the proxy answered by itself; null where a backend did. */
  readonly reason: string | null;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** 127.0.0.1 where nothing is said. */
  readonly address?: string;
}

export interface RoutesAnswer {
  readonly version: number;
  readonly docker: DockerView;
  readonly routes: readonly RouteView[];
  readonly problems: readonly Problem[];
}

export interface StatusAnswer {
  readonly requests: number;
  readonly dataPlane: {
    readonly pid: number | null;
    readonly workers: number;
    readonly engine: string;
    readonly tableVersion: number;
    readonly restarts: { readonly workers: number; readonly dataPlane: number };
  };
  readonly warnings: readonly string[];
}

/** A line of the log, or of the access log, which goes to stdout too. */
export type Line = Readonly<Record<string, unknown>> & { readonly message?: string };

/** The proxy of this checkout as a child process, with ports that were free and a data directory of its own. */
export class ProxyProcess {
  readonly child: ChildProcess;
  readonly dataDir: string;
  /** Code and signal of the end. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  httpPort = 0;
  /** 0 where the proxy does not end TLS. */
  httpsPort = 0;
  adminPort = 0;
  #stdout = '';
  #stderr = '';

  static async start(t: TestContext, wish: ProxyWish): Promise<ProxyProcess> {
    const proxy = ProxyProcess.spawn(t, {
      ...wish,
      args: ['serve', ...(wish.args ?? [])],
      env: {
        FAIRLEAD_HTTP: '127.0.0.1:0',
        FAIRLEAD_HTTPS: 'off',
        FAIRLEAD_ADMIN: '127.0.0.1:0',
        FAIRLEAD_DOCKER: wish.endpoint,
        FAIRLEAD_WORKERS: '1',
        ...wish.env,
      },
    });
    const up = await eventually('the proxy says that it is up', async () => {
      proxy.#throwIfEnded();
      return proxy.lines().find(({ message }) => message === 'fairlead is up');
    });
    proxy.httpPort = Number(up.http);
    proxy.httpsPort = Number(up.https ?? 0);
    proxy.adminPort = Number(up.admin);
    if (wish.ready ?? true) await proxy.ready();
    return proxy;
  }

  /** Any command, with nothing set but what is given; ends with the test. */
  static spawn(t: TestContext, wish: Omit<ProxyWish, 'endpoint'>): ProxyProcess {
    const proxy = new ProxyProcess(wish);
    t.after(() => proxy.#end());
    return proxy;
  }

  private constructor({ env = {}, args = [], dataDir, under = [] }: Omit<ProxyWish, 'endpoint'>) {
    this.dataDir = dataDir ?? mkdtempSync(join(tmpdir(), 'fl-e2e-'));
    const [program = '', ...rest] = [...under, process.execPath, main, ...args];
    // Settings of whoever runs the tests must not change them.
    const clean = Object.entries(process.env).filter(([name]) => !/^(FAIRLEAD_|DOCKER_|NODE_)/.test(name));
    this.child = spawn(program, rest, {
      env: { ...Object.fromEntries(clean), FAIRLEAD_DATA: this.dataDir, FAIRLEAD_ENGINE: testedEngine, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // 'close', not 'exit': by then all output has been read.
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** All lines so far that are JSON; a last one that is not whole yet is left out. */
  lines(): readonly Line[] {
    const whole = this.#stdout.slice(0, this.#stdout.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
  }

  /** Lines of the access log about a host. */
  accesses(host: string): readonly Line[] {
    return this.lines().filter((line) => 'requestId' in line && line.message === undefined && line.host === host);
  }

  /** What was said of swaps that touched a route whose id contains `text`. */
  swaps(text: string): readonly Line[] {
    return this.lines().filter(
      ({ message, added, removed, changed }) =>
        message === 'table swapped' && JSON.stringify([added, removed, changed]).includes(text),
    );
  }

  async ready(): Promise<void> {
    await eventually('the proxy is ready', async () => {
      this.#throwIfEnded();
      return (await this.admin('/readyz').catch(() => null))?.status === 200;
    });
  }

  /** One request on a connection of its own. Rejects where the connection ends without an answer. */
  get(host: string, path = '/', { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    return ask(this.httpPort, path, { method, headers: { host, ...headers }, ...(body === undefined ? {} : { body }) });
  }

  /** Asks until an answer is as wanted. */
  async until(what: string, host: string, path: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
    let last = 'nothing was asked';
    try {
      return await eventually(what, async () => {
        const answer = await this.get(host, path).catch((error: unknown) => {
          last = String(error);
          return null;
        });
        if (answer === null) return undefined;
        last = `${answer.status} ${answer.reason ?? ''} ${answer.body.slice(0, 200)}`;
        return wanted(answer) ? answer : undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; last: ${last}; its log:\n${this.#stdout.slice(-3_000)}`);
    }
  }

  /** Asks until a backend answers with 200. */
  live(host: string, path = '/'): Promise<Answer> {
    return this.until(`${host}${path} is live`, host, path, ({ status }) => status === 200);
  }

  admin(path: string, about: Ask = {}): Promise<Answer> {
    return ask(this.adminPort, path, { ...about, headers: { accept: 'application/json', ...about.headers } });
  }

  async routes(): Promise<RoutesAnswer> {
    return JSON.parse((await this.admin('/routes')).body) as RoutesAnswer;
  }

  /** The first route of a host, as `/routes` shows it. */
  async route(host: string): Promise<RouteView | undefined> {
    return (await this.routes()).routes.find((route) => route.host === host);
  }

  /** Waits until one backend of a host is in a state, and the workers know it. */
  async backend(host: string, state: BackendView['state']): Promise<BackendView> {
    const { found, version } = await eventually(`a backend of ${host} is ${state}`, async () => {
      const { routes, version } = await this.routes();
      const backends = routes.find((route) => route.host === host)?.pool.backends;
      const found = backends?.find((backend) => backend.state === state);
      return found && { found, version };
    });
    await eventually('the workers have the table', async () => (await this.status()).dataPlane.tableVersion >= version);
    return found;
  }

  /** Waits until `/routes` tells a problem of a container. */
  problem(container: string, label: string): Promise<Problem> {
    return eventually(`${label} of ${container} is told as a problem`, async () =>
      (await this.routes()).problems.find((problem) => problem.container === container && problem.label === label),
    );
  }

  async explain(
    url: string,
    about: { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<ExplainView> {
    const query = new URLSearchParams({ url });
    for (const [name, value] of Object.entries(about.headers ?? {})) query.append('header', `${name}: ${value}`);
    return JSON.parse((await this.admin(`/explain?${query}`)).body) as ExplainView;
  }

  async status(): Promise<StatusAnswer> {
    return JSON.parse((await this.admin('/status')).body) as StatusAnswer;
  }

  /** SIGTERM, and the end that follows. */
  async stop(): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async #end(): Promise<void> {
    const force = setTimeout(() => this.child.kill('SIGKILL'), stopMsMax);
    this.child.kill('SIGTERM');
    await this.ended;
    clearTimeout(force);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  #throwIfEnded(): void {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`the proxy ended with ${exitCode ?? signalCode}:\n${this.#stderr}${this.#stdout}`);
  }
}

/** One request on a connection of its own. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, address: host = '127.0.0.1' }: Ask,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const signal = AbortSignal.timeout(answerMsMax);
  const asked = request({ host, port, path, method, headers, agent: false, signal }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject).on('end', () => {
      const reason = /details=([\w-]+)/.exec(String(response.headers['proxy-status'] ?? ''))?.[1] ?? null;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, reason });
    });
  });
  asked.on('error', reject).end(body);
  return promise;
}
