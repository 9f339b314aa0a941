import type { Reason } from '../../http/failure.ts';
import { mayUpgrade } from '../may-upgrade.ts';
import { HeadReader } from './head-reader.ts';
import { type HeadLimits, type ParsedRequest, parseRequestHead } from './request-head.ts';

/** Bytes that are not a request, and what can be known of how the answer should look. */
export interface RefusedHead {
  readonly reason: Reason;
  readonly accept: string | undefined;
  /** It was HEAD: the answer has no body. */
  readonly bodyless: boolean;
}

export interface RequestLimits extends HeadLimits {
  readonly headBytesMax: number;
}

/** Finds the requests in what arrives on a connection, one head after the other. */
export class RequestReader {
  readonly #heads: HeadReader;
  readonly #limits: RequestLimits;
  readonly secure: boolean;
  /** How much of an empty line has come before the head. */
  #emptyLineBytes = 0;
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(limits: RequestLimits, { secure }: { readonly secure: boolean }) {
    this.#heads = new HeadReader(limits.headBytesMax);
    this.#limits = limits;
    this.secure = secure;
  }

  /** No byte of the next request has come. */
  get empty(): boolean {
    return this.#heads.empty;
  }

  /** The next request; null while its head is not whole. */
  read(bytes: Buffer): ParsedRequest | RefusedHead | null {
    const at = this.#skipEmptyLine(bytes);
    if (at === bytes.length) return null;
    // Half an empty line is a CR in the wrong place.
    if (this.empty && this.#emptyLineBytes === 1) return refused('bad-request');
    const text = this.#heads.read(bytes, at, bytes.length);
    this.at = this.#heads.at;
    if (text === null) return couldBeRequest(this.#heads.start) ? null : refused('bad-request');
    if (text === 'bad') return refused('bad-request');
    if (text === 'too-large') return refused(this.#isTargetTooLong() ? 'uri-too-long' : 'headers-too-large');
    this.#emptyLineBytes = 0;
    const request = parseRequestHead(this.#heads.bytes, this.#heads.base, text, this.#limits, this);
    this.#heads.letGo();
    if (typeof request === 'string') return refused(request, text);
    return request.upgrade === null || mayUpgrade(request) ? request : { ...request, upgrade: null };
  }

  /**
   * One empty line before a request is forgiven, as RFC 9112 §2.2 asks: old clients send it after a body.
   *
   * @returns where the request begins.
   */
  #skipEmptyLine(bytes: Buffer): number {
    let at = 0;
    while (this.empty && this.#emptyLineBytes < 2 && bytes[at] === emptyLine[this.#emptyLineBytes]) {
      this.#emptyLineBytes++;
      at++;
    }
    this.at = at;
    return at;
  }

  #isTargetTooLong(): boolean {
    const lineEnd = this.#heads.collected.indexOf('\r\n');
    const { headBytesMax, uriBytesMax } = this.#limits;
    return lineEnd < 0 || lineEnd > Math.min(headBytesMax, uriBytesMax);
  }
}

const emptyLine = Buffer.from('\r\n');

/** Told early from the first bytes, so that a client that speaks TLS or anything else is not waited for. */
function couldBeRequest(start: string): boolean {
  return /^[!-~]*(?: |$)/.test(start);
}

function refused(reason: Reason, head = ''): RefusedHead {
  return { reason, accept: /\r\naccept:([^\r\n]*)/i.exec(head)?.[1]?.trim(), bodyless: head.startsWith('HEAD ') };
}
