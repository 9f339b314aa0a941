import { readAuthority } from '../../http/authority.ts';
import type { Reason } from '../../http/failure.ts';
import type { BodyLength, RequestHead } from '../../http/head.ts';
import { FlatHeaderList } from '../../http/header-list.ts';
import type { ListenerLimits } from '../../http/transport.ts';
import { isTunnelProtocol } from '../../http/tunnel-protocol.ts';
import { readContentLength } from '../h1/framing.ts';
import { methodLengthMax } from '../h1/request-head.ts';
import { type FieldSection, readFields } from './field-section.ts';

/** A request that can be read in exactly one way, in HTTP/2 and in the HTTP/1.1 that it becomes. */
export interface H2Request extends RequestHead {
  /** `Expect: 100-continue` (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

/** A token without lower case, as for HTTP/1.1. */
const methodCharacters = /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/;

/** Visible ASCII without `#`, which would end the target for some (RFC 3986 §3.5 keeps it from ever being sent). */
const targetCharacters = /^[\x21\x22\x24-\x7e]+$/;

/**
 * Reads what nghttp2 let through, or says why it is refused all the same: the backend gets a request line and field lines that we
 * write, so nothing may pass that HTTP/1.1 could not carry, or that a parser of it could read differently (RFC 9113 §10.3).
 *
 * @param flat `[name, value, …]`, pseudo-headers first and none of them twice.
 * @param about.ended the head is the whole request (END_STREAM).
 * @param about.secure the connection is TLS: which scheme the request may name.
 */
export function readRequest(
  flat: readonly string[],
  limits: ListenerLimits,
  about: { readonly ended: boolean; readonly secure: boolean },
): H2Request | Reason {
  const section = readFields(flat);
  if (section === null) return 'bad-request';
  const { method, path, scheme, protocol } = section;
  const tooLarge = measure(section, limits);
  if (tooLarge !== null) return tooLarge;
  // CONNECT has no resource to route, TRACE echoes what other hops added: a gateway offers neither (RFC 9110 §9.3.6, §9.3.8).
  if ((method === 'CONNECT' && protocol === null) || method === 'TRACE') return 'not-implemented';
  if (method.length > methodLengthMax || !methodCharacters.test(method)) return 'bad-request';
  if (scheme.toLowerCase() !== (about.secure ? 'https' : 'http') || !isTarget(path, method)) return 'bad-request';
  const authority = authorityOf(section);
  if (authority === null) return 'bad-request';

  const { fields } = section;
  fields.unshift('host', authority);
  const headers = new FlatHeaderList(fields);
  const expectations = headers.all('expect');
  if (expectations.length > 1 || (expectations[0] ?? '100-continue').toLowerCase() !== '100-continue')
    return 'bad-request';
  const bodyLength = readBodyLength(headers, about.ended);
  if (bodyLength === 'bad') return 'bad-request';
  const request = { target: path, version: '2', authority, headers } as const;
  if (protocol === null)
    return { ...request, method, bodyLength, upgrade: null, expectsContinue: expectations.length > 0 };

  // The tunnel's bytes are no body (RFC 8441 §5), and the backend is asked as RFC 6455 §4.1 has it.
  if (headers.has('content-length') || expectations.length > 0) return 'bad-request';
  const upgrade = protocol.toLowerCase();
  if (!isTunnelProtocol(upgrade)) return 'not-implemented';
  return { ...request, method: 'GET', bodyLength: 0, upgrade, expectsContinue: false };
}

/** As the same head would count in HTTP/1.1: the limits are those of the backend's side, too. */
function measure({ method, path, authority, hosts, fields }: FieldSection, limits: ListenerLimits): Reason | null {
  const { headBytesMax, uriBytesMax, fieldLinesMax } = limits;
  if (path.length > Math.min(headBytesMax, uriBytesMax)) return 'uri-too-long';
  // One more for Host.
  if (fields.length + 2 > 2 * fieldLinesMax) return 'headers-too-large';
  let bytes = method.length + path.length + '  HTTP/1.1\r\nhost: \r\n\r\n'.length;
  bytes += (authority ?? hosts[0] ?? '').length;
  // Every field line has ": " and CRLF around its two strings.
  for (const text of fields) bytes += text.length + 2;
  return bytes > headBytesMax ? 'headers-too-large' : null;
}

function isTarget(path: string, method: string): boolean {
  if (path === '*') return method === 'OPTIONS';
  return path.startsWith('/') && targetCharacters.test(path);
}

/** Where both are there they must be the same: some servers route by the one and some by the other (RFC 9113 §8.3.1). */
function authorityOf({ authority, hosts }: FieldSection): string | null {
  const [host] = hosts;
  if (hosts.length > 1 || (authority !== null && host !== undefined && authority.toLowerCase() !== host.toLowerCase()))
    return null;
  const named = authority ?? host;
  return named === undefined || readAuthority(named) === null ? null : named;
}

/** nghttp2 holds the body to a length that is stated (RFC 9113 §8.1.1). */
function readBodyLength(headers: FlatHeaderList, ended: boolean): BodyLength | 'bad' {
  if (!headers.has('content-length')) return ended ? 0 : null;
  const stated = readContentLength(headers.only('content-length'));
  return stated === null || (ended && stated !== 0) ? 'bad' : stated;
}
