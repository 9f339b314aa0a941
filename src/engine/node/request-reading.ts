import type { IncomingMessage } from 'node:http';
import { readAuthority } from '../../http/authority.ts';
import type { Reason } from '../../http/failure.ts';
import type { BodyLength, HttpVersion, RequestHead } from '../../http/head.ts';
import { FlatHeaderList } from '../../http/header-list.ts';
import { listItems } from '../../http/list-items.ts';
import type { ListenerLimits } from '../../http/transport.ts';

/** A request that can be read in exactly one way, and what its connection asks for. */
export interface NodeRequest extends RequestHead {
  /** The client keeps the connection open after this exchange (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  /** `Expect: 100-continue` (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

/**
 * Reads what node's parser let through, or says why it is refused all the same: the parser is one reader, and whatever a
 * second one behind us could read differently must not pass (RFC 9112 §2.2, §3, §6.1).
 *
 * @param secure the connection is TLS: which scheme an absolute-form target may name.
 */
export function readRequest(
  message: IncomingMessage,
  limits: ListenerLimits,
  { secure }: { readonly secure: boolean },
): NodeRequest | Reason {
  const { method = '', url = '', rawHeaders } = message;
  const version = readVersion(message.httpVersion);
  if (version === null) return 'bad-request';
  const tooLarge = measure(method, url, rawHeaders, limits);
  if (tooLarge !== null) return tooLarge;
  // CONNECT has no resource to route, TRACE echoes what other hops added: a gateway offers neither (RFC 9110 §9.3.6, §9.3.8).
  if (method === 'CONNECT' || method === 'TRACE') return 'not-implemented';

  const headers = new FlatHeaderList(rawHeaders.slice());
  const hosts = headers.all('host');
  if (hosts.length > 1 || (hosts.length === 0 && version === '1.1')) return 'bad-request';
  const [authority] = hosts;
  if (authority !== undefined && readAuthority(authority) === null) return 'bad-request';
  const target = reduceTarget(url, method, authority, secure);
  if (target === null) return 'bad-request';
  const bodyLength = readBodyLength(headers, version);
  if (typeof bodyLength === 'string') return bodyLength;
  const [expect, ...others] = headers.all('expect');
  if (others.length > 0 || (expect !== undefined && expect.toLowerCase() !== '100-continue')) return 'bad-request';

  // HTTP/1.0 knows no interim responses, so nobody may wait for one on its behalf (RFC 9110 §10.1.1).
  if (version === '1.0') headers.delete('expect');

  const options = listItems(headers.all('connection'));
  const has = (option: string): boolean => options.includes(option);
  const persistent = version === '1.1' || has('keep-alive');
  const upgrade = version === '1.1' && has('upgrade') ? headers.all('upgrade').join(', ').toLowerCase() : '';
  return {
    method,
    target,
    version,
    authority: authority ?? '',
    headers,
    bodyLength,
    upgrade: upgrade === '' ? null : upgrade,
    keepAlive: persistent && !has('close'),
    expectsContinue: expect !== undefined && version === '1.1',
  };
}

function readVersion(version: string): HttpVersion | null {
  return version === '1.1' || version === '1.0' ? version : null;
}

/** node's parser counts names and values only, so the limit of the whole head is held here. */
function measure(method: string, url: string, rawHeaders: readonly string[], limits: ListenerLimits): Reason | null {
  const { headBytesMax, uriBytesMax, fieldLinesMax } = limits;
  if (url.length > Math.min(headBytesMax, uriBytesMax)) return 'uri-too-long';
  if (rawHeaders.length > 2 * fieldLinesMax) return 'headers-too-large';
  let bytes = method.length + url.length + ' HTTP/1.1\r\n\r\n\r\n'.length;
  // Every field line has ": " and CRLF around its two strings.
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes > headBytesMax ? 'headers-too-large' : null;
}

/** Visible ASCII without `#`, which would end the target for some (RFC 3986 §3.5 keeps it from ever being sent). */
const targetCharacters = /^[\x21\x22\x24-\x7e]+$/;

/**
 * Reduces a target to origin-form; null where the form does not fit the method, or absolute-form names another host than
 * Host: some servers route by the one and some by the other (RFC 9112 §3.2.2).
 */
function reduceTarget(url: string, method: string, host: string | undefined, secure: boolean): string | null {
  if (!targetCharacters.test(url)) return null;
  if (url.startsWith('/')) return url;
  if (url === '*') return method === 'OPTIONS' ? url : null;
  const absolute = secure ? /^https:\/\/([^/?]+)(.*)$/i : /^http:\/\/([^/?]+)(.*)$/i;
  const [, authority, rest = ''] = absolute.exec(url) ?? [];
  if (authority === undefined || host === undefined || authority.toLowerCase() !== host.toLowerCase()) return null;
  // Who speaks of the server as a whole has no other way to say so to a proxy (RFC 9112 §3.2.4).
  if (rest === '') return method === 'OPTIONS' ? '*' : '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Bodies beyond this are nobody's: 15 digits stay exact in a double. */
const contentLength = /^[0-9]{1,15}$/;

/** The one framing decision; Transfer-Encoding is taken out of the list, because framing is the business of each hop. */
function readBodyLength(headers: FlatHeaderList, version: HttpVersion): BodyLength | Reason {
  const codings = headers.all('transfer-encoding');
  const lengths = headers.all('content-length');
  if (codings.length === 0) {
    if (lengths.length === 0) return 0;
    // RFC 9112 §6.3 allows equal repeats; nobody honest sends them.
    return lengths.length === 1 && contentLength.test(lengths[0] as string) ? Number(lengths[0]) : 'bad-request';
  }
  // Both, or a coding in HTTP/1.0, is how requests are smuggled (RFC 9112 §6.1).
  if (lengths.length > 0 || codings.length > 1 || version === '1.0') return 'bad-request';
  const coding = (codings[0] as string).toLowerCase();
  if (coding !== 'chunked') return isCodingList(coding) ? 'not-implemented' : 'bad-request';
  headers.delete('transfer-encoding');
  return null;
}

/** Well-formed, and `chunked`, if it is there, comes last and once: then it is merely unknown to us (501, RFC 9112 §6.1). */
function isCodingList(coding: string): boolean {
  const codings = coding.split(',').map((item) => item.trim());
  const chunkedAt = codings.indexOf('chunked');
  return (
    codings.every((item) => /^[\w!#$%&'*+.^`|~-]+$/.test(item)) && (chunkedAt < 0 || chunkedAt === codings.length - 1)
  );
}
