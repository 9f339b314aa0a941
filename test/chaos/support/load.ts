import { Agent, request } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Tally, TallySheet } from './tally.ts';

/** Longer than any request may be held. */
const answerMsMax = 60_000;
const downloadBytes = 256 * 1024;
const upload = Buffer.alloc(8 * 1024, 'u');

export interface LoadWish {
  readonly port: number;
  readonly host: string;
  /** How all backends of this host are called; an answer of anybody else is wrong. */
  readonly name: string;
}

/** Six clients of one host: GET on kept connections and on new ones, POST, a download, a WebSocket. At most one thing each at a time. */
export class Load {
  /** Things that may be under way at one moment. */
  static readonly clients = 6;
  /** Each client asks one thing after the other, with this pause: what a small site has on a busy day, and no more. */
  static readonly pauseMs = 10;

  readonly #wish: LoadWish;
  readonly #sheet = new TallySheet();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #ended: Promise<unknown>;
  #going = true;

  static start(t: TestContext, wish: LoadWish): Load {
    const load = new Load(wish);
    t.after(() => load.end());
    return load;
  }

  private constructor(wish: LoadWish) {
    this.#wish = wish;
    const get = () => this.#ask({ path: '/' });
    const clients = [
      ...[get, get, () => this.#ask({ path: '/', kept: false })],
      () => this.#ask({ path: '/', method: 'POST', body: upload }),
      () => this.#ask({ path: `/?bytes=${downloadBytes}`, bytes: downloadBytes }),
      () => this.#talk(),
    ];
    this.#ended = Promise.all(clients.map((client) => this.#repeat(client)));
  }

  async end(): Promise<Tally> {
    this.#going = false;
    await this.#ended;
    this.#agent.destroy();
    return this.#sheet.tally();
  }

  async #repeat(client: () => Promise<void>): Promise<void> {
    while (this.#going) {
      await client();
      await sleep(Load.pauseMs);
    }
  }

  #ask(about: { path: string; method?: string; body?: Buffer; bytes?: number; kept?: boolean }): Promise<void> {
    const { port, host, name } = this.#wish;
    const { path, method = 'GET', body, bytes, kept = true } = about;
    const { promise, resolve } = Promise.withResolvers<void>();
    const startedMs = performance.now();
    const wrong = (what: string) => {
      this.#sheet.wrong(`${method} ${bytes === undefined ? '' : 'download '}${what}`);
      resolve();
    };
    const agent = kept ? this.#agent : false;
    const signal = AbortSignal.timeout(answerMsMax);
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent, signal }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('error', (error: NodeJS.ErrnoException) => wrong(`cut (${error.code})`));
      response.on('end', () => {
        const reason = /details=([\w-]+)/.exec(String(response.headers['proxy-status'] ?? ''))?.[1] ?? '';
        if (response.statusCode !== 200) return wrong(`${response.statusCode} ${reason}`);
        if (bytes !== undefined && length !== bytes) return wrong('short');
        if (String(response.headers['x-whoami']).startsWith(name)) this.#sheet.right(performance.now() - startedMs);
        else this.#sheet.stranger();
        resolve();
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => wrong(error.code ?? error.message));
    asked.end(body);
    return promise;
  }

  /** A WebSocket that says something and hears it again, as long as it is let. */
  async #talk(): Promise<void> {
    const { port, host } = this.#wish;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    let open = false;
    socket.on('open', () => {
      open = true;
      this.#sheet.right(0);
      socket.send('still there?');
    });
    socket.on('message', async () => {
      await sleep(Load.pauseMs);
      if (this.#going) socket.send('still there?');
      else socket.close();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!open) this.#sheet.wrong(`WebSocket ${error.code ?? error.message}`);
    });
    socket.on('close', (code) => {
      if (open && code === 1006) this.#sheet.cut();
      resolve();
    });
    await closed;
  }
}
