import type { Engine } from '../../../src/http/transport.ts';
import type { Ask, ResponseCase } from './generated-responses.ts';
import { InProcessProxy } from './in-process-proxy.ts';
import { RawAsker } from './raw-asker.ts';
import { type BackendConnection, ScriptedBackend } from './scripted-backend.ts';
import { dialled, settled, turn, until } from './sockets.ts';

/** What became of a case. */
export interface ResponseSeen {
  /** All that the first client got until its exchange had ended. */
  readonly first: string;
  /** The connection ended with it: how. */
  readonly firstEnd: 'open' | 'ended' | 'reset';
  /** What came on the same connection to a second request, where it was open. */
  readonly again: string;
  /** All that another client got, which asked after the first. */
  readonly second: string;
  /** The other client was served on the connection on which the case was played. */
  readonly sameConnection: boolean;
  readonly faults: readonly string[];
}

const requests: Readonly<Record<Ask, readonly [now: string, then: string]>> = {
  GET: ['GET /first HTTP/1.1\r\nHost: a\r\n\r\n', ''],
  HEAD: ['HEAD /first HTTP/1.1\r\nHost: a\r\n\r\n', ''],
  POST: ['POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', ''],
  'early POST': ['POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe', 'llo'],
  'expecting POST': ['POST /first HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello', ''],
  upgrade: ['GET /first HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', ''],
  'GET of HTTP/1.0': ['GET /first HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n', ''],
};

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** One engine between a backend that does what a case says and two clients, for thousands of cases one after the other. */
export class ResponseLane {
  readonly #proxy: InProcessProxy;
  readonly #backend: ScriptedBackend;

  private constructor(proxy: InProcessProxy, backend: ScriptedBackend) {
    this.#proxy = proxy;
    this.#backend = backend;
  }

  static async open(engine: Engine): Promise<ResponseLane> {
    const backend = await ScriptedBackend.open();
    return new ResponseLane(await InProcessProxy.open(engine, backend.port), backend);
  }

  async run(about: ResponseCase, parts: readonly string[]): Promise<ResponseSeen> {
    const backend = this.#backend;
    backend.askedOn.clear();
    const first = await RawAsker.open(this.#proxy.port);
    const [now, then] = requests[about.ask];
    first.write(now);
    const played = await this.#play(about, parts, first);
    await first.caughtUp();
    const bytes = first.bytes;
    const firstEnd = first.reset ? 'reset' : first.over ? 'ended' : 'open';

    const second = await RawAsker.open(this.#proxy.port);
    await this.#disturb(about, played, () => second.write(get('/second')));
    await this.#answered(second);
    let again = '';
    if (firstEnd === 'open') {
      first.write(`${then}${get('/again')}`);
      await this.#answered(first, bytes.length);
      again = first.bytes.slice(bytes.length);
    }
    await Promise.all([first.close(), second.close()]);
    await until(() => this.#proxy.idle);
    const faults = backend.faults;
    backend.faults = [];
    return {
      first: bytes,
      firstEnd,
      again,
      second: second.bytes,
      sameConnection: backend.askedOn.get('/second') === played,
      faults,
    };
  }

  close(): void {
    this.#proxy.close();
    this.#backend.close();
  }

  /** Sends the parts, each once the one before has been read, and ends the connection where nothing else ends the exchange. */
  async #play({ finish }: ResponseCase, parts: readonly string[], asker: RawAsker): Promise<BackendConnection> {
    const { asked } = this.#backend;
    for (;;) {
      // A kept connection that says nothing and ends is no answer: the proxy may ask once more on another.
      const played = await until(() => asked.shift(), 'the first request to come');
      const near = await until(() => dialled.of(played.socket));
      let sent = near.bytesRead;
      for (const part of parts) {
        if (near.destroyed) break;
        played.socket.write(part, 'latin1');
        sent += part.length;
        await until(() => near.destroyed || near.bytesRead >= sent, 'the proxy to read an answer');
      }
      if (finish === 'waits') await this.#rest(near.destroyed);
      if (finish === 'resets') played.socket.resetAndDestroy();
      else if (finish === 'ends' || !this.#proxy.idle) played.socket.end();
      await until(() => this.#proxy.idle || asked.length > 0 || asker.over, 'the first exchange to end');
      // A tunnel that is half closed is open still.
      if (!this.#proxy.idle && asked.length === 0) await asker.close();
      if (asked.length === 0) return played;
    }
  }

  /** Until the exchange has ended, or nothing moves any more. */
  async #rest(gone: boolean): Promise<void> {
    for (let turns = 0; turns < 6 && !this.#proxy.idle && !gone; turns++) await turn();
  }

  /** Lets the backend speak when nobody has asked, before or while another request is made. */
  async #disturb({ late, when }: ResponseCase, { socket }: BackendConnection, ask: () => void): Promise<void> {
    const near = dialled.of(socket);
    const speak = (): void => {
      if (late !== '' && socket.writable) socket.write(late, 'latin1');
    };
    if (when === 'request first') ask();
    const before = near?.bytesRead ?? 0;
    speak();
    if (when === 'idle' && near !== undefined && late !== '' && socket.writable)
      await until(() => near.destroyed || near.bytesRead > before, 'the proxy to read what it did not ask for');
    if (when !== 'request first') ask();
  }

  /** Until one more exchange has come and gone on this connection. */
  async #answered(asker: RawAsker, from = 0): Promise<void> {
    await settled(() => asker.over || (this.#proxy.idle && asker.bytes.length > from));
    await asker.caughtUp();
  }
}
