import { dirname, join } from 'node:path';
import { Backend } from './backend.ts';
import type { BenchContext } from './bench.ts';
import { Carriers } from './carriers.ts';
import { checkForwarding, type Protocol } from './forwarding-check.ts';
import { type Identity, makeIdentity } from './identity.ts';
import { ensurePrograms, type Program, versionOf } from './programs.ts';
import { startCaddy } from './proxies/caddy.ts';
import type { Contender, ContenderOptions } from './proxies/contender.ts';
import { Fairlead } from './proxies/fairlead.ts';
import { startHaproxy } from './proxies/haproxy.ts';
import { startHttpProxy } from './proxies/http-proxy.ts';
import { startNginx } from './proxies/nginx.ts';
import { startNodeRelay } from './proxies/node-relay.ts';
import { startVarnish } from './proxies/varnish.ts';
import { Workspace } from './workspace.ts';

/** The core of client and backend, and that of the proxies. */
const clientCore = 0;
const proxyCore = 1;

/** `varnish-no-log`: without the process that writes its log to a file. */
export type Entrant =
  | 'nginx'
  | 'fairlead'
  | 'haproxy'
  | 'caddy'
  | 'http-proxy'
  | 'node-relay'
  | 'varnish'
  | 'varnish-no-log';

/** What was found and started for a bench that compares proxies: the backend, and a route to it in Fairlead. */
export class Field implements AsyncDisposable {
  readonly workspace: Workspace;
  readonly backend: Backend;
  readonly wrk: string;
  readonly luajit: string;
  /** Of client and backend; undefined where all share all cores. */
  readonly core: number | undefined;
  readonly #stack: AsyncDisposableStack;
  readonly #programs: ReadonlyMap<Program, string>;
  readonly #carriers: Carriers;
  readonly #identity: Identity | undefined;
  readonly #cache: boolean;
  readonly #proxies: Contender[] = [];
  readonly #signal: AbortSignal;

  private constructor(
    parts: { workspace: Workspace; backend: Backend; wrk: string; luajit: string; core: number | undefined },
    inner: {
      stack: AsyncDisposableStack;
      programs: ReadonlyMap<Program, string>;
      carriers: Carriers;
      identity: Identity | undefined;
      cache: boolean;
    },
    signal: AbortSignal,
  ) {
    this.workspace = parts.workspace;
    this.backend = parts.backend;
    this.wrk = parts.wrk;
    this.luajit = parts.luajit;
    this.core = parts.core;
    this.#stack = inner.stack;
    this.#programs = inner.programs;
    this.#carriers = inner.carriers;
    this.#identity = inner.identity;
    this.#cache = inner.cache;
    this.#signal = signal;
  }

  /** Throws when what measures cannot be had; a peer that cannot is left out later. */
  static async open(
    context: BenchContext,
    options: {
      readonly pinned?: boolean;
      readonly programs?: readonly Program[];
      /** The proxies speak HTTPS, all with one certificate, instead of plain HTTP. */
      readonly secure?: boolean;
      /** The proxies keep what the backend lets them. */
      readonly cache?: boolean;
    } = {},
  ): Promise<Field> {
    const { say, signal } = context;
    const { pinned = true, programs: more = [], secure = false, cache = false } = options;
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(new Workspace());
    const wanted: Program[] = ['taskset', 'wrk', 'luajit', 'nginx', 'haproxy', 'caddy', ...more];
    const programs = await ensurePrograms(wanted, say);
    const [wrk, luajit] = [programs.get('wrk'), programs.get('luajit')];
    if (wrk === undefined || luajit === undefined || !programs.has('taskset'))
      throw new Error('wrk, luajit and taskset are needed: apt-get install wrk luajit util-linux');
    const core = pinned ? clientCore : undefined;
    const backend = stack.use(await Backend.start(context, { dir: workspace.dir, core }));
    const carriers = stack.use(await Carriers.open(say));
    const name = 'bench';
    const host = 'bench.test';
    const identity = secure ? await makeIdentity(join(workspace.dir, 'identity'), { name, host }) : undefined;
    await carriers.startCarrier('route', {
      ...{ 'proxy.host': host, 'proxy.port': String(backend.port) },
      ...(secure ? { 'proxy.tls': `cert:${name}` } : {}),
      ...(cache ? { 'proxy.cache': 'on' } : {}),
    });
    const inner = { stack: stack.move(), programs, carriers, identity, cache };
    return new Field({ workspace, backend, wrk, luajit, core }, inner, signal);
  }

  /** The path of a program that was asked for in `open`. */
  program(name: Program): string | undefined {
    return this.#programs.get(name);
  }

  /** A further route in Fairlead to the backend, with labels of its own. */
  async addRoute(name: string, host: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#carriers.startCarrier(name, {
      ...{ 'proxy.host': host, 'proxy.port': String(this.backend.port) },
      ...labels,
    });
  }

  /** Starts all that are installed, in this order, each checked to serve and to do the header work. */
  async startAll(entrants: readonly Entrant[]): Promise<Contender[]> {
    const started: Contender[] = [];
    for (const entrant of entrants) {
      const proxy = await this.start(entrant);
      if (proxy !== null) started.push(proxy);
    }
    return started;
  }

  /** Null where the program is not installed. */
  async start(entrant: Entrant, { workers = 1 }: { workers?: number } = {}): Promise<Contender | null> {
    const options = {
      dir: this.workspace.folder(entrant),
      backendPort: this.backend.port,
      identity: this.#identity,
      cache: this.#cache,
      workers,
      core: this.core === undefined ? undefined : proxyCore,
    };
    const proxy = await this.#start(entrant, options);
    if (proxy === null) return null;
    this.#stack.use(proxy);
    this.#proxies.push(proxy);
    if (proxy instanceof Fairlead) await proxy.ready(this.#signal);
    if (entrant !== 'node-relay') await this.check(proxy, this.#identity === undefined ? 'http' : 'https');
    return proxy;
  }

  /** Throws when a proxy does not do the header work of this protocol. */
  async check(proxy: Contender, protocol: Protocol): Promise<void> {
    await checkForwarding(proxy, { protocol, signal: this.#signal });
  }

  async #start(entrant: Entrant, options: ContenderOptions): Promise<Contender | null> {
    if (entrant === 'http-proxy') return startHttpProxy(options);
    if (entrant === 'node-relay') return startNodeRelay(options, this.#signal);
    if (entrant === 'fairlead') {
      const certificates = options.identity && dirname(options.identity.certFile);
      return Fairlead.start({ endpoint: this.#carriers.endpoint, certificates, ...options });
    }
    if (entrant === 'varnish' || entrant === 'varnish-no-log') return this.#startVarnish(entrant, options);
    const path = this.#programs.get(entrant);
    if (path === undefined) return null;
    const start = { nginx: startNginx, haproxy: startHaproxy, caddy: startCaddy }[entrant];
    return start(path, await versionOf(entrant, path), options);
  }

  async #startVarnish(entrant: 'varnish' | 'varnish-no-log', options: ContenderOptions): Promise<Contender | null> {
    const [daemon, log] = [this.#programs.get('varnishd'), this.#programs.get('varnishncsa')];
    if (daemon === undefined || log === undefined) return null;
    const programs = { daemon, log: entrant === 'varnish' ? log : null };
    return startVarnish(entrant, programs, await versionOf('varnishd', daemon), options);
  }

  /** Of all that took part so far, with those of the named programs. */
  async versions(programs: readonly Program[]): Promise<string[]> {
    const tools = programs.flatMap((program) => {
      const path = this.#programs.get(program);
      return path === undefined ? [] : [versionOf(program, path)];
    });
    return [
      ...new Set(this.#proxies.map(({ version }) => version)),
      ...(await Promise.all(tools)),
      `Node ${process.versions.node}`,
      this.#carriers.version,
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** What every proxy does and how it stands, for the method of each bench that uses a field. */
export const fieldMethod = [
  'The backend (bench/lua/backend.lua) answers from memory.',
  "Fairlead's route comes from a running container on the host's network that carries only labels; its `proxy.port` is the backend's.",
  'All do the same work: routing by Host, connections to the backend kept open, X-Real-IP, X-Forwarded-For, -Proto, -Host, -Port, X-Request-Id (checked before the start), an access log to a file in memory. nginx, Fairlead and http-proxy write their log in batches; haproxy and caddy cannot and write line by line. nginx has larger buffers than its default, which helps it with large bodies; haproxy keeps its own of 16 KiB.',
];

export const pinnedMethod =
  'The proxy that is measured has core 1 for itself, the others stand by idle (`taskset`; Fairlead with both its processes and `--workers 1`); the client, with one thread, and the backend share core 0.';
