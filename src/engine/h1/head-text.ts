import { STATUS_CODES } from 'node:http';
import type { RequestHead, ResponseHead } from '../../http/head.ts';
import type { HeaderList } from '../../http/header-list.ts';
import { LineHeaderList } from './line-header-list.ts';
import type { Framing } from './message-sink.ts';

/** Anything that a latin1 write would turn into something else, or that would end a line: a bug of ours, never sent. */
const unwritable = /[^\t\x20-\x7e\x80-\xff]/;

/** Field lines as they go on the wire, each with its CRLF. */
export function fieldText(headers: HeaderList): string {
  return headers instanceof LineHeaderList ? headers.text() + linesText(headers.added) : linesText(headers.flat());
}

function linesText(flat: readonly string[]): string {
  let text = '';
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1] as string;
    if (unwritable.test(value)) throw new TypeError(`the value of ${flat[i]} has characters that cannot be sent`);
    text += `${flat[i]}: ${value}\r\n`;
  }
  return text;
}

/** Methods whose missing body is stated, because some servers wait for one (RFC 9110 §8.6). */
const statesEmptyBody = new Set(['POST', 'PUT', 'PATCH']);

/** A request head with its framing, which follows `bodyLength` and nothing else. */
export function requestText(head: RequestHead): string {
  const { headers, bodyLength, method } = head;
  headers.delete('transfer-encoding');
  headers.delete('connection');
  if (bodyLength !== null) headers.delete('trailer');
  let framing = '';
  if (bodyLength === null) {
    headers.delete('content-length');
    framing = 'Transfer-Encoding: chunked\r\n';
  } else if (!keepsLength(headers, bodyLength) && (bodyLength > 0 || statesEmptyBody.has(method))) {
    framing = `Content-Length: ${bodyLength}\r\n`;
  }
  // TE speaks to the next hop only, so it has to be named as one (RFC 9110 §10.1.4).
  if (headers.has('te')) framing += 'Connection: TE\r\n';
  return `${method} ${head.target} HTTP/1.1\r\n${fieldText(headers)}${framing}\r\n`;
}

const hopNames = ['transfer-encoding', 'connection', 'keep-alive', 'proxy-connection', 'upgrade'];

/** A response head; HTTP/1.0 clients get version 1.1 as well (RFC 9110 §6.2), but never chunks. */
export function responseText(head: ResponseHead, framing: Framing, connection: '' | 'close' | 'keep-alive'): string {
  const { headers, status } = head;
  for (const name of hopNames) headers.delete(name);
  if (framing !== 'chunked') headers.delete('trailer');
  let lines = '';
  if (typeof framing === 'number') {
    if (!keepsLength(headers, framing)) lines = `Content-Length: ${framing}\r\n`;
  } else if (framing !== 'ignored' || status === 204 || headers.all('content-length').length > 1) {
    headers.delete('content-length');
    if (framing === 'chunked') lines = 'Transfer-Encoding: chunked\r\n';
  }
  if (connection !== '') lines += `Connection: ${connection}\r\n`;
  const reason = head.reason === '' ? (STATUS_CODES[status] ?? '') : head.reason;
  return `HTTP/1.1 ${status} ${reason}\r\n${fieldText(headers)}${lines}\r\n`;
}

/** An interim response: no framing, no Connection. */
export function interimText(head: ResponseHead): string {
  for (const name of hopNames) head.headers.delete(name);
  head.headers.delete('content-length');
  const reason = head.reason === '' ? (STATUS_CODES[head.status] ?? '') : head.reason;
  return `HTTP/1.1 ${head.status} ${reason}\r\n${fieldText(head.headers)}\r\n`;
}

/** Whether the one Content-Length line that is there says the truth; what says anything else is removed. */
function keepsLength(headers: HeaderList, bodyLength: number): boolean {
  const stated = headers.get('content-length');
  if (stated === undefined) return false;
  if (stated === String(bodyLength) && headers.all('content-length').length === 1) return true;
  headers.delete('content-length');
  return false;
}
