import { type CacheUri, cacheKey, sameOriginUri } from '../cache/cache-key.ts';
import type { CacheRequest } from '../cache/cache-request.ts';
import { tellOutcome } from '../cache/outcome.ts';
import { treatmentOf } from '../cache/treatment.ts';
import type { ResponseHead } from '../http/head.ts';
import type { CacheDesk } from './cache-desk.ts';
import { CachePassage } from './cache-passage.ts';
import type { PassOn } from './cache-waiting.ts';
import type { Caching } from './caching.ts';
import type { Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** Where a route keeps answers: before a request goes to a backend, and instead. */
export function consultCache(
  { desk, caching }: { readonly desk: CacheDesk; readonly caching: Caching },
  { world, journey, live }: { readonly world: ProxyWorld; readonly journey: Journey; readonly live: LiveRoute },
  passOn: PassOn,
): void {
  const { policy, predicates } = caching;
  const treatment = treatmentOf(journey.exchange.request, journey, policy, predicates);
  const uri = uriOf(journey);
  switch (treatment) {
    case 'bypass':
    case 'change':
      journey.onHead = (head) => {
        if (treatment === 'change') forget(desk, { uri, route: live.route.id, caching }, head);
        journey.cacheWord = 'BYPASS';
        tellOutcome(head.headers, { word: 'BYPASS', forwarded: treatment === 'change' ? 'method' : 'bypass' });
      };
      passOn(world, journey, live);
      break;
    case 'lookup': {
      const passage = new CachePassage(desk, { world, journey, live }, toRequest(journey, uri, live, caching), passOn);
      journey.carrier = passage;
      passage.start();
      break;
    }
    default:
      treatment satisfies never;
  }
}

/** A change that the backend has agreed to makes void what is stored of the URI, and of those that it names (RFC 9111 §4.4). */
function forget(
  desk: CacheDesk,
  { uri, route, caching }: { readonly uri: CacheUri; readonly route: string; readonly caching: Caching },
  { status, headers }: ResponseHead,
): void {
  if (status < 200 || status >= 400) return;
  desk.invalidate(cacheKey(uri, route, caching.policy));
  for (const name of ['location', 'content-location'] as const) {
    const reference = headers.get(name);
    const other = reference === undefined ? null : sameOriginUri(reference, uri);
    if (other !== null) desk.invalidate(cacheKey(other, route, caching.policy));
  }
}

function uriOf({ client, requester, host, target }: Journey): CacheUri {
  return { scheme: client.scheme, host, port: requester.authority?.port ?? null, target };
}

function toRequest(journey: Journey, uri: CacheUri, { route }: LiveRoute, { policy }: Caching): CacheRequest {
  const { method, headers } = journey.exchange.request;
  const { host, path } = journey;
  return { method, headers, key: cacheKey(uri, route.id, policy), route: route.id, host, path, policy };
}
