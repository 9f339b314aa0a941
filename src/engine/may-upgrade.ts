import type { RequestHead } from '../http/head.ts';
import { isTunnelProtocol } from '../http/tunnel-protocol.ts';

/** Whether the bytes after the head may turn out to be another protocol's. A request with a body is served as if it had not asked. */
export function mayUpgrade(request: RequestHead): boolean {
  return request.upgrade !== null && request.bodyLength === 0 && isTunnelProtocol(request.upgrade);
}
