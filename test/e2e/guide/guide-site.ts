import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type Docker from 'dockerode';
import { parse } from 'yaml';
import { ensureCompose } from '../../../scripts/compose.ts';
import { ComposeProject } from '../../../scripts/smoke/compose-project.ts';
import { H2Client } from '../../engine/h2/support/h2-client.ts';
import { addressOf, eventually, type TestEngine, testEngine } from '../../support/engine.ts';
import { testFolder } from '../../support/issuer-settings.ts';
import { type Answer, type Ask, ask, type RoutesAnswer, type StatusAnswer } from '../../support/proxy-process.ts';
import { isRefusedName, type SecureAnswer, secureGet } from '../../support/secure-proxy.ts';
import { testedEngine } from '../../support/tested-engine.ts';

/** Below compose-examples. */
const example = 'nginx-guide/compose.yaml';
export const guideFile = join(import.meta.dirname, '../../../compose-examples', example);
const token = 'a-token-of-the-tests';
/** On a machine under load two nodes and an engine take their time. */
const startMsMax = 60_000;

type Service = 'app-1' | 'app-2' | 'git' | 'n8n' | 'coolify';

export interface GuideWish {
  /** `fairleadImage()`: named by each test file itself, so that the runner builds it. */
  readonly image: string;
  readonly services: readonly Service[];
  /** Labels of the file with another time, so that nobody waits a minute; one that is not in the file is refused. */
  readonly sooner?: Partial<Record<Service, Readonly<Record<string, string>>>>;
  /** Default: below `.test`, for which the internal CA signs. */
  readonly domain?: string;
  /** Further settings of the proxy. */
  readonly env?: Readonly<Record<string, string>>;
  /** Mounts of the proxy: `<file here>:<path there>:ro`. */
  readonly volumes?: readonly string[];
  /** Ports of this machine; those that the engine picks where nothing is said. */
  readonly ports?: { readonly http: number; readonly https: number };
}

/** compose-examples/nginx-guide as compose starts it, on the real engine, until the test ends. */
export class GuideSite {
  readonly engine: TestEngine;
  readonly domain: string;
  readonly #services: readonly Service[];
  readonly #project: ComposeProject;
  #address = '';

  static async up(t: TestContext, wish: GuideWish): Promise<GuideSite> {
    const engine = testEngine(t);
    const name = `fl-guide-${engine.mark}`;
    const domain = wish.domain ?? `${engine.mark}.test`;
    let project: ComposeProject | undefined;
    // Before the files that it was made of are removed.
    t.after(() => project?.[Symbol.asyncDispose]());
    project = await ComposeProject.up(example, {
      name,
      compose: await ensureCompose({ say: (line) => t.diagnostic(line) }),
      engine,
      env: {
        DOMAIN: domain,
        ACME_EMAIL: 'admin@example.com',
        ADMIN_PORT: '0',
        HTTP_PORT: String(wish.ports?.http ?? 0),
        HTTPS_PORT: String(wish.ports?.https ?? 0),
      },
      services: ['fairlead', ...wish.services],
      over: [overlay(t, wish)],
    });
    const site = new GuideSite({ engine, domain, project, services: wish.services });
    await site.ready();
    return site;
  }

  private constructor(
    about: Pick<GuideSite, 'engine' | 'domain'> & Pick<GuideWish, 'services'> & { project: ComposeProject },
  ) {
    this.engine = about.engine;
    this.domain = about.domain;
    this.#services = about.services;
    this.#project = about.project;
  }

  /** Where the proxy's container can be dialled: 80, 443, and the admin API on 8080. */
  get address(): string {
    return this.#address;
  }

  /** Waits until all that was started serves; to be called again where the proxy was started again. */
  async ready(): Promise<void> {
    this.#address = await addressOf(await this.container('fairlead'), `fl-guide-${this.engine.mark}_web`);
    const wanted = Map.groupBy(this.#services, (service) => service.replace(/-\d$/, ''));
    let last = '';
    const isReady = async () => {
      const answer = await this.admin('/readyz').catch((error: Error) => error);
      last = answer instanceof Error ? answer.message : answer.body;
      return !(answer instanceof Error) && answer.status === 200;
    };
    try {
      await eventually('the proxy is ready', isReady, startMsMax);
      for (const [name, containers] of wanted) await this.serving(name, containers.length);
    } catch (error) {
      throw new Error(
        `${(error as Error).message}; ${last}; its log:\n${await this.compose('logs', '--no-log-prefix', '--tail', '20', 'fairlead')}`,
      );
    }
  }

  host(name: string): string {
    return `${name}.${this.domain}`;
  }

  container(service: Service | 'fairlead'): Promise<Docker.Container> {
    return this.#project.container(service);
  }

  /** Any command of compose about this site. */
  compose(...args: string[]): Promise<string> {
    return this.#project.compose(...args);
  }

  /** One request over plain HTTP on a connection of its own. */
  get(name: string, path = '/', about: Ask = {}): Promise<Answer> {
    return ask(80, path, { ...about, address: this.address, headers: { host: this.host(name), ...about.headers } });
  }

  /** One request over TLS on a connection of its own. */
  async secureGet(name: string, path = '/'): Promise<SecureAnswer> {
    return secureGet(443, this.host(name), { ca: await this.rootPem(), path, address: this.address });
  }

  /** A client that speaks HTTP/2 with one host: what it asks in one turn arrives at once. */
  async http2(t: TestContext, name: string): Promise<H2Client> {
    const servername = this.host(name);
    const tls = { ca: await this.rootPem(), servername, rejectUnauthorized: true };
    return eventually(`${servername} is known to the workers`, () =>
      H2Client.connect(t, `https://${this.address}`, tls).catch((error: unknown) => {
        if (isRefusedName(error)) return undefined;
        throw error;
      }),
    );
  }

  admin(path: string, about: Ask = {}): Promise<Answer> {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}`, ...about.headers };
    return ask(8080, path, { ...about, address: this.address, headers });
  }

  async routes(): Promise<RoutesAnswer> {
    return JSON.parse((await this.admin('/routes')).body) as RoutesAnswer;
  }

  async rootPem(): Promise<string> {
    return (await this.admin('/certs/root.pem')).body;
  }

  /** Waits until so many containers of a host take requests, and all workers know it. */
  async serving(name: string, containers: number): Promise<void> {
    const version = await eventually(`${containers} of ${name} serve`, async () => {
      const { routes, version } = await this.routes();
      const backends = routes.find(({ host }) => host === this.host(name))?.pool.backends ?? [];
      return backends.filter(({ state }) => state === 'healthy').length === containers && version;
    });
    await eventually('the workers have the table', async () => {
      const { dataPlane } = JSON.parse((await this.admin('/status')).body) as StatusAnswer;
      return dataPlane.tableVersion >= version;
    });
  }

  /** The lines of the proxy's access log about a path of a host. */
  async accesses(name: string, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const container = await this.container('fairlead');
    const log = (await container.logs({ stdout: true, stderr: false, follow: false })).toString('utf8');
    // Docker puts eight bytes before each piece (stream, length).
    return log
      .split('\n')
      .map((line) => line.slice(line.indexOf('{')))
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter(({ host, target }) => host === this.host(name) && target === path);
  }
}

/** A compose file that is laid over the example: what only the tests need, and labels whose times are shorter. */
function overlay(t: TestContext, { image, env, volumes, sooner = {} }: GuideWish): string {
  const labelled = labelsOfGuide();
  const services = Object.entries(sooner).map(([service, labels]) => {
    for (const key of Object.keys(labels))
      if (!(key in (labelled[service] ?? {}))) throw new Error(`${service} has no label ${key} in ${guideFile}`);
    return [service, { labels }] as const;
  });
  const environment = {
    FAIRLEAD_ADMIN_TOKEN: token,
    FAIRLEAD_ENGINE: testedEngine,
    // Containers of other tests have public names, of which the real issuer must not hear.
    FAIRLEAD_ACME_DIRECTORY: 'https://127.0.0.1:9/directory',
    ...env,
  };
  const fairlead = { image, environment, ...(volumes ? { volumes } : {}) };
  const file = join(testFolder(t), 'over.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ services: { fairlead, ...Object.fromEntries(services) } }));
  return file;
}

/** The labels of each service, as they stand in the file. */
export function labelsOfGuide(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const { services } = parse(readFileSync(guideFile, 'utf8'), { merge: true }) as {
    services: Record<string, { labels?: Record<string, string> }>;
  };
  return Object.fromEntries(Object.entries(services).map(([name, { labels = {} }]) => [name, labels]));
}
