import type { CacheWord } from '../../cache/outcome.ts';
import { emptyRouteTraffic } from '../../proxy/traffic.ts';
import type { RouteDetail } from '../../routing/route-detail.ts';
import { backendViews, type Numbers, shownRecent } from '../route-view.ts';
import type { LiveNumbers } from './live-view.ts';
import { backendsShownMax } from './route-summary.ts';

/** Words of answers that came out of the store, if need be after the backend said that they still hold. */
const hits: readonly CacheWord[] = ['HIT', 'STALE', 'UPDATING', 'REVALIDATED'];
const misses: readonly CacheWord[] = ['MISS', 'EXPIRED'];

/** What is counted of a route, for those who look on. */
export function liveNumbers(detail: RouteDetail, { traffic, recent }: Numbers): LiveNumbers {
  const { id, policy } = detail.route;
  const { requests, s2xx, s3xx, s4xx, s5xx, tunnels, waiting, cache } = traffic.routes[id] ?? emptyRouteTraffic();
  const backends = backendViews(detail, traffic).slice(0, backendsShownMax);
  return {
    ...shownRecent(recent(id)),
    ...{ requests, s2xx, s3xx, s4xx, s5xx },
    cacheHitRatio: policy.cache === null ? null : hitRatio(cache),
    sockets: tunnels,
    waiting,
    backends: Object.fromEntries(backends.map(({ container, inFlight, fails }) => [container, { inFlight, fails }])),
  };
}

function hitRatio(cache: Readonly<Record<CacheWord, number>>): number | null {
  const sum = (words: readonly CacheWord[]) => words.reduce((total, word) => total + cache[word], 0);
  const asked = sum(hits) + sum(misses);
  return asked === 0 ? null : Math.round((sum(hits) / asked) * 1000) / 1000;
}
