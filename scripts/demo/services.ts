import Docker from 'dockerode';

/** On every container of the demo, so that one that was cut off can be cleaned up by the next. */
const mark = 'fairlead.demo';

/** The demo's services: containers of the small echo backend, `fairlead whoami`, run from this checkout. */
export class Services {
  readonly #docker: Docker;
  readonly #image: string;
  readonly #checkout: string;
  readonly #made = new Map<string, Docker.Container>();

  constructor({ socket, image, checkout }: { socket: string; image: string; checkout: string }) {
    this.#docker = new Docker({ socketPath: socket });
    this.#image = image;
    this.#checkout = checkout;
  }

  async start(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#removeOld(name);
    const container = await this.#docker.createContainer({
      name,
      Hostname: name,
      Image: this.#image,
      Entrypoint: ['node', '/app/src/main.ts'],
      Cmd: ['whoami', '--port', '3000'],
      ExposedPorts: { '3000/tcp': {} },
      Labels: { ...labels, [mark]: 'true' },
      HostConfig: { Binds: [`${this.#checkout}:/app:ro`], Init: true },
    });
    this.#made.set(name, container);
    await container.start();
  }

  async stop(name: string): Promise<void> {
    await this.#made.get(name)?.stop({ t: 2 });
  }

  async removeAll(): Promise<void> {
    const containers = [...this.#made.values()];
    this.#made.clear();
    await Promise.all(containers.map((container) => container.remove({ force: true, v: true })));
  }

  /** The name may be taken by a demo that was killed; a container that is not the demo's own is left alone, and creation says so. */
  async #removeOld(name: string): Promise<void> {
    const filters = { name: [`^/${name}$`], label: [mark] };
    for (const { Id } of await this.#docker.listContainers({ all: true, filters })) {
      await this.#docker.getContainer(Id).remove({ force: true, v: true });
    }
  }
}
