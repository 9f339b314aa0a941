import { readAuthority } from '../../http/authority.ts';
import type { Reason } from '../../http/failure.ts';
import type { BodyLength, HttpVersion, RequestHead } from '../../http/head.ts';
import { methodCharacter, targetCharacter } from './characters.ts';
import { type FieldLines, fieldLinesMax, readFieldLines } from './field-lines.ts';
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
const methodLengthMax = 32;

/**
 * Reads a request head, or says why not. Nothing is repaired: whatever two parsers could read differently is refused
 * (RFC 9112 §2.2, §3, §5, §6).
 *
 * @param text from the first byte of the request line to the empty line, included, as latin1.
 * @param secure the connection is TLS: which scheme an absolute-form target may name.
 */
export function parseRequestHead(text: string, secure: boolean): ParsedRequest | Reason {
  let i = 0;
  while (methodCharacter[text.charCodeAt(i)] === 1) i++;
  if (i === 0 || i > methodLengthMax || text.charCodeAt(i) !== space) return 'bad-request';
  const method = text.slice(0, i);
  const targetStart = ++i;
  while (targetCharacter[text.charCodeAt(i)] === 1) i++;
  if (i === targetStart || text.charCodeAt(i) !== space) return 'bad-request';
  const targetEnd = i;
  if (!text.startsWith(' HTTP/1.', i) || !text.startsWith('\r\n', i + 9)) return 'bad-request';
  const minor = text.charCodeAt(i + 8);
  if (minor !== 0x30 && minor !== 0x31) return 'bad-request';
  const version: HttpVersion = minor === 0x31 ? '1.1' : '1.0';

  const lines = readFieldLines(text, i + 11);
  if (lines === null) return hasTooManyLines(text) ? 'headers-too-large' : 'bad-request';
  // CONNECT has no resource to route, TRACE echoes what other hops added: a gateway offers neither (RFC 9110 §9.3.6, §9.3.8).
  if (method === 'CONNECT' || method === 'TRACE') return 'not-implemented';
  const fields = readFraming(lines, version);
  if (typeof fields === 'string') return fields;
  const form = readTargetForm(text.slice(targetStart, targetEnd), method, fields.host, secure);
  if (form === null) return 'bad-request';

  const { bodyLength, connection, expect } = fields;
  const upgrade = version === '1.1' && connection.upgrade ? fields.upgrade : null;
  return {
    method,
    target: form,
    version,
    authority: fields.host ?? '',
    headers: fields.headers,
    bodyLength,
    upgrade,
    keepAlive: version === '1.1' ? !connection.close : connection.keepAlive && !connection.close,
    expectsContinue: expect,
  };
}

interface Framing {
  readonly host: string | null;
  readonly bodyLength: BodyLength;
  readonly connection: { readonly close: boolean; readonly keepAlive: boolean; readonly upgrade: boolean };
  readonly upgrade: string | null;
  readonly expect: boolean;
  readonly headers: LineHeaderList;
}

/** What Host, Content-Length, Transfer-Encoding, Connection, Upgrade and Expect say together. */
function readFraming(lines: FieldLines, version: HttpVersion): Framing | Reason {
  const headers = new LineHeaderList(lines);
  const hosts = headers.all('host');
  if (hosts.length > 1 || (hosts.length === 0 && version === '1.1')) return 'bad-request';
  if (hosts.length === 1 && readAuthority(hosts[0] as string) === null) return 'bad-request';
  const codings = headers.all('transfer-encoding');
  const lengths = headers.all('content-length');
  let bodyLength: BodyLength = 0;
  if (codings.length > 0) {
    // Both, or a coding in HTTP/1.0, is how requests are smuggled (RFC 9112 §6.1).
    if (lengths.length > 0 || version === '1.0') return 'bad-request';
    const coding = readTransferCoding(codings);
    if (coding !== 'chunked') return coding === 'unknown' ? 'not-implemented' : 'bad-request';
    bodyLength = null;
    headers.delete('transfer-encoding');
  } else if (lengths.length > 0) {
    const length = readContentLength(lengths);
    if (length === null) return 'bad-request';
    bodyLength = length;
  }
  const expectations = headers.all('expect');
  if (!isExpectation(expectations)) return 'bad-request';
  // HTTP/1.0 knows no interim responses, so nobody may wait for one on its behalf (RFC 9110 §10.1.1).
  if (expectations.length > 0 && version === '1.0') headers.delete('expect');
  return {
    host: hosts[0] ?? null,
    bodyLength,
    connection: readConnection(headers.all('connection')),
    upgrade: headers.all('upgrade').join(', ').toLowerCase() || null,
    expect: expectations.length > 0 && version === '1.1',
    headers,
  };
}

/** None, or the only one there is (RFC 9110 §10.1.1), once. */
function isExpectation(lines: readonly string[]): boolean {
  return lines.length === 0 || (lines.length === 1 && lines[0]?.toLowerCase() === '100-continue');
}

/** Only asked of a head that is refused anyway. */
function hasTooManyLines(head: string): boolean {
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
  if (end < 0) return '/';
  return rest.charCodeAt(end) === 0x2f ? rest.slice(end) : `/${rest.slice(end)}`;
}
