import { randomUUID } from 'node:crypto';
import type { HeaderList } from './header-list.ts';

const acceptable = /^[\w.:=+/-]{1,128}$/;

/** The X-Request-Id of a trusted peer, so that one id follows a request through all proxies; else a new UUID. */
export function requestId(headers: HeaderList, trusted: boolean): string {
  const given = trusted ? headers.get('x-request-id') : undefined;
  return given !== undefined && acceptable.test(given) ? given : randomUUID();
}
