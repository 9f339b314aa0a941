import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export type FakeState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** A container of the fake engine; what is not said is as with `docker run -l proxy.host=<name>.test`. */
export interface FakeContainer {
  readonly id: string;
  name: string;
  labels: Record<string, string>;
  state: FakeState;
  health: string;
  networkMode: string;
  addresses: Record<string, string>;
  stopSignal: unknown;
  stopTimeout: number | null;
  startedMs: number;
  exitCode: number;
  env: string[];
  /** Laid over the answer to an inspection, one level deep: for odd shapes. */
  odd: Record<string, unknown>;
  /** Sent as the whole answer to an inspection instead. */
  raw: Buffer | null;
}

/** Answers a request itself and returns true, or returns false to let the engine answer. */
type Intercept = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

export const idOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** Docker's API on a unix socket as far as discovery uses it, with containers that do what a test says. */
export class FakeEngine {
  readonly socket: string;
  readonly containers = new Map<string, FakeContainer>();
  /** Paths that were asked for, without version and query. */
  readonly requests: string[] = [];
  /** URLs as they came. */
  readonly urls: string[] = [];
  /** The engine's clock; every event takes a millisecond. */
  nowMs = 1_700_000_000_000;
  apiVersion: string | null = '1.41';
  server = 'Docker/20.10.24+dfsg1 (linux)';
  intercept: Intercept = () => false;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();

  private constructor(socket: string) {
    this.socket = socket;
  }

  static async start(t: TestContext, { listening = true } = {}): Promise<FakeEngine> {
    const dir = mkdtempSync(join(tmpdir(), 'fl-fake-'));
    const engine = new FakeEngine(join(dir, 'docker.sock'));
    t.after(async () => {
      await engine.stop();
      rmSync(dir, { recursive: true, force: true });
    });
    if (listening) await engine.listen();
    return engine;
  }

  get endpoint(): string {
    return `unix://${this.socket}`;
  }

  get subscribers(): number {
    return this.#streams.size;
  }

  asked(path: string): number {
    return this.requests.filter((one) => one === path).length;
  }

  inspections(name: string): number {
    return this.asked(`/containers/${idOf(name)}/json`);
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('error', reject).listen(this.socket, resolve);
    await promise;
  }

  /** Breaks all connections and takes the socket away, as an engine does that ends. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }

  /** Ends the stream of events only. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  add(name: string, about: Partial<FakeContainer> = {}): FakeContainer {
    const container: FakeContainer = {
      id: idOf(name),
      name,
      labels: { 'proxy.host': `${name}.test` },
      state: 'running',
      health: '',
      networkMode: 'default',
      addresses: { bridge: '172.17.0.2' },
      stopSignal: 'SIGTERM',
      stopTimeout: null,
      startedMs: this.nowMs,
      exitCode: 0,
      env: ['PASSWORD=secret'],
      odd: {},
      raw: null,
      ...about,
    };
    this.containers.set(container.id, container);
    return container;
  }

  get(name: string): FakeContainer {
    const container = this.containers.get(idOf(name));
    if (container === undefined) throw new Error(`no container ${name}`);
    return container;
  }

  remove(name: string): void {
    this.containers.delete(idOf(name));
  }

  /** A run begins: a new address, a new time. */
  run(name: string, address = '172.17.0.9'): void {
    this.nowMs += 1;
    const container = this.get(name);
    Object.assign(container, { state: 'running', startedMs: this.nowMs, addresses: { bridge: address } });
  }

  exit(name: string, exitCode = 0): void {
    Object.assign(this.get(name), { state: 'exited', exitCode, addresses: { bridge: '' } });
  }

  /** A container event, with all labels among its attributes, where they win over the event's own. */
  emit(action: string, name: string, attributes: Record<string, string> = {}): void {
    const labels = this.containers.get(idOf(name))?.labels ?? {};
    const event = {
      Type: 'container',
      Action: action,
      Actor: { ID: idOf(name), Attributes: { ...attributes, ...labels, image: 'app:1', name } },
    };
    this.write(`${JSON.stringify(this.#stamped(event))}\n`);
  }

  emitNetwork(action: 'connect' | 'disconnect', attributes: Record<string, string>): void {
    this.write(
      `${JSON.stringify(this.#stamped({ Type: 'network', Action: action, Actor: { ID: idOf('network'), Attributes: attributes } }))}\n`,
    );
  }

  write(bytes: string | Buffer): void {
    for (const stream of this.#streams) stream.write(bytes);
  }

  #stamped(event: object): object {
    this.nowMs += 1;
    return { ...event, scope: 'local', time: Math.floor(this.nowMs / 1000), timeNano: this.nowMs * 1e6 };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    this.urls.push(url);
    const path = url.replace(/\?.*$/, '').replace(/^\/v\d+\.\d+/, '');
    this.requests.push(path);
    if (this.server !== '') response.setHeader('Server', this.server);
    if (this.apiVersion !== null) response.setHeader('Api-Version', this.apiVersion);
    if (this.intercept(path, request, response)) return;
    if (request.method !== 'GET') return answer(response, 405, { message: 'only GET is allowed' });
    if (path === '/_ping') return void response.end('OK');
    if (path === '/version') return answer(response, 200, { Version: '20.10.24', ApiVersion: '1.41' });
    if (path === '/events') {
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      return response.flushHeaders();
    }
    if (path === '/containers/json') return answer(response, 200, this.list());
    const container = this.containers.get(/^\/containers\/([0-9a-f]{64})\/json$/.exec(path)?.[1] ?? '');
    if (container === undefined) return answer(response, 404, { message: `No such container: ${path}` });
    if (container.raw !== null) return void response.end(container.raw);
    answer(response, 200, inspectionOf(container));
  }

  list(): unknown[] {
    return [...this.containers.values()].map(listEntryOf);
  }
}

export function answer(response: ServerResponse, status: number, json: unknown): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(json));
}

function networksOf({ addresses }: FakeContainer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [
      name,
      { NetworkID: idOf(name), IPAddress: address, Gateway: address === '' ? '' : '172.17.0.1', GlobalIPv6Address: '' },
    ]),
  );
}

function listEntryOf(container: FakeContainer): unknown {
  const { id, name, labels, state, health, exitCode, networkMode } = container;
  const up =
    state === 'running' ? `Up 2 seconds${health === '' ? '' : ` (${health})`}` : `Exited (${exitCode}) 1 second ago`;
  return {
    Id: id,
    Names: [`/${name}`],
    Labels: labels,
    State: state,
    Status: state === 'paused' ? 'Up 3 minutes (Paused)' : up,
    Ports: [{ PrivatePort: 80, Type: 'tcp' }],
    HostConfig: { NetworkMode: networkMode },
    NetworkSettings: { Networks: networksOf(container) },
  };
}

export function inspectionOf(container: FakeContainer): Record<string, unknown> {
  const { id, name, labels, state, health, exitCode, networkMode, stopSignal, stopTimeout, startedMs, env, odd } =
    container;
  return {
    Id: id,
    Name: `/${name}`,
    Created: '2026-11-24T02:00:00.123456789Z',
    State: {
      Status: state,
      Running: state === 'running' || state === 'paused',
      ExitCode: exitCode,
      OOMKilled: false,
      StartedAt: startedMs === 0 ? '0001-01-01T00:00:00Z' : new Date(startedMs).toISOString(),
      ...(health === '' ? {} : { Health: { Status: health } }),
    },
    Config: {
      Image: 'app:1',
      Labels: labels,
      Env: env,
      ExposedPorts: { '80/tcp': {} },
      StopSignal: stopSignal,
      ...(stopTimeout === null ? {} : { StopTimeout: stopTimeout }),
    },
    HostConfig: { NetworkMode: networkMode },
    NetworkSettings: { Networks: networksOf(container), Ports: { '80/tcp': null } },
    ...odd,
  };
}
