import type { RequestHead } from '../http/head.ts';

/**
 * Whether the bytes after the head may turn out to be another protocol's. `h2c` and the like stay HTTP: such a request is
 * served as if it had not asked (RFC 9110 §7.8), and so is one with a body.
 */
export function mayUpgrade(request: RequestHead): boolean {
  return request.upgrade !== null && request.bodyLength === 0 && !/^(h2c|http\/|tls\/)/.test(request.upgrade);
}
