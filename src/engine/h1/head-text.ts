import { STATUS_CODES } from 'node:http';
import { FieldSet } from '../../http/field-names.ts';
import type { RequestHead, ResponseHead } from '../../http/head.ts';
import { linesText } from '../../http/header-block.ts';
import type { HeaderList } from '../../http/header-list.ts';
import { LineHeaderList } from './line-header-list.ts';
import type { Framing } from './message-sink.ts';

/** Field lines as they go on the wire, each with its CRLF. */
export function fieldText(headers: HeaderList): string {
  return headers instanceof LineHeaderList ? headers.lines() : linesText(headers.flat());
}

/** Methods whose missing body is stated, because some servers wait for one (RFC 9110 §8.6). */
const statesEmptyBody = new Set(['POST', 'PUT', 'PATCH']);

/** What a step may have written and only we may write. */
const requestHopFields = new FieldSet(['transfer-encoding', 'connection', 'upgrade']);

const framedByUs = new FieldSet([...requestHopFields.names, 'trailer', 'content-length', 'te']);

/**
 * A request head with its framing, which follows `bodyLength` and nothing else.
 *
 * @param protocol that the backend is asked to switch to (RFC 9110 §7.8); null = none.
 */
export function requestText(head: RequestHead, protocol: string | null): string {
  const { headers, bodyLength, method } = head;
  if (bodyLength === 0 && protocol === null && !headers.mayHave(framedByUs) && !statesEmptyBody.has(method))
    return `${method} ${head.target} HTTP/1.1\r\n${fieldText(headers)}\r\n`;
  headers.drop(requestHopFields);
  if (bodyLength !== null) headers.delete('trailer');
  let lines = '';
  if (bodyLength === null) {
    headers.delete('content-length');
    lines = 'Transfer-Encoding: chunked\r\n';
  } else if (!keepsLength(headers, bodyLength) && (bodyLength > 0 || statesEmptyBody.has(method))) {
    lines = `Content-Length: ${bodyLength}\r\n`;
  }
  if (protocol !== null) lines += `Upgrade: ${protocol}\r\n`;
  // TE and Upgrade speak to the next hop only, so they have to be named as such (RFC 9110 §7.6.1).
  const options = headers.has('te') ? (protocol === null ? 'TE' : 'TE, Upgrade') : protocol === null ? '' : 'Upgrade';
  if (options !== '') lines += `Connection: ${options}\r\n`;
  return `${method} ${head.target} HTTP/1.1\r\n${fieldText(headers)}${lines}\r\n`;
}

const responseHopFields = new FieldSet([
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
]);

/** A response head; HTTP/1.0 clients get version 1.1 as well (RFC 9110 §6.2), but never chunks. */
export function responseText(head: ResponseHead, framing: Framing, connection: '' | 'close' | 'keep-alive'): string {
  const { headers, status } = head;
  headers.drop(responseHopFields);
  if (framing !== 'chunked') headers.delete('trailer');
  let lines = '';
  if (typeof framing === 'number') {
    if (!keepsLength(headers, framing)) lines = `Content-Length: ${framing}\r\n`;
  } else if (framing !== 'ignored' || status === 204 || headers.all('content-length').length > 1) {
    headers.delete('content-length');
    if (framing === 'chunked') lines = 'Transfer-Encoding: chunked\r\n';
  }
  if (connection !== '') lines += `Connection: ${connection}\r\n`;
  return `${statusLine(head)}${fieldText(headers)}${lines}\r\n`;
}

const interimHopFields = new FieldSet([...responseHopFields.names, 'content-length', 'trailer']);

/** An interim response: no framing, no Connection. */
export function interimText(head: ResponseHead): string {
  head.headers.drop(interimHopFields);
  return `${statusLine(head)}${fieldText(head.headers)}\r\n`;
}

const okLine = 'HTTP/1.1 200 OK\r\n';

function statusLine({ status, reason }: ResponseHead): string {
  if (status === 200 && (reason === 'OK' || reason === '')) return okLine;
  return `HTTP/1.1 ${status} ${reason === '' ? (STATUS_CODES[status] ?? '') : reason}\r\n`;
}

/** Whether the one Content-Length line that is there says the truth; what says anything else is removed. */
function keepsLength(headers: HeaderList, bodyLength: number): boolean {
  if (!headers.has('content-length')) return false;
  if (headers.only('content-length') === String(bodyLength)) return true;
  headers.delete('content-length');
  return false;
}
