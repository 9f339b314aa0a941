import { networkOf } from '../http/client-network.ts';
import { cookieValues } from '../http/cookies.ts';
import type { LimitKey } from '../labels/options.ts';
import type { MatchRequest } from '../routing/match-request.ts';

/**
 * What a request is counted under. Who does not have the header or the cookie is counted by address: leaving it out must not be
 * a way around the limit.
 */
export function limitKey(key: LimitKey, request: MatchRequest): string {
  switch (key.kind) {
    case 'ip':
      return networkOf(request.clientAddress);
    case 'host':
      return request.host;
    case 'header':
      return named(request.header(key.name), request);
    case 'cookie': {
      const [value] = cookieValues(request.header('cookie') ?? '', key.name);
      return named(value, request);
    }
    default:
      return key satisfies never;
  }
}

/** No address begins with `=`. */
function named(value: string | undefined, { clientAddress }: MatchRequest): string {
  return value === undefined || value === '' ? networkOf(clientAddress) : `=${value}`;
}
