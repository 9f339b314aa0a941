import type { RequestHead } from '../http/head.ts';

/** One protocol name, with a version or without (RFC 9110 §7.8), that is none of HTTP's own. */
const tunnelled = /^(?!h2c|http\/|tls\/)[!#$%&'*+\-.^_`|~0-9a-z]+(?:\/[!#$%&'*+\-.^_`|~0-9a-z]+)?$/;

/**
 * Whether the bytes after the head may turn out to be another protocol's. `h2c` and the like stay HTTP: such a request is
 * served as if it had not asked (RFC 9110 §7.8), so is one with a body, and so is one that offers several protocols: nobody could say which of them the bytes would be.
 */
export function mayUpgrade(request: RequestHead): boolean {
  return request.upgrade !== null && request.bodyLength === 0 && tunnelled.test(request.upgrade);
}
