import type { TestContext } from 'node:test';
import type Docker from 'dockerode';
import { eventually, type TestEngine, testEngine } from '../../support/engine.ts';
import { ProxyProcess, type ProxyWish } from '../../support/proxy-process.ts';
import { Load } from './load.ts';
import type { Outcome } from './scenario.ts';

/** A machine that is busy with other things may take longer than the usual 10 s until a container answers. */
const wait = '30s';
/** The same for what scenarios wait for: only a hang is to end one. */
export const patienceMs = 60_000;

export interface SiteWish {
  /** The proxy's own, which has `whoami`. */
  readonly image: string;
  /** Containers of the site at the start; 0 where `bring` makes them. */
  readonly backends: number;
  readonly bring?: (site: Site) => Promise<unknown>;
  /** Default: the one that all tests share. */
  readonly engine?: TestEngine;
  /** The proxy's way to the engine, where it is not the engine's own socket. */
  readonly endpoint?: string;
  /** Settings of the proxy. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of all containers. */
  readonly host?: Docker.HostConfig;
  readonly env?: Readonly<Record<string, string>>;
}

/** A site with backends that come and go, beside a route that nothing is done to, behind a proxy of two workers, under load. */
export class Site {
  readonly engine: TestEngine;
  readonly proxy: ProxyProcess;
  readonly host: string;
  readonly name: string;
  readonly #wish: SiteWish;
  #load: Load | null = null;
  #others: Load | null = null;
  #made = 0;

  static async open(t: TestContext, wish: SiteWish) {
    const engine = wish.engine ?? testEngine(t);
    const proxy = await ProxyProcess.start(t, proxyWish(wish, engine));
    const site = new Site(wish, engine, proxy);
    const containers: Docker.Container[] = [];
    for (let at = 0; at < wish.backends; at++) containers.push(await site.backend());
    await wish.bring?.(site);
    const other = `other.${engine.mark}.test`;
    await site.#whoami(other, 'bystander');
    await proxy.backend(other, 'healthy');
    await proxy.live(other);
    await proxy.live(site.host);
    site.#load = Load.start(t, { port: proxy.httpPort, host: site.host, name: site.name });
    site.#others = Load.start(t, { port: proxy.httpPort, host: other, name: 'bystander' });
    return { site, containers };
  }

  private constructor(wish: SiteWish, engine: TestEngine, proxy: ProxyProcess) {
    this.#wish = wish;
    this.engine = engine;
    this.proxy = proxy;
    this.host = `site.${engine.mark}.test`;
    this.name = `site-${engine.mark}`;
  }

  /** One more backend of the site, started; it may not listen yet. */
  backend(): Promise<Docker.Container> {
    this.#made++;
    return this.#whoami(this.host, `${this.name}-${this.#made}`);
  }

  /** Waits until so many backends take requests. */
  async healthy(count: number): Promise<void> {
    const isSo = async () => {
      const backends = (await this.proxy.route(this.host))?.pool.backends ?? [];
      return backends.filter(({ state }) => state === 'healthy').length === count;
    };
    await eventually(`${count} backends take requests`, isSo, patienceMs);
  }

  /** Waits until the proxy has taken so many more requests: by 200 what was done has been felt, or never is. */
  async served(count = 200): Promise<void> {
    const before = (await this.proxy.status()).requests;
    const isSo = async () => (await this.proxy.status()).requests >= before + count;
    await eventually('requests come', isSo, patienceMs);
  }

  async end(note = ''): Promise<Outcome> {
    const [tally, others] = await Promise.all([(this.#load as Load).end(), (this.#others as Load).end()]);
    return { tally, others, note };
  }

  /** Starts one more proxy like this one, ends it, and says how many ms it took to be ready. */
  async startAnother(t: TestContext): Promise<number> {
    const startedMs = performance.now();
    const other = await ProxyProcess.start(t, proxyWish(this.#wish, this.engine));
    const readyMs = performance.now() - startedMs;
    await other.stop();
    return readyMs;
  }

  /** What a container of the site is labelled with. */
  labels(host = this.host): Record<string, string> {
    // The image's own HEALTHCHECK is first asked after 10 s.
    return { 'proxy.host': host, 'proxy.port': '3000', 'proxy.health': '/health', 'proxy.wait': wait };
  }

  #whoami(host: string, name: string): Promise<Docker.Container> {
    return this.engine.container({
      image: this.#wish.image,
      command: ['whoami', '--port', '3000', '--name', name],
      labels: this.labels(host),
      env: this.#wish.env ?? {},
      host: this.#wish.host ?? {},
    });
  }
}

const proxyWish = ({ endpoint, settings }: SiteWish, engine: TestEngine): ProxyWish => ({
  endpoint: endpoint ?? engine.endpoint,
  env: { FAIRLEAD_WORKERS: '2', ...settings },
});
