import { readAuthority } from '../../http/authority.ts';
import type { Reason } from '../../http/failure.ts';
import { FieldSet } from '../../http/field-names.ts';
import type { BodyLength, HttpVersion, RequestHead } from '../../http/head.ts';
import { methodCharacter, targetCharacter } from './characters.ts';
import { readFieldLines } from './field-lines.ts';
import { readConnection, readContentLength, readTransferCoding } from './framing.ts';
import { LineHeaderList } from './line-header-list.ts';

/** A request head that can be read in exactly one way. */
export interface ParsedRequest extends RequestHead {
  /** The client keeps the connection open after this exchange. */
  readonly keepAlive: boolean;
  /** `Expect: 100-continue` (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

const space = 0x20;
/** Longest method that is looked at; the registry's longest is UPDATEREDIRECTREF with 17. */
export const methodLengthMax = 32;

export interface HeadLimits {
  readonly uriBytesMax: number;
  readonly fieldLinesMax: number;
}

/**
 * Reads a request head, or says why not. Nothing is repaired: whatever two parsers could read differently is refused
 * (RFC 9112 §2.2, §3, §5, §6).
 *
 * @param bytes the head begins at `base` in them.
 * @param text the same from the first byte of the request line to the empty line, included, as latin1.
 * @param secure the connection is TLS: which scheme an absolute-form target may name.
 */
export function parseRequestHead(
  bytes: Uint8Array,
  base: number,
  text: string,
  limits: HeadLimits,
  { secure }: { readonly secure: boolean },
): ParsedRequest | Reason {
  let i = base;
  while (methodCharacter[bytes[i] as number] === 1) i++;
  const methodLength = i - base;
  if (methodLength === 0 || methodLength > methodLengthMax || bytes[i] !== space) return 'bad-request';
  const method = text.slice(0, methodLength);
  const targetStart = ++i;
  while (targetCharacter[bytes[i] as number] === 1) i++;
  if (i === targetStart || bytes[i] !== space) return 'bad-request';
  if (i - targetStart > limits.uriBytesMax) return 'uri-too-long';
  const target = text.slice(targetStart - base, i - base);
  const rest = i - base;
  if (!text.startsWith(' HTTP/1.', rest) || !text.startsWith('\r\n', rest + 9)) return 'bad-request';
  const minor = bytes[i + 8];
  if (minor !== 0x30 && minor !== 0x31) return 'bad-request';
  const version: HttpVersion = minor === 0x31 ? '1.1' : '1.0';

  const lines = readFieldLines(bytes, base, i + 11, text, limits.fieldLinesMax);
  if (lines === null) return hasTooManyLines(text, limits) ? 'headers-too-large' : 'bad-request';
  // CONNECT has no resource to route, TRACE echoes what other hops added: a gateway offers neither (RFC 9110 §9.3.6, §9.3.8).
  if (method === 'CONNECT' || method === 'TRACE') return 'not-implemented';
  const headers = new LineHeaderList(lines);
  const host = headers.only('host');
  if (host === undefined ? version === '1.1' || headers.has('host') : !isAuthority(host)) return 'bad-request';
  const plain = !headers.mayHave(messageFields);
  const bodyLength = plain ? 0 : readBodyLength(headers, version);
  if (typeof bodyLength === 'string') return bodyLength;
  const expectations = plain ? noValues : headers.all('expect');
  if (!isExpectation(expectations)) return 'bad-request';
  // HTTP/1.0 knows no interim responses, so nobody may wait for one on its behalf (RFC 9110 §10.1.1).
  if (expectations.length > 0 && version === '1.0') headers.delete('expect');
  const form = readTargetForm(target, method, host ?? null, secure);
  if (form === null) return 'bad-request';

  const connection = readConnection(plain ? noValues : headers.all('connection'));
  return {
    method,
    target: form,
    version,
    authority: host ?? '',
    headers,
    bodyLength,
    upgrade: version === '1.1' && connection.upgrade ? offeredProtocols(headers) : null,
    keepAlive: version === '1.1' ? !connection.close : connection.keepAlive && !connection.close,
    expectsContinue: expectations.length > 0 && version === '1.1',
  };
}

/** Without any of these a head is a head and nothing follows it. */
const messageFields = new FieldSet(['content-length', 'transfer-encoding', 'expect', 'connection']);
const noValues: readonly string[] = [];

/** The authority that was read last: most requests of a worker ask for one of few hosts, and those of a connection for one. */
let lastAuthority = '';

function isAuthority(host: string): boolean {
  if (host === lastAuthority) return true;
  if (readAuthority(host) === null) return false;
  lastAuthority = host;
  return true;
}

/** What Content-Length and Transfer-Encoding say together; the latter is taken out, because framing is written anew. */
function readBodyLength(headers: LineHeaderList, version: HttpVersion): BodyLength | Reason {
  const stated = headers.has('content-length');
  if (headers.has('transfer-encoding')) {
    // Both, or a coding in HTTP/1.0, is how requests are smuggled (RFC 9112 §6.1).
    if (stated || version === '1.0') return 'bad-request';
    const coding = readTransferCoding(headers.all('transfer-encoding'));
    if (coding !== 'chunked') return coding === 'unknown' ? 'not-implemented' : 'bad-request';
    headers.delete('transfer-encoding');
    return null;
  }
  if (!stated) return 0;
  return readContentLength(headers.only('content-length')) ?? 'bad-request';
}

function offeredProtocols(headers: LineHeaderList): string | null {
  return headers.all('upgrade').join(', ').toLowerCase() || null;
}

/** None, or the only one there is (RFC 9110 §10.1.1), once. */
function isExpectation(lines: readonly string[]): boolean {
  return lines.length === 0 || (lines.length === 1 && lines[0]?.toLowerCase() === '100-continue');
}

/** Only asked of a head that is refused anyway. */
function hasTooManyLines(head: string, { fieldLinesMax }: HeadLimits): boolean {
  return head.split('\r\n').length - 3 > fieldLinesMax;
}

/**
 * Reduces a target to origin-form; null where the form does not fit the method, or absolute-form names another host or
 * scheme than the one the request came to: some servers route by the one and some by the other (RFC 9112 §3.2.2).
 */
function readTargetForm(target: string, method: string, host: string | null, secure: boolean): string | null {
  if (target.charCodeAt(0) === 0x2f) return target;
  if (target === '*') return method === 'OPTIONS' ? target : null;
  const scheme = secure ? 'https://' : 'http://';
  if (host === null || target.slice(0, scheme.length).toLowerCase() !== scheme) return null;
  const rest = target.slice(scheme.length);
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (authority.toLowerCase() !== host.toLowerCase()) return null;
  // Who speaks of the server as a whole has no other way to say so to a proxy (RFC 9112 §3.2.4).
  if (end < 0) return method === 'OPTIONS' ? '*' : '/';
  return rest.charCodeAt(end) === 0x2f ? rest.slice(end) : `/${rest.slice(end)}`;
}
