import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';

export interface ToFakeEngine {
  readonly type: 'start' | 'stop';
  /** Which container, counted from 0. */
  readonly number: number;
}

/** A pretended engine with any number of running containers, in a process of its own; see fake-engine-process.ts. */
export class FakeEngine implements AsyncDisposable {
  readonly endpoint: string;
  readonly containers: number;
  readonly #child: Child;

  private constructor(child: Child, { socket, containers }: { socket: string; containers: number }) {
    this.#child = child;
    this.endpoint = `unix://${socket}`;
    this.containers = containers;
  }

  static async start(options: {
    readonly containers: number;
    readonly backendPort: number;
    readonly dir: string;
    /** Each host shows a certificate of its own, which the proxy finds as `FakeEngine.certificate(number)`. */
    readonly certificates?: boolean;
  }): Promise<FakeEngine> {
    const { containers, backendPort, dir, certificates = false } = options;
    const socket = join(dir, 'engine.sock');
    const file = fileURLToPath(new URL('./fake-engine-process.ts', import.meta.url));
    const args = [file, socket, String(containers), String(backendPort), ...(certificates ? ['certificates'] : [])];
    const child = new Child('fake-engine', process.execPath, args, { dir, ipc: true });
    await child.message();
    return new FakeEngine(child, { socket, containers });
  }

  /** The host that the container of a number is served under. */
  static host(number: number): string {
    return `app-${number}.bench.test`;
  }

  /** Name of the certificate of that host. */
  static certificate(number: number): string {
    return `app-${number}`;
  }

  /** Changes the state of a container and returns when the events were sent. */
  async send(message: ToFakeEngine): Promise<void> {
    const done = this.#child.message();
    this.#child.process.send(message);
    await done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
