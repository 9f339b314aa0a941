import type { ResponseHead } from '../http/head.ts';
import type { Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';

/**
 * Tells the client to stay with the backend that answered (`proxy.sticky`), where it does not yet. After the route's steps:
 * `proxy.header.Set-Cookie` speaks of the backend's cookies.
 */
export function setSessionCookie(journey: Journey, { affinity }: LiveRoute, head: ResponseHead): void {
  if (affinity === null || journey.peer === null) return;
  const line = affinity.setCookie(journey, journey.peer, { secure: journey.client.scheme === 'https' });
  if (line !== null) head.headers.append('Set-Cookie', line);
}
