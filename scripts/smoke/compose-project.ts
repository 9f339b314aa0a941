import { join, resolve } from 'node:path';
import Docker from 'dockerode';
import { command, systemEnvironment } from '../command.ts';
import type { Compose } from '../compose.ts';
import type { Engine } from '../engine.ts';

const checkout = join(import.meta.dirname, '../..');

export interface ComposeWish {
  readonly name: string;
  readonly compose: Compose;
  readonly engine: Pick<Engine, 'endpoint' | 'socket'>;
  /** What the file's variables are set to. */
  readonly env: Readonly<Record<string, string>>;
  /** All of them where nothing is said. */
  readonly services?: readonly string[];
  /** Compose files that are laid over it. */
  readonly over?: readonly string[];
}

/** A compose file, up on an engine until it is disposed of. */
export class ComposeProject implements AsyncDisposable {
  readonly #name: string;
  readonly #docker: Docker;
  readonly #run: (...args: string[]) => Promise<string>;

  /** @param file below compose-examples, or an absolute path. */
  static async up(file: string, about: ComposeWish): Promise<ComposeProject> {
    const project = new ComposeProject(file, about);
    try {
      await project.compose('up', '-d', ...(about.services ?? []));
      return project;
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(file: string, { name, compose, engine, env, over = [] }: ComposeWish) {
    const [program, ...first] = compose;
    const files = [resolve(checkout, 'compose-examples', file), ...over].flatMap((path) => ['--file', path]);
    const before = [...first, '--project-name', name, ...files];
    const all = { ...systemEnvironment(), DOCKER_HOST: engine.endpoint, DOCKER_SOCKET: engine.socket, ...env };
    this.#name = name;
    this.#docker = new Docker({ socketPath: engine.socket });
    this.#run = (...args) => command(program, [...before, ...args], { env: all, timeoutMs: 5 * 60_000 });
  }

  compose(...args: string[]): Promise<string> {
    return this.#run(...args);
  }

  /** What a command of the proxy prints, typed in its container. */
  fairlead(...args: string[]): Promise<string> {
    return this.#run('exec', '-T', 'fairlead', 'fairlead', ...args);
  }

  async container(service: string): Promise<Docker.Container> {
    const label = [`com.docker.compose.project=${this.#name}`, `com.docker.compose.service=${service}`];
    const [found] = await this.#docker.listContainers({ all: true, filters: { label } });
    if (!found) throw new Error(`compose has made no container for the service ${service}`);
    return this.#docker.getContainer(found.Id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '5');
  }
}
