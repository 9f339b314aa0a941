import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyProcess } from '../../support/proxy-process.ts';

const perSecond = 150;
const answerMsMax = 8_000;
const socketsMax = 64;

export interface OpenLoadReport {
  readonly requests: number;
  /** What came instead of a whole answer of 200. */
  readonly failures: readonly string[];
}

/**
 * GETs at a fixed rate, sent when they are due whether or not earlier ones were answered, so that a pause shows in every request that
 * falls into it.
 */
export class OpenLoad {
  readonly #port: number;
  readonly #host: string;
  readonly #agent: Agent | false;
  readonly #failures: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #sending: Promise<void>;
  readonly #answers = new Map<string, number>();
  #requests = 0;
  #going = true;

  /** @param kept whether connections are used again. */
  constructor(proxy: ProxyProcess, { host, kept }: { host: string; kept: boolean }) {
    this.#port = proxy.httpPort;
    this.#host = host;
    this.#agent = kept ? new Agent({ keepAlive: true, maxSockets: socketsMax }) : false;
    this.#sending = this.#send();
  }

  /** Answers of 200 with this body so far. */
  answers(body: string): number {
    return this.#answers.get(body) ?? 0;
  }

  /** Sends no more, and waits for what is under way. */
  async end(): Promise<OpenLoadReport> {
    this.#going = false;
    await this.#sending;
    await Promise.all(this.#underWay);
    if (this.#agent) this.#agent.destroy();
    return { requests: this.#requests, failures: this.#failures };
  }

  async #send(): Promise<void> {
    const beganMs = performance.now();
    while (this.#going) {
      for (const due = ((performance.now() - beganMs) / 1_000) * perSecond; this.#requests < due; ) {
        this.#requests++;
        const one = this.#ask();
        this.#underWay.add(one);
        void one.finally(() => this.#underWay.delete(one));
      }
      await sleep(1);
    }
  }

  #ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const failed = (what: string) => {
      this.#failures.push(what);
      resolve();
    };
    const options = { host: '127.0.0.1', port: this.#port, headers: { host: this.#host }, agent: this.#agent };
    const asked = request({ ...options, signal: AbortSignal.timeout(answerMsMax) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', (error: NodeJS.ErrnoException) => failed(`cut (${error.code})`));
      response.on('end', () => {
        if (response.statusCode !== 200) return failed(String(response.statusCode));
        this.#answers.set(body, this.answers(body) + 1);
        resolve();
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => failed(error.name === 'AbortError' ? 'hung' : `${error.code}`));
    asked.end();
    return promise;
  }
}
