import { BodyReader, type BodyTaker, type ReadVerdict } from './body-reader.ts';
import type { FieldLines } from './field-lines.ts';
import { readConnection } from './framing.ts';
import { HeadReader } from './head-reader.ts';
import { type ParsedResponse, parseResponseHead } from './response-head.ts';

/** So many interim responses may come before the final one, as large together as one head may be: more than any application sends, and no flood. */
export const interimMax = 32;

export interface ResponseLimits {
  readonly responseHeadBytesMax: number;
  readonly responseLinesMax: number;
}

/** What a reader finds, in the order of the wire; then the body. */
export interface ResponseEvents extends BodyTaker {
  onInterim(head: ParsedResponse): void;
  onFinal(head: ParsedResponse): void;
}

/**
 * Reads the responses off a connection, fed with whatever arrives: one for each `expect`. What is left behind a response is
 * for nobody: a backend speaks only when it is asked.
 */
export class ResponseReader implements BodyTaker {
  readonly #events: ResponseEvents;
  readonly #heads: HeadReader;
  readonly #limits: ResponseLimits;
  #method = '';
  /** Asked for with the request; null: a 101 is an answer that nobody asked for. */
  #protocol: string | null = null;
  #interims = 0;
  #interimBytes = 0;
  #head: ParsedResponse | null = null;
  #body: BodyReader | null = null;
  /** The bytes handed out last are not to be touched yet. */
  #inUse = false;
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(events: ResponseEvents, limits: ResponseLimits) {
    this.#events = events;
    this.#heads = new HeadReader(limits.responseHeadBytesMax);
    this.#limits = limits;
  }

  /** The final head, once it was read; null again when the next response is expected. */
  get head(): ParsedResponse | null {
    return this.#head;
  }

  /** Once the body has been read. */
  get trailers(): FieldLines | null {
    return this.#body?.trailers ?? null;
  }

  /**
   * The next bytes answer a request with this method; the response before has been read to its end.
   *
   * @param protocol that the request asks to switch to.
   */
  expect(method: string, protocol: string | null = null): void {
    this.#method = method;
    this.#protocol = protocol;
    this.#interims = 0;
    this.#interimBytes = 0;
    this.#head = null;
    this.#body = null;
  }

  /** 'switched': `head` is the 101 that was asked for, and what stands behind `at` is no HTTP any more. */
  read(bytes: Buffer, at: number, end: number): ReadVerdict | 'switched' {
    this.at = at;
    while (this.#body === null) {
      if (this.at === end) return 'more';
      const text = this.#heads.read(bytes, this.at, end);
      this.at = this.#heads.at;
      if (text === null) return couldBeHttp(this.#heads) ? 'more' : 'bad';
      if (text === 'too-large' || text === 'bad' || !this.#takeHead(text)) return 'bad';
      if (this.#head?.status === 101) return 'switched';
    }
    const body = this.#body;
    this.#inUse = false;
    const verdict = body.read(bytes, this.at, end, this);
    this.at = body.at;
    // Done only once the client has the last bytes: before that the connection must not read another client's answer over them.
    return verdict === 'done' && this.#inUse ? 'stopped' : verdict;
  }

  onData(bytes: Buffer, from: number, to: number): boolean {
    const taken = this.#events.onData(bytes, from, to);
    this.#inUse = !taken;
    return taken;
  }

  #takeHead(text: string): boolean {
    const head = parseResponseHead(
      this.#heads.bytes,
      this.#heads.base,
      text,
      this.#method,
      this.#limits.responseLinesMax,
    );
    this.#heads.letGo();
    if (head === null) return false;
    if (head.status === 101 && this.#protocol !== null) {
      this.#head = head;
      return switchesTo(head, this.#protocol);
    }
    if (head.status < 200) {
      // 101 without having been asked to upgrade, an interim response that ends the connection, or a flood of them: not HTTP.
      if (head.status === 101 || !head.keepAlive || this.#isFlood(text.length)) return false;
      this.#events.onInterim(head);
      return true;
    }
    this.#head = head;
    this.#body = new BodyReader(head.bodyLength, head.untilClose);
    this.#events.onFinal(head);
    return true;
  }

  #isFlood(bytes: number): boolean {
    this.#interimBytes += bytes;
    return ++this.#interims > interimMax || this.#interimBytes > this.#limits.responseHeadBytesMax;
  }
}

/** Told early from the first bytes, so that a backend that speaks something else is not waited for. */
function couldBeHttp(heads: HeadReader): boolean {
  return 'HTTP/1.'.startsWith(heads.start.slice(0, 7));
}

/** Whether a 101 switches to what was asked for, says so for this connection, and to nothing else besides (RFC 9110 §7.8). */
function switchesTo({ headers }: ParsedResponse, protocol: string): boolean {
  return readConnection(headers.all('connection')).upgrade && headers.only('upgrade')?.toLowerCase() === protocol;
}
