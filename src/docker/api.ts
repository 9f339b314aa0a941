import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { listAt, shapeOf, textAt } from '../base/shape.ts';
import { type DockerClient, openDocker } from './docker-client.ts';
import type { Endpoint } from './endpoint.ts';
import { EngineAnswer } from './engine-error.ts';
import { eventFilters } from './engine-event.ts';
import { LineSplitter } from './line-splitter.ts';

/** The newest API that these requests were checked against. An engine may be older, or newer with an older minimum. */
const newestVersion = '1.47';

const timeoutMs = 10_000;
/** A list of 10,000 containers with 25 KB of labels each; an inspection with a thousand labels of 16 KB. */
const listBytesMax = 256 * 1024 * 1024;
const inspectionBytesMax = 16 * 1024 * 1024;
const smallBytesMax = 1024 * 1024;

export interface EngineIdentity {
  /** Negotiated, such as `1.41`. */
  readonly apiVersion: string;
  /** Such as `Docker 20.10.24`. */
  readonly engine: string;
}

export interface EventSubscription {
  /** The engine has accepted; pends for ever where it does not. */
  readonly opened: Promise<void>;
  /** Why it is over, be it that it never began. Never rejects. */
  readonly ended: Promise<unknown>;
}

/** The five requests that discovery needs, all of them GET, each with a time limit and a limit of bytes. */
export class EngineApi {
  readonly #client: DockerClient;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #prefix = '';

  constructor(endpoint: Endpoint, { clock }: { clock: Clock }) {
    this.#client = openDocker(endpoint);
    this.#clock = clock;
  }

  /** Agrees on a version: the lower one of the engine's and ours (Docker API, `GET /_ping`, header Api-Version). */
  async negotiate(): Promise<EngineIdentity> {
    const { headers } = await this.#get('/_ping', { bytesMax: smallBytesMax });
    const theirs = String(headers['api-version'] ?? '');
    const [, maker, version] = /^(Docker|Libpod)\/([^\s+]+)/.exec(String(headers.server ?? '')) ?? [];
    const named =
      maker === undefined ? await this.#version() : { apiVersion: '', engine: engineName(maker, version ?? '') };
    const apiVersion = olderOf(/^\d+\.\d+$/.test(theirs) ? theirs : named.apiVersion);
    this.#prefix = `/v${apiVersion}`;
    return { apiVersion, engine: named.engine };
  }

  /** Every container, running or not: `GET /containers/json?all=true`. */
  async list(): Promise<readonly unknown[]> {
    const { json } = await this.#get(`${this.#prefix}/containers/json`, {
      query: { all: 'true' },
      bytesMax: listBytesMax,
    });
    if (!Array.isArray(json)) throw new Error('the answer to GET /containers/json is no list');
    return json;
  }

  /** `GET /containers/{id}/json`; rejects with an EngineAnswer of status 404 where there is none. */
  async inspect(id: string): Promise<unknown> {
    const path = `${this.#prefix}/containers/${encodeURIComponent(id)}/json`;
    return (await this.#get(path, { bytesMax: inspectionBytesMax })).json;
  }

  /** `GET /events`, filtered. `onGap`: a line was too long to be read, so something was missed. */
  subscribe({ onLine, onGap }: { onLine: (line: string) => void; onGap: () => void }): EventSubscription {
    const splitter = new LineSplitter({ onLine, onTooLong: onGap });
    const opened = Promise.withResolvers<void>();
    const listen = async (): Promise<unknown> => {
      const signal = this.#closing.signal;
      let open = false;
      try {
        const response = await this.#dial(`${this.#prefix}/events`, { query: { filters: eventFilters }, signal });
        if (response.statusCode !== 200) throw await refusal(response);
        open = true;
        opened.resolve();
        for await (const chunk of response) splitter.write(chunk as Buffer);
        return new Error('the engine ended the stream of events');
      } catch (cause) {
        return open ? new Error('the connection to the engine broke off', { cause }) : cause;
      }
    };
    return { opened: opened.promise, ended: listen() };
  }

  /** Ends everything that is under way. */
  close(): void {
    this.#closing.abort(new Error('the connection to the engine was given up'));
    this.#client.agent.destroy();
  }

  async #version(): Promise<EngineIdentity> {
    const { json } = await this.#get('/version', { bytesMax: smallBytesMax });
    const answer = shapeOf(json);
    const component = textAt(shapeOf(listAt(answer, 'Components')[0]), 'Name');
    const maker = /podman/i.test(component) ? 'Libpod' : 'Docker';
    return { apiVersion: textAt(answer, 'ApiVersion'), engine: engineName(maker, textAt(answer, 'Version')) };
  }

  async #get(path: string, options: { query?: object; bytesMax: number }): Promise<Answer> {
    try {
      return await this.#getOnce(path, options);
    } catch (error) {
      // An idle connection may have been closed while the request was under way. A GET may be repeated (RFC 9110 §9.2.2).
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ECONNRESET' && code !== 'EPIPE') || this.#closing.signal.aborted) throw error;
      return this.#getOnce(path, options);
    }
  }

  async #getOnce(path: string, { query = {}, bytesMax }: { query?: object; bytesMax: number }): Promise<Answer> {
    const slow = new AbortController();
    const timer = this.#clock.setTimeout(
      () => slow.abort(new Error(`no answer to GET ${path} within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const signal = AbortSignal.any([slow.signal, this.#closing.signal]);
    try {
      const response = await this.#dial(path, { query, signal });
      if (response.statusCode !== 200) throw await refusal(response);
      const text = await bodyOf(response, bytesMax);
      return { headers: response.headers, json: path === '/_ping' ? null : JSON.parse(text) };
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      timer.cancel();
    }
  }

  /** The raw answer: through dockerode's own methods neither headers nor a limit of bytes could be had. */
  #dial(path: string, { query, signal }: { query: object; signal: AbortSignal }): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { modem } = this.#client.docker;
    const request = { path: `${path}?`, method: 'GET', options: { ...query }, isStream: true, statusCodes: every };
    modem.dial({ ...request, abortSignal: signal }, (error, response) => {
      if (error) reject(error);
      else resolve(response as IncomingMessage);
    });
    return promise;
  }
}

interface Answer {
  readonly headers: IncomingMessage['headers'];
  readonly json: unknown;
}

/** docker-modem reads the body of any other status without a limit. */
const every = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at + 100, true]));

function engineName(maker: string, version: string): string {
  const plain = version.replace(/\+.*$/, '').slice(0, 40);
  return `${maker === 'Libpod' ? 'Podman' : 'Docker'} ${plain}`.trim();
}

function olderOf(theirs: string): string {
  if (theirs === '') return newestVersion;
  const minor = (version: string) => Number(version.split('.')[1]);
  const sameMajor = theirs.split('.')[0] === newestVersion.split('.')[0];
  return sameMajor && minor(theirs) < minor(newestVersion) ? theirs : newestVersion;
}

async function refusal(response: IncomingMessage): Promise<EngineAnswer> {
  const text = await bodyOf(response, smallBytesMax).catch(() => '');
  return new EngineAnswer(response.statusCode ?? 0, messageIn(text));
}

/** Engines answer `{"message":"…"}`, podman also `{"cause":…}`, socket proxies a page of HTML. */
function messageIn(text: string): string {
  try {
    return textAt(shapeOf(JSON.parse(text)), 'message') || 'no message';
  } catch {
    return (
      text
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 200) || 'no message'
    );
  }
}

async function bodyOf(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) throw new Error(`the answer of the engine is longer than ${bytesMax / 1024 / 1024} MiB`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
