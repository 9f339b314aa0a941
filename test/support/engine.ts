import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';

/** What a test wants of a container; everything else is the engine's default. */
export interface ContainerWish {
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: the test backend, a static server on port 3000 that answers `/` with $NAME (scripts/images/backend-image.ts). */
  readonly image?: string;
  /** Default: the image's. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Names or ids of networks; the default bridge without any. */
  readonly networks?: readonly string[];
  readonly healthcheck?: Docker.HealthConfig;
  /** Seconds from its stop signal to the SIGKILL. */
  readonly stopTimeout?: number;
  /** Laid over the defaults (Init on). */
  readonly host?: Docker.HostConfig;
  /** Default true. */
  readonly start?: boolean;
}

/** An engine in a test's hands: whatever is made through it goes when the test ends. */
export interface TestEngine {
  readonly docker: Docker;
  readonly socket: string;
  /** `unix:///…`, as the setting FAIRLEAD_DOCKER takes it. */
  readonly endpoint: string;
  /** A word of its own for each test, for host names (`app.${mark}.test`): tests run side by side on one engine, and a proxy sees the containers of all. */
  readonly mark: string;
  container(wish?: ContainerWish): Promise<Docker.Container>;
  network(options?: Partial<Docker.NetworkCreateOptions>): Promise<Docker.Network>;
}

export const backendImage = 'fairlead-test-backend:latest';

/** The main engine. `npm test` starts one and names it in FAIRLEAD_TEST_DOCKER. */
export const testEngine = (t: TestContext): TestEngine => engineOf(t, socketFrom('FAIRLEAD_TEST_DOCKER'));

/** The second one, Docker 26.1, in a network namespace of its own: no published ports. */
export const testEngine26 = (t: TestContext): TestEngine => engineOf(t, socketFrom('FAIRLEAD_TEST_DOCKER26'));

/** The proxy's own image, built from the Dockerfile. `npm test` builds it only where a chosen test file names this function. */
export function fairleadImage(): string {
  const tag = process.env.FAIRLEAD_TEST_IMAGE;
  if (!tag) throw new Error('No image of the proxy: run this file through `npm test -- <file>`.');
  return tag;
}

export function engineOf(t: TestContext, socket: string): TestEngine {
  const docker = new Docker({ socketPath: socket });
  const mark = `t${randomBytes(4).toString('hex')}`;
  const made: { remove(options?: object): Promise<unknown> }[] = [];
  t.after(async () => {
    // Last made, first removed: a network can go only after its containers.
    for (const thing of made.reverse()) await thing.remove({ force: true, v: true }).catch(unlessGone);
  });
  return {
    docker,
    socket,
    endpoint: `unix://${socket}`,
    mark,
    async container(wish = {}) {
      const container = await docker.createContainer(optionsOf(wish, mark));
      made.push(container);
      // Engines before 25 take one network at creation.
      for (const name of wish.networks?.slice(1) ?? [])
        await docker.getNetwork(name).connect({ Container: container.id });
      if (wish.start ?? true) await container.start();
      return container;
    },
    async network(options = {}) {
      const network = await docker.createNetwork({ Name: `${mark}-${made.length}`, ...options });
      made.push(network);
      return network;
    },
  };
}

/** Where a container can be dialled: its address on a network (the default bridge without a name). */
export async function addressOf(container: Docker.Container, network = 'bridge'): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  const address = NetworkSettings.Networks[network]?.IPAddress;
  if (!address) throw new Error(`container ${container.id.slice(0, 12)} has no address on the network ${network}`);
  return address;
}

/** Waits until a condition holds, for things that only Docker decides when they happen. 20 s: an engine under load starts slowly. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(20);
  }
}

function optionsOf(wish: ContainerWish, mark: string): Docker.ContainerCreateOptions {
  const [network] = wish.networks ?? [];
  return {
    Image: wish.image ?? backendImage,
    ...(wish.entrypoint ? { Entrypoint: [...wish.entrypoint] } : {}),
    Labels: { ...wish.labels, 'fairlead.test': mark },
    Env: Object.entries(wish.env ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(wish.command ? { Cmd: [...wish.command] } : {}),
    ...(wish.stopTimeout === undefined ? {} : { StopTimeout: wish.stopTimeout }),
    ...(wish.healthcheck ? { Healthcheck: wish.healthcheck } : {}),
    // Process 1 ignores signals that it does not handle: without an init each stop takes its whole grace period.
    HostConfig: { Init: true, ...(network ? { NetworkMode: network } : {}), ...wish.host },
  };
}

function socketFrom(variable: string): string {
  const endpoint = process.env[variable];
  if (!endpoint?.startsWith('unix://')) {
    throw new Error(`${variable} names no engine: run this file through \`npm test -- <file>\`, which starts one.`);
  }
  return endpoint.slice('unix://'.length);
}

function unlessGone(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}
