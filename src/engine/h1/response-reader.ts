import { BodyReader, type ReadVerdict, type TakeBytes } from './body-reader.ts';
import type { FieldLines } from './field-lines.ts';
import { HeadReader } from './head-reader.ts';
import { type ParsedResponse, parseResponseHead } from './response-head.ts';

/** So many interim responses may come before the final one: more than any application sends, and no flood. */
const interimMax = 32;

/** What a reader finds, in the order of the wire. */
export interface ResponseEvents {
  onInterim(head: ParsedResponse): void;
  onFinal(head: ParsedResponse): void;
  /** See `TakeBytes`. */
  onData(bytes: Buffer, from: number, to: number): boolean;
  onEnd(trailers: FieldLines | null): void;
}

/**
 * Reads one response off a connection, fed with whatever arrives. It serves one exchange; what is left behind the response
 * is for nobody: a backend speaks only when it is asked.
 */
export class ResponseReader {
  readonly #method: string;
  readonly #events: ResponseEvents;
  readonly #heads: HeadReader;
  readonly #take: TakeBytes;
  #interims = 0;
  #head: ParsedResponse | null = null;
  #body: BodyReader | null = null;
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(method: string, events: ResponseEvents, headBytesMax: number) {
    this.#method = method;
    this.#events = events;
    this.#heads = new HeadReader(headBytesMax);
    this.#take = (bytes, from, to) => events.onData(bytes, from, to);
  }

  /** The final head, once it was read. */
  get head(): ParsedResponse | null {
    return this.#head;
  }

  read(bytes: Buffer, at: number, end: number): ReadVerdict {
    this.at = at;
    while (this.#body === null) {
      if (this.at === end) return 'more';
      const text = this.#heads.read(bytes, this.at, end);
      this.at = this.#heads.at;
      if (text === null) return couldBeHttp(this.#heads) ? 'more' : 'bad';
      if (text === 'too-large' || text === 'bad' || !this.#takeHead(text)) return 'bad';
    }
    const verdict = this.#body.read(bytes, this.at, end, this.#take);
    this.at = this.#body.at;
    if (verdict === 'done') this.#events.onEnd(this.#body.trailers);
    return verdict;
  }

  /** The connection has ended: whether the response is whole, which it can be only if it had no other end. */
  end(): boolean {
    if (this.#head?.untilClose !== true) return false;
    this.#events.onEnd(null);
    return true;
  }

  #takeHead(text: string): boolean {
    const head = parseResponseHead(text, this.#method);
    if (head === null) return false;
    if (head.status < 200) {
      // 101 without having been asked to upgrade, or interim responses without end, are not HTTP.
      if (head.status === 101 || ++this.#interims > interimMax) return false;
      this.#events.onInterim(head);
      return true;
    }
    this.#head = head;
    this.#body = new BodyReader(head.bodyLength, { untilClose: head.untilClose });
    this.#events.onFinal(head);
    return true;
  }
}

/** Told early from the first bytes, so that a backend that speaks something else is not waited for. */
function couldBeHttp(heads: HeadReader): boolean {
  return 'HTTP/1.'.startsWith(heads.start.slice(0, 7));
}
