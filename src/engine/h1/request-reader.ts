import type { Reason } from '../../http/failure.ts';
import { mayUpgrade } from '../may-upgrade.ts';
import { HeadReader } from './head-reader.ts';
import { type ParsedRequest, parseRequestHead } from './request-head.ts';

/** Bytes that are not a request, and what can be known of how the answer should look. */
export interface RefusedHead {
  readonly reason: Reason;
  readonly accept: string | undefined;
  /** It was HEAD: the answer has no body. */
  readonly bodyless: boolean;
}

/** Finds the requests in what arrives on a connection, one head after the other. */
export class RequestReader {
  readonly #heads: HeadReader;
  readonly #bytesMax: number;
  readonly #secure: boolean;
  /** Up to where the last bytes were read. */
  at = 0;

  constructor(bytesMax: number, { secure }: { readonly secure: boolean }) {
    this.#heads = new HeadReader(bytesMax);
    this.#bytesMax = bytesMax;
    this.#secure = secure;
  }

  /** No byte of the next request has come. */
  get empty(): boolean {
    return this.#heads.empty;
  }

  /** The next request; null while its head is not whole. */
  read(bytes: Buffer): ParsedRequest | RefusedHead | null {
    // One empty line before a request is forgiven, as RFC 9112 §2.2 asks: old clients send it after a body.
    const at = this.empty && bytes[0] === 0x0d && bytes[1] === 0x0a ? 2 : 0;
    this.at = at;
    if (at === bytes.length) return null;
    const text = this.#heads.read(bytes, at, bytes.length);
    this.at = this.#heads.at;
    if (text === null) return couldBeRequest(this.#heads.collected) ? null : refused('bad-request');
    if (text === 'bad') return refused('bad-request');
    if (text === 'too-large') return refused(this.#isTargetTooLong() ? 'uri-too-long' : 'headers-too-large');
    const request = parseRequestHead(text, this.#secure);
    if (typeof request === 'string') return refused(request, text);
    return request.upgrade === null || mayUpgrade(request) ? request : { ...request, upgrade: null };
  }

  #isTargetTooLong(): boolean {
    const lineEnd = this.#heads.collected.indexOf('\r\n');
    return lineEnd < 0 || lineEnd > this.#bytesMax;
  }
}

/** Told early from the first bytes, so that a client that speaks TLS or anything else is not waited for. */
function couldBeRequest(start: string): boolean {
  return /^[!-~]*(?: |$)/.test(start.slice(0, 64));
}

function refused(reason: Reason, head = ''): RefusedHead {
  return { reason, accept: /\r\naccept:([^\r\n]*)/i.exec(head)?.[1]?.trim(), bodyless: head.startsWith('HEAD ') };
}
