import type { IncomingMessage } from 'node:http';
import type { BodyLength, ResponseHead } from '../../http/head.ts';
import { FlatHeaderList } from '../../http/header-list.ts';

/**
 * Reads a response head that node's parser let through; null where it could be read in two ways. Backends are held to the same
 * rule as clients: one that can be talked into two framings is how a client gets another's answer (RFC 9112 §6.3).
 *
 * @param method of the request: HEAD has no body whatever the head says.
 */
export function readResponse(
  message: Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'httpVersion' | 'rawHeaders'>,
  method: string,
  linesMax: number,
): ResponseHead | null {
  if (message.rawHeaders.length > 2 * linesMax) return null;
  const { statusCode: status = 0, statusMessage: reason = '', httpVersion } = message;
  if (status < 100 || (httpVersion !== '1.1' && httpVersion !== '1.0')) return null;
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(reason)) return null;
  const headers = new FlatHeaderList(message.rawHeaders.slice());
  const codings = headers.all('transfer-encoding');
  const lengths = headers.all('content-length');
  if (lengths.length > 1 || (lengths.length === 1 && !/^[0-9]{1,15}$/.test(lengths[0] as string))) return null;
  const length = lengths.length === 0 ? null : Number(lengths[0]);
  // Zeros in front are octal to somebody; where no body follows, the line is passed on as it is.
  if (length !== null && lengths[0] !== String(length)) headers.set('Content-Length', String(length));
  if (codings.length > 0) {
    const chunked = codings.length === 1 && codings[0]?.toLowerCase() === 'chunked';
    if (!chunked || length !== null || httpVersion === '1.0') return null;
    headers.delete('transfer-encoding');
  }
  const bodyLength = readBodyLength(status, method, { chunked: codings.length > 0, length });
  return bodyLength === undefined ? null : { status, reason, headers, bodyLength };
}

function readBodyLength(
  status: number,
  method: string,
  said: { readonly chunked: boolean; readonly length: number | null },
): BodyLength | undefined {
  if (method === 'HEAD' || status === 304) return 0;
  if (status < 200 || status === 204) {
    // These never have a body; what is announced all the same would be read as the next response by somebody.
    return said.chunked || (said.length ?? 0) > 0 ? undefined : 0;
  }
  // Neither: the body ends with the connection, and so its length is unknown as well.
  return said.chunked ? null : said.length;
}
