import type { RequestHead } from '../../http/head.ts';

/** Methods whose requests usually carry content: without any, they say so (RFC 9110 §8.6). */
const contentMethods = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The field lines of a request as they go out: the caller's, in order and case, then the framing. Framing follows
 * `bodyLength` and nothing else, least of all the method.
 *
 * @param upgrade the protocol to ask for.
 */
export function requestFields(head: RequestHead, upgrade: string | null): string[] {
  const { bodyLength } = head;
  const headers = head.headers.clone();
  let lengthWritten = false;
  const length = bodyLength === null ? null : String(bodyLength);
  headers.filter((lower, value) => {
    if (lower === 'transfer-encoding' || lower === 'connection' || lower === 'upgrade') return false;
    if (lower === 'trailer') return bodyLength === null;
    if (lower !== 'content-length') return true;
    if (lengthWritten || value !== length) return false;
    lengthWritten = true;
    return true;
  });
  const fields = headers.flat();
  if (bodyLength === null) fields.push('Transfer-Encoding', 'chunked');
  else if (!lengthWritten && (bodyLength > 0 || contentMethods.has(head.method)))
    fields.push('Content-Length', String(length));
  // TE speaks to the next hop only, so it has to be named as one (RFC 9110 §10.1.4).
  const options = headers.has('te') ? ['TE'] : [];
  if (upgrade !== null) {
    options.push('Upgrade');
    fields.push('Upgrade', upgrade);
  }
  if (options.length > 0) fields.push('Connection', options.join(', '));
  return fields;
}
