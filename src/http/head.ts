import type { HeaderList } from './header-list.ts';

export type HttpVersion = '1.0' | '1.1' | '2';

/**
 * Length of a message body as its framing states it, in bytes: 0 = none, null = until its end is marked (chunked, or an
 * HTTP/2 stream). Never derived from the method (RFC 9112 §6).
 */
export type BodyLength = number | null;

/**
 * The head of a request. `headers` has no Transfer-Encoding (that is the engine's business); a Content-Length line
 * stays where it was and always agrees with `bodyLength`.
 */
export interface RequestHead {
  readonly method: string;
  /** Origin-form target as sent (`/path?query`), or `*`. Absolute-form has been reduced to it by the engine. */
  target: string;
  readonly version: HttpVersion;
  /** The authority the client asked for (Host or :authority), as sent, port included. */
  readonly authority: string;
  headers: HeaderList;
  bodyLength: BodyLength;
  /** The protocol named by a valid upgrade request (`Connection: upgrade` plus `Upgrade`), in lower case. */
  readonly upgrade: string | null;
}

/**
 * The head of a response. `bodyLength` is the framing; for HEAD and 304 it is 0 while a Content-Length line may still
 * state what a GET would have carried (RFC 9110 §8.6).
 */
export interface ResponseHead {
  status: number;
  /** Reason phrase; empty means the standard one. */
  reason: string;
  headers: HeaderList;
  bodyLength: BodyLength;
}
