import { fileURLToPath } from 'node:url';
import { freePort } from '../scripts/free-port.ts';
import type { BenchContext } from './bench.ts';
import { Child } from './child.ts';
import { firstAnswer } from './first-answer.ts';
import { ensurePrograms } from './programs.ts';

const script = fileURLToPath(new URL('./lua/backend.lua', import.meta.url));

/** The backend that answers from memory, in a process of its own. */
export class Backend implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Throws when it cannot be had or does not answer within seconds. */
  static async start(
    { say, signal }: BenchContext,
    /** The only core it may run on; undefined = all cores. */
    { dir, core }: { dir: string; core?: number | undefined },
  ): Promise<Backend> {
    const luajit = (await ensurePrograms(['luajit'], say)).get('luajit');
    if (luajit === undefined) throw new Error('luajit is needed for the backend: apt-get install luajit');
    const port = await freePort();
    const child = new Child('backend', luajit, [script, String(port)], { dir, core });
    await firstAnswer(
      { port, path: '/echo' },
      { wanted: ({ status }) => status === 200, everyMs: 5, withinMs: 5_000, signal, check: () => child.checkAlive() },
    );
    return new Backend(child, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
