import { cookieValues } from '../http/cookies.ts';
import type { LoadBalancing } from '../labels/options.ts';
import type { BalancedRequest } from './balancer.ts';

/** Reads from a request what it is hashed by; null where it has nothing of the kind. */
export type HashKey = (request: BalancedRequest) => string | null;

/** For a value of `proxy.lb` that names what is hashed. */
export function hashKey(lb: Extract<LoadBalancing, { kind: 'hash' }>): HashKey {
  switch (lb.by) {
    case 'uri':
      return ({ target }) => target;
    case 'header':
      return (request) => request.header(lb.name) || null;
    case 'cookie':
      return (request) => firstCookie(request.header('cookie'), lb.name);
    default:
      return lb satisfies never;
  }
}

function firstCookie(header: string | undefined, name: string): string | null {
  for (const value of cookieValues(header ?? '', name)) if (value !== '') return value;
  return null;
}
