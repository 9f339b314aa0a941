import type { ResponseHead } from '../http/head.ts';
import { readCacheControl } from './cache-control.ts';

/** As nginx's `expires`. */
const statuses = new Set([200, 203, 204, 206, 301, 302, 303, 304, 307, 308]);

/**
 * `proxy.cache.browser`: how long a browser may keep an answer, whatever the backend says of how long. What it says of whether is
 * left alone: a page that is private, or must be asked for each time, stays so.
 */
export function tellBrowsers({ status, headers }: ResponseHead, browserMs: number, nowMs: number): void {
  if (!statuses.has(status) || headers.has('set-cookie')) return;
  const directives = readCacheControl(headers.all('cache-control'));
  if (['no-store', 'no-cache', 'private', 'must-revalidate'].some((name) => directives.has(name))) return;
  const others = [...directives].filter(
    ([name]) => name === 'public' || name === 'immutable' || name === 'no-transform',
  );
  const maxAge = `max-age=${Math.floor(browserMs / 1000)}`;
  headers.set('Cache-Control', [...others.map(([name]) => name), maxAge].join(', '));
  headers.set('Expires', new Date(nowMs + browserMs).toUTCString());
}
