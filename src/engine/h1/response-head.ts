import type { BodyLength, ResponseHead } from '../../http/head.ts';
import { valueCharacter } from './characters.ts';
import { readFieldLines } from './field-lines.ts';
import { readConnection, readContentLength, readTransferCoding } from './framing.ts';
import { LineHeaderList } from './line-header-list.ts';

/** A response head that can be read in exactly one way. */
export interface ParsedResponse extends ResponseHead {
  /** The body ends with the connection (RFC 9112 §6.3, item 8); `bodyLength` is null. */
  readonly untilClose: boolean;
  readonly keepAlive: boolean;
}

/**
 * Reads a response head; null when it is not HTTP/1.x or could be read in two ways. Held to the same rule as requests: a
 * backend that can be talked into sending two framings is how one client gets another's answer.
 *
 * @param bytes the head begins at `base` in them.
 * @param text the same from the status line to the empty line, included, as latin1.
 * @param method of the request: HEAD has no body whatever the head says.
 */
export function parseResponseHead(
  bytes: Uint8Array,
  base: number,
  text: string,
  method: string,
  linesMax: number,
): ParsedResponse | null {
  if (!text.startsWith('HTTP/1.') || text.charCodeAt(8) !== 0x20) return null;
  const minor = text.charCodeAt(7) - 0x30;
  if (minor !== 0 && minor !== 1) return null;
  const status = readStatus(text);
  if (status === null) return null;
  let i = 12;
  if (text.charCodeAt(i) === 0x20) i++;
  const reasonStart = i;
  while (valueCharacter[text.charCodeAt(i)] === 1) i++;
  if (i > reasonStart && text.charCodeAt(12) !== 0x20) return null;
  if (text.charCodeAt(i) !== 0x0d || text.charCodeAt(i + 1) !== 0x0a) return null;
  const reason = text.slice(reasonStart, i);
  const lines = readFieldLines(bytes, base, base + i + 2, text, linesMax);
  if (lines === null) return null;

  const headers = new LineHeaderList(lines);
  const framing = readResponseFraming(headers, method, status, minor);
  if (framing === null) return null;
  const { bodyLength, untilClose } = framing;
  return { status, reason, headers, bodyLength, untilClose, keepAlive: !untilClose && persists(headers, minor) };
}

/** RFC 9112 §9.3. */
function persists(headers: LineHeaderList, minor: number): boolean {
  if (!headers.has('connection')) return minor === 1;
  const { close, keepAlive } = readConnection(headers.all('connection'));
  return !close && (minor === 1 || keepAlive);
}

/** Three digits; 100 to 599 have a meaning, beyond that some applications invent their own up to 999. */
function readStatus(text: string): number | null {
  const [a, b, c] = [text.charCodeAt(9) - 0x30, text.charCodeAt(10) - 0x30, text.charCodeAt(11) - 0x30];
  if (!(a >= 1 && a <= 9 && b >= 0 && b <= 9 && c >= 0 && c <= 9)) return null;
  return a * 100 + b * 10 + c;
}

function readResponseFraming(
  headers: LineHeaderList,
  method: string,
  status: number,
  minor: number,
): ResponseFraming | null {
  const chunked = headers.has('transfer-encoding');
  const stated = headers.has('content-length');
  const digits = headers.only('content-length');
  const length = stated ? readContentLength(digits) : 0;
  if (length === null) return null;
  // Zeros in front are octal to somebody; where no body follows, the line is passed on as it is.
  if (digits?.startsWith('0') && digits !== '0') headers.set('Content-Length', String(length));
  if (chunked) {
    if (stated || minor === 0 || readTransferCoding(headers.all('transfer-encoding')) !== 'chunked') return null;
    headers.delete('transfer-encoding');
  }
  if (method === 'HEAD' || status === 304) return noBody;
  if (status < 200 || status === 204) {
    // These never have a body; one that is announced all the same would be read as the next response (RFC 9112 §6.3).
    return chunked || length > 0 ? null : noBody;
  }
  if (chunked) return markedEnd;
  return stated ? { bodyLength: length, untilClose: false } : untilClose;
}

interface ResponseFraming {
  readonly bodyLength: BodyLength;
  readonly untilClose: boolean;
}

const noBody: ResponseFraming = { bodyLength: 0, untilClose: false };
const markedEnd: ResponseFraming = { bodyLength: null, untilClose: false };
const untilClose: ResponseFraming = { bodyLength: null, untilClose: true };
