import type { RequestHead } from '../http/head.ts';
import type { HeaderList } from '../http/header-list.ts';
import { stripHopByHopResponse } from '../http/hop-by-hop.ts';
import type { PeerAddress, UpstreamTransport } from '../http/transport.ts';
import { type AnswerInFull, WholeAnswer } from '../upstream/whole-answer.ts';

/** More than any page to sign in on has. */
const bodyBytesMax = 1024 ** 2;
const timeouts = { connectMs: 5_000, readMs: 10_000, sendMs: 10_000 };

/** What belongs to the body of the request, or asks for a part of the answer: the server is asked for neither. */
const notForwarded = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'expect', 'range', 'if-range'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
]);

/** The server of `proxy.auth=forward:<url>`. */
export class AuthServer {
  readonly #upstream: Pick<UpstreamTransport, 'send'>;
  readonly #peer: PeerAddress;
  readonly #authority: string;
  readonly #target: string;

  constructor(address: string, upstream: Pick<UpstreamTransport, 'send'>) {
    const url = new URL(address);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    this.#upstream = upstream;
    this.#authority = url.host;
    this.#target = `${url.pathname}${url.search}`;
    this.#peer = {
      id: `auth ${url.origin}`,
      host,
      port: Number(url.port) || (secure ? 443 : 80),
      scheme: secure ? 'https' : 'http',
      sni: host,
      verify: true,
    };
  }

  /**
   * Asks about a request, of which it is told everything but the body.
   *
   * @returns what the server says of it, where 2xx lets it in; null where the server does not answer, or not in a way that could be relayed.
   */
  async ask(request: RequestHead, gone: AbortSignal): Promise<AnswerInFull | null> {
    const question = { peer: this.#peer, head: this.#head(request), timeouts };
    const answer = await new WholeAnswer(this.#upstream, question, { bodyBytesMax, signal: gone }).answer;
    if (answer === null) return null;
    const { headers } = answer.head;
    stripHopByHopResponse(headers);
    if (answer.body.length > 0) headers.set('Content-Length', String(answer.body.length));
    return { head: { ...answer.head, bodyLength: answer.body.length }, body: answer.body };
  }

  /** Who asks, and for which scheme and host, is in the forwarded headers already. */
  #head(request: RequestHead): RequestHead {
    const headers: HeaderList = request.headers.clone();
    headers.filter((lower) => !notForwarded.has(lower));
    headers.set('Host', this.#authority);
    headers.set('X-Forwarded-Method', request.method);
    headers.set('X-Forwarded-Uri', request.target);
    return {
      method: 'GET',
      target: this.#target,
      version: '1.1',
      authority: this.#authority,
      headers,
      bodyLength: 0,
      upgrade: null,
    };
  }
}
