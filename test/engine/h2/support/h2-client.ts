import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import type { TestContext } from 'node:test';

/** A head as it came: names and values in order. */
export interface ClientHead {
  readonly status: number;
  /** `[name, value, …]` without the status. */
  readonly fields: readonly string[];
}

/** A request of node's client, and what comes of it. */
export class H2Request {
  readonly stream: ClientHttp2Stream;
  readonly informs: ClientHead[] = [];
  readonly head: Promise<ClientHead>;
  /** `[name, value, …]`; null while none have come. */
  trailers: readonly string[] | null = null;
  /** The body so far, as latin1. */
  text = '';
  /** How it ended: 'whole' by END_STREAM, else the code of the reset. */
  readonly closed: Promise<'whole' | number>;

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    this.head = new Promise((resolve, reject) => {
      stream.on('response', (_, __, flat) => resolve(headOf(flat as unknown as string[])));
      stream.on('close', () => reject(new Error(`no answer, but a reset with ${stream.rstCode}`)));
    });
    this.head.catch(() => {});
    stream.on('headers', (_, __, flat) => this.informs.push(headOf(flat as unknown as string[])));
    stream.on('trailers', (_, __, flat) => {
      this.trailers = flat as unknown as string[];
    });
    stream.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    stream.on('error', () => {});
    let ended = false;
    stream.on('end', () => {
      ended = !stream.closed;
    });
    this.closed = new Promise((resolve) => {
      stream.on('close', () => resolve(ended ? 'whole' : stream.rstCode));
    });
  }

  /** Waits until the body holds this. */
  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.stream.closed) throw new Error(`the stream ended after ${this.text.slice(0, 200)}`);
      await Promise.race([once(this.stream, 'data'), once(this.stream, 'close')]);
    }
  }

  /** The answer, whole. */
  async answer(): Promise<ClientHead & { readonly text: string }> {
    const head = await this.head;
    const how = await this.closed;
    if (how !== 'whole') throw new Error(`the answer was cut with ${how} after ${this.text.slice(0, 200)}`);
    return { ...head, text: this.text };
  }
}

/** node's client, with what it is given kept as it came. */
export class H2Client {
  readonly session: ClientHttp2Session;
  readonly closed: Promise<void>;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('error', () => {});
    this.closed = new Promise((resolve) => {
      session.on('close', () => resolve());
    });
  }

  static async connect(
    t: TestContext,
    url: string,
    options: ClientSessionOptions & SecureClientSessionOptions = {},
  ): Promise<H2Client> {
    const session = connect(url, { rejectUnauthorized: false, ...options });
    t.after(() => session.destroy());
    const client = new H2Client(session);
    await once(session, 'remoteSettings');
    return client;
  }

  /** @param body null: the head is the request; undefined: the caller writes the body. */
  ask(headers: OutgoingHttpHeaders, body?: string | null): H2Request {
    const stream = this.session.request({ ':authority': 'a.test', ...headers }, { endStream: body === null });
    if (typeof body === 'string') stream.end(body, 'latin1');
    return new H2Request(stream);
  }

  get(path = '/'): H2Request {
    return this.ask({ ':path': path }, null);
  }
}

function headOf(flat: readonly string[]): ClientHead {
  const at = flat.indexOf(':status');
  return { status: Number(flat[at + 1]), fields: [...flat.slice(0, at), ...flat.slice(at + 2)] };
}
