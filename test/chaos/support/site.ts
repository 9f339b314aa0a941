import type { TestContext } from 'node:test';
import type Docker from 'dockerode';
import { eventually, type TestEngine, testEngine } from '../../support/engine.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { Relay } from '../../support/relay.ts';
import { Load } from './load.ts';
import type { Outcome } from './scenario.ts';

const servedCount = 200;

/** A site with backends that come and go, beside a route that nothing is done to, behind a proxy of two workers, under load. */
export class Site {
  readonly engine: TestEngine;
  readonly proxy: ProxyProcess;
  /** The proxy's way to the engine. */
  readonly relay: Relay;
  readonly host: string;
  readonly name: string;
  readonly #image: string;
  #load: Load | null = null;
  #others: Load | null = null;
  #made = 0;

  /** @param image the proxy's own, which has `whoami`. */
  static async open(t: TestContext, { image, backends }: { image: string; backends: number }) {
    const engine = testEngine(t);
    const relay = new Relay(t, engine.socket);
    await relay.open();
    const proxy = await ProxyProcess.start(t, { endpoint: relay.endpoint, env: { FAIRLEAD_WORKERS: '2' } });
    const site = new Site({ engine, proxy, relay, image });
    const containers: Docker.Container[] = [];
    for (let at = 0; at < backends; at++) containers.push(await site.backend());
    const other = `other.${engine.mark}.test`;
    await site.#whoami(other, 'bystander');
    await proxy.backend(other, 'healthy');
    await proxy.live(other);
    await proxy.live(site.host);
    site.#load = Load.start(t, { port: proxy.httpPort, host: site.host, name: site.name });
    site.#others = Load.start(t, { port: proxy.httpPort, host: other, name: 'bystander' });
    return { site, containers };
  }

  private constructor(about: { engine: TestEngine; proxy: ProxyProcess; relay: Relay; image: string }) {
    const { engine, proxy, relay, image } = about;
    this.engine = engine;
    this.proxy = proxy;
    this.relay = relay;
    this.#image = image;
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
    await eventually(`${count} backends take requests`, async () => {
      const backends = (await this.proxy.route(this.host))?.pool.backends ?? [];
      return backends.filter(({ state }) => state === 'healthy').length === count;
    });
  }

  /** Waits until the proxy has taken some hundred more requests: what was done has been felt by then, or never is. */
  async served(): Promise<void> {
    const before = (await this.proxy.status()).requests;
    await eventually('requests come', async () => (await this.proxy.status()).requests >= before + servedCount);
  }

  async end(note = ''): Promise<Outcome> {
    const [tally, others] = await Promise.all([(this.#load as Load).end(), (this.#others as Load).end()]);
    return { tally, others, note };
  }

  #whoami(host: string, name: string): Promise<Docker.Container> {
    return this.engine.container({
      image: this.#image,
      command: ['whoami', '--port', '3000', '--name', name],
      // The image's own HEALTHCHECK is first asked after 10 s.
      labels: { 'proxy.host': host, 'proxy.port': '3000', 'proxy.health': '/health' },
    });
  }
}
