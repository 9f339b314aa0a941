import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, systemEnvironment } from '../scripts/command.ts';

export interface ChildOptions {
  /** The only core it and all its children may run on; undefined = all cores. */
  readonly core?: number | undefined;
  /** Holds `<name>.out`, what the child writes. */
  readonly dir: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Adds a channel for messages. */
  readonly ipc?: boolean;
  /** Where standard output goes instead of `<name>.out`. */
  readonly stdoutFile?: string;
}

/** A process that a bench started and ends again; `await using` it. */
export class Child implements AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly process: ChildProcess;
  readonly #outFile: string;

  /** Starts a program, bound to one core where one is named. Throws when it cannot be started at all. */
  constructor(name: string, file: string, args: readonly string[], options: ChildOptions) {
    this.name = name;
    this.#outFile = join(options.dir, `${name}.out`);
    const out = openSync(this.#outFile, 'a');
    const stdout = options.stdoutFile === undefined ? out : openSync(options.stdoutFile, 'a');
    const pinned =
      options.core === undefined ? [file, ...args] : ['taskset', '-c', String(options.core), file, ...args];
    const [program = file, ...rest] = pinned;
    this.process = spawn(program, rest, {
      env: { ...systemEnvironment(), ...options.env },
      stdio: options.ipc ? ['ignore', stdout, out, 'ipc'] : ['ignore', stdout, out],
    });
    for (const descriptor of new Set([out, stdout])) closeSync(descriptor);
    this.process.on('error', () => {});
    if (this.process.pid === undefined) throw new Error(`${program} cannot be started`);
    this.pid = this.process.pid;
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Throws with the end of what the process wrote when it has ended. */
  checkAlive(): void {
    if (!this.ended) return;
    const how = this.process.signalCode ?? `code ${this.process.exitCode}`;
    throw new Error(`${this.name} ended with ${how}:\n${lastLines(readFileSync(this.#outFile, 'utf8'), 15)}`);
  }

  /** The next message from the child. Throws when it ends instead, or says nothing for so long. */
  async message<T>({ withinMs = 30_000 }: { withinMs?: number } = {}): Promise<T> {
    this.checkAlive();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(new Error(`${this.name} says nothing for ${withinMs} ms`)), withinMs);
    const heard = (message: unknown): void => resolve(message as T);
    const closed = (): void => {
      try {
        this.checkAlive();
      } catch (error) {
        reject(error);
      }
    };
    this.process.once('message', heard).once('close', closed);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.process.off('message', heard).off('close', closed);
    }
  }

  /** Waits until it has ended by itself. */
  async exited(): Promise<void> {
    if (!this.ended) await once(this.process, 'exit');
  }

  /** Ends the process: politely, and after 8 s by force. */
  async stop(): Promise<void> {
    if (this.ended) return;
    const exited = once(this.process, 'exit');
    const force = setTimeout(() => this.process.kill('SIGKILL'), 8_000);
    this.process.kill('SIGTERM');
    await exited;
    clearTimeout(force);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
