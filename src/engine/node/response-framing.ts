import type { BodyLength, RequestHead, ResponseHead } from '../../http/head.ts';

/** How a response goes onto the wire. */
export interface FramedResponse {
  /** `[name, value, …]` for writeHead, Connection and framing included. */
  readonly fields: string[];
  /** What the sink may take: 0 = nothing, null = any amount. */
  readonly bodyLength: BodyLength;
  /** Bytes pushed in spite of `bodyLength` 0 are ignored instead of being an error: HEAD, 204, 304. */
  readonly bodyless: boolean;
  /** The connection ends with this response. */
  readonly close: boolean;
}

const framingNames = new Set(['transfer-encoding', 'connection', 'keep-alive', 'proxy-connection', 'upgrade']);

/**
 * Frames a response by its `bodyLength` and the version of the request (RFC 9112 §6.3). Fields that say something else go: the
 * head must not contradict the bytes that follow it. HTTP/1.0 never gets chunks: where the length is unknown, the end of the
 * connection marks the end of the body.
 */
export function frameResponse(
  head: ResponseHead,
  request: Pick<RequestHead, 'method' | 'version'>,
  wanted: { readonly keepAlive: boolean },
): FramedResponse {
  const { status, bodyLength } = head;
  const bodyless = request.method === 'HEAD' || status === 204 || status === 304;
  const chunked = !bodyless && bodyLength === null && request.version !== '1.0';
  const close = !wanted.keepAlive || (!bodyless && bodyLength === null && !chunked);
  const lengthLine = keptLength(head, bodyless);
  const headers = head.headers.clone();
  let lengthWritten = false;
  headers.filter((lower, value) => {
    if (lower === 'content-length') {
      if (lengthWritten || value !== lengthLine) return false;
      lengthWritten = true;
      return true;
    }
    // Trailers exist in chunked messages only, and node throws where the field announces them elsewhere.
    return !framingNames.has(lower) && (lower !== 'trailer' || chunked);
  });
  const fields = headers.flat();
  if (lengthLine !== null && !lengthWritten) fields.push('Content-Length', lengthLine);
  if (chunked) fields.push('Transfer-Encoding', 'chunked');
  if (close) fields.push('Connection', 'close');
  else if (request.version === '1.0') fields.push('Connection', 'keep-alive');
  return { fields, bodyLength: bodyless ? 0 : bodyLength, bodyless, close };
}

/** The one Content-Length that goes out, null for none; for HEAD and 304 it is what GET would have had (RFC 9110 §8.6). */
function keptLength(head: ResponseHead, bodyless: boolean): string | null {
  if (!bodyless) return head.bodyLength === null ? null : String(head.bodyLength);
  if (head.status === 204) return null;
  const lines = head.headers.all('content-length');
  return lines.length === 1 && /^[0-9]+$/.test(lines[0] as string) ? (lines[0] as string) : null;
}
