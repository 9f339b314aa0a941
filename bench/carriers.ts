import Docker from 'dockerode';
import { alive } from '../scripts/engine/process-state.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { Images } from '../scripts/images.ts';
import { BenchNetwork } from './bench-network.ts';

/** Every container and network of a bench carries it, so that whatever was cut off can be found and removed. */
const mark = 'fairlead.bench';
/** Containers made or removed at once. */
const parallel = 8;

export interface ContainerPlan {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** `host`, or a network's name. */
  readonly network?: string;
  /** Fixed address within that network. */
  readonly ipv4?: string;
}

/** Containers on a real engine that are all gone at the end. */
export class Carriers implements AsyncDisposable {
  readonly docker: Docker;
  readonly endpoint: string;
  /** Such as `Docker 20.10.24`. */
  readonly version: string;
  readonly #image: string;
  readonly #ids = new Set<string>();
  readonly #networks: BenchNetwork[] = [];
  readonly #end: () => Promise<void>;

  private constructor(
    docker: Docker,
    about: { endpoint: string; version: string; image: string; end: () => Promise<void> },
  ) {
    this.docker = docker;
    this.endpoint = about.endpoint;
    this.version = about.version;
    this.#image = about.image;
    this.#end = about.end;
  }

  static async open(say: (line: string) => void): Promise<Carriers> {
    const engine = await ensureEngine({ say });
    try {
      const docker = new Docker({ socketPath: engine.socket });
      const { Version } = await docker.version();
      await sweep(docker);
      const image = await new Images(engine, { say }).ensureBackend();
      return new Carriers(docker, {
        endpoint: engine.endpoint,
        version: `Docker ${Version}`,
        image,
        end: () => engine.stop(),
      });
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  /** A container that was created and not started. */
  async create(plan: ContainerPlan): Promise<Docker.Container> {
    const { name, labels, command, env = [], network, ipv4 } = plan;
    const container = await this.docker.createContainer({
      name: `fairlead-bench-${process.pid}-${name}`,
      Image: this.#image,
      Labels: { ...labels, [mark]: String(process.pid) },
      Env: [...env],
      HostConfig: { ...(network === undefined ? {} : { NetworkMode: network }) },
      ...(command === undefined ? {} : { Cmd: [...command] }),
      ...(network === undefined || ipv4 === undefined
        ? {}
        : { NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: ipv4 } } } } }),
    });
    this.#ids.add(container.id);
    return container;
  }

  /** Many at once, at a pace the engine likes. */
  async createAll(plans: readonly ContainerPlan[], signal: AbortSignal): Promise<void> {
    const left = [...plans];
    const work = async (): Promise<void> => {
      for (let plan = left.shift(); plan !== undefined; plan = left.shift()) {
        signal.throwIfAborted();
        await this.create(plan);
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
  }

  /** A running container on the host's network that does nothing but carry labels. */
  async startCarrier(name: string, labels: Readonly<Record<string, string>>): Promise<Docker.Container> {
    const container = await this.create({ name, labels, command: ['sleep', '3600'], network: 'host' });
    await container.start();
    return container;
  }

  /** A network of this bench's own, removed behind its containers. */
  async network(): Promise<BenchNetwork> {
    const network = await BenchNetwork.create(this.docker, { [mark]: String(process.pid) });
    this.#networks.push(network);
    return network;
  }

  async remove(container: Docker.Container): Promise<void> {
    await container.remove({ force: true, v: true });
    this.#ids.delete(container.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = [...this.#ids];
    const work = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        await this.docker
          .getContainer(id)
          .remove({ force: true, v: true })
          .catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    for (const network of this.#networks) await network.remove().catch(() => {});
    await this.#end();
  }
}

/** Removes what a bench that was killed has left behind. */
async function sweep(docker: Docker): Promise<void> {
  for (const { Id, Labels } of await docker.listContainers({ all: true, filters: { label: [mark] } })) {
    if (!alive(Number(Labels[mark]))) await docker.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id, Labels } of await docker.listNetworks({ filters: { label: [mark] } })) {
    if (!alive(Number(Labels?.[mark]))) await docker.getNetwork(Id).remove();
  }
}
