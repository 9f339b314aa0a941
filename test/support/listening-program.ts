import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { systemEnvironment } from '../../scripts/command.ts';
import { eventually } from './engine.ts';

export interface ListeningProgramWish {
  readonly name: string;
  /** Asked again, for other ports, where one of them was taken in the meantime. */
  command(): Promise<{
    readonly file: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }>;
  /** Whether it answers by now; may throw. */
  ready(): Promise<boolean>;
}

const startsMax = 5;
const outputCharsMax = 256 * 1024;

/** A server program that a test has started, ended by its pid with the test. */
export class ListeningProgram {
  readonly #child: ChildProcess;
  #output = '';

  /** Resolves once it answers. */
  static async start(t: TestContext, wish: ListeningProgramWish): Promise<ListeningProgram> {
    for (let start = 1; ; start += 1) {
      const program = new ListeningProgram(await wish.command());
      t.after(() => program.stop());
      const fate = await eventually(`${wish.name} answers`, async () => {
        if (program.output.includes('address already in use')) return 'port taken';
        program.#throwIfEnded(wish.name);
        return (await wish.ready().catch(() => false)) ? 'ready' : undefined;
      });
      if (fate === 'ready') return program;
      await program.stop();
      if (start === startsMax)
        throw new Error(`${wish.name} found its ports taken ${startsMax} times:\n${program.output}`);
    }
  }

  private constructor({ file, args, env }: Awaited<ReturnType<ListeningProgramWish['command']>>) {
    this.#child = spawn(file, [...args], {
      env: { ...systemEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (text: string) => {
      this.#output = (this.#output + text).slice(-outputCharsMax);
    };
    this.#child.stdout?.setEncoding('utf8').on('data', take);
    this.#child.stderr?.setEncoding('utf8').on('data', take);
    this.#child.on('error', (error) => take(`${error.message}\n`));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of both streams. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #throwIfEnded(name: string): void {
    const { exitCode, signalCode, pid } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) return;
    throw new Error(`${name} ended with ${exitCode ?? signalCode}:\n${this.#output}`);
  }
}
