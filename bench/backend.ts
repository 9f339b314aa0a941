import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';

/** The static backend of `requests`, in a process of its own. */
export class Backend implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start({ core, dir }: { core?: number; dir: string }): Promise<Backend> {
    const file = fileURLToPath(new URL('./backend-process.ts', import.meta.url));
    const child = new Child('backend', process.execPath, [file], {
      dir,
      ipc: true,
      ...(core === undefined ? {} : { core }),
    });
    const { port } = await child.message<{ port: number }>();
    return new Backend(child, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
