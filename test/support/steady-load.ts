import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { eventually } from './engine.ts';

/** What a client has seen: how often each thing went well, and everything that did not. */
export interface LoadReport {
  readonly done: Readonly<Record<LoadKind, number>>;
  readonly failures: readonly string[];
  /** WebSockets that were opened. */
  readonly websockets: number;
}

export type LoadKind = 'get' | 'post' | 'download' | 'websocket';

const kinds: readonly LoadKind[] = ['get', 'post', 'download', 'websocket'];
/** Of each kind, one behind the other; together some 150 requests a second. */
export const clientsEach = 2;
const pauseMs = 20;
const patienceMs = 20_000;
const uploadBytes = 64 * 1024;
const downloadBytes = 1024 ** 2;

/**
 * Clients that go on asking a site served by `fairlead whoami` until they are told to end: pages and uploads over kept connections,
 * downloads, and WebSockets, which come again when they are told that the other side goes away, and only then.
 */
export class SteadyLoad {
  readonly #port: number;
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #done = { get: 0, post: 0, download: 0, websocket: 0 };
  readonly #failures: string[] = [];
  readonly #clients: Promise<void>[];
  #websockets = 0;
  #going = true;

  /** Ends with the test, whatever comes of it. */
  static begin(t: TestContext, port: number, host: string): SteadyLoad {
    const load = new SteadyLoad(port, host);
    t.after(() => load.end());
    return load;
  }

  private constructor(port: number, host: string) {
    this.#port = port;
    this.#host = host;
    this.#clients = kinds.flatMap((kind) => Array.from({ length: clientsEach }, () => this.#client(kind)));
  }

  /** Waits until each kind has gone well so many more times, or anything has not. */
  async more(count: number): Promise<void> {
    const before = { ...this.#done };
    await eventually(`each kind of request goes well ${count} more times`, async () => {
      return this.#failures.length > 0 || kinds.every((kind) => this.#done[kind] >= before[kind] + count);
    });
  }

  async end(): Promise<LoadReport> {
    this.#going = false;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return { done: this.#done, failures: this.#failures, websockets: this.#websockets };
  }

  async #client(kind: LoadKind): Promise<void> {
    while (this.#going) {
      try {
        if (kind === 'websocket') await this.#talk();
        else await this.#ask(kind);
      } catch (error) {
        this.#failures.push(`${kind}: ${error instanceof Error ? error.message : error}`);
      }
      await sleep(pauseMs);
    }
  }

  async #ask(kind: Exclude<LoadKind, 'websocket'>): Promise<void> {
    const path = kind === 'download' ? `/?bytes=${downloadBytes}` : '/';
    const asked = request({
      port: this.#port,
      path,
      method: kind === 'post' ? 'POST' : 'GET',
      headers: { host: this.#host },
      agent: this.#agent,
      signal: AbortSignal.timeout(patienceMs),
    });
    asked.end(kind === 'post' ? Buffer.alloc(uploadBytes) : undefined);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    const reason = String(response.headers['proxy-status'] ?? '');
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${reason}`);
    if (kind === 'download' && bytes !== downloadBytes) throw new Error(`${bytes} bytes`);
    this.#done[kind]++;
  }

  /** Until the other side says that it goes away. */
  async #talk(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/`, { headers: { host: this.#host } });
    const signal = AbortSignal.timeout(patienceMs);
    const closed = once(socket, 'close') as Promise<[number]>;
    closed.catch(() => {});
    await once(socket, 'open', { signal });
    this.#websockets++;
    while (this.#going && socket.readyState === WebSocket.OPEN) {
      const text = String(this.#done.websocket);
      socket.send(text);
      const heard = await Promise.race([once(socket, 'message') as Promise<[Buffer]>, closed]);
      if (heard[0] instanceof Buffer && heard[0].toString() !== text) throw new Error('another echo');
      if (heard[0] instanceof Buffer) this.#done.websocket++;
      await sleep(pauseMs);
    }
    socket.close(1000);
    const [code] = await closed;
    if (code !== 1000 && code !== 1001) throw new Error(`closed with ${code}`);
  }
}
