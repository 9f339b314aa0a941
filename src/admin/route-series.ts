import { cacheWords } from '../cache/outcome.ts';
import { emptyRouteTraffic, type RouteTraffic, type Traffic } from '../proxy/traffic.ts';

/** Routes that have series of their own; each has 31, and seven more with a cache. */
export const routesWithSeriesMax = 1_000;

/**
 * Which routes are told by themselves, and what all the others have served together: those that do not want series
 * (`proxy.metrics=false`), those beyond the bound, those that are gone. Who has series keeps them, and the sum of the others only grows.
 */
export class RouteSeries {
  readonly #max: number;
  readonly #own = new Set<string>();
  #others = emptyRouteTraffic();
  #before: Traffic['routes'] = {};

  constructor({ max = routesWithSeriesMax } = {}) {
    this.#max = max;
  }

  /**
   * @param wanted all routes of the table by id: whether each wants series of its own.
   * @param routes what they have served so far.
   */
  look(
    wanted: ReadonlyMap<string, boolean>,
    routes: Traffic['routes'],
  ): { readonly own: ReadonlySet<string>; readonly others: RouteTraffic } {
    for (const id of this.#own) if (wanted.get(id) !== true) this.#own.delete(id);
    for (const [id, wants] of wanted) if (wants && this.#own.size < this.#max) this.#own.add(id);
    let [tunnels, waiting] = [0, 0];
    for (const [id, traffic] of Object.entries(routes)) {
      if (this.#own.has(id)) continue;
      this.#others = added(this.#others, traffic, this.#before[id] ?? emptyRouteTraffic());
      tunnels += traffic.tunnels;
      waiting += traffic.waiting;
    }
    this.#before = routes;
    return { own: this.#own, others: { ...this.#others, tunnels, waiting } };
  }
}

const totals = [
  ...(['requests', 's2xx', 's3xx', 's4xx', 's5xx', 'held', 'retries', 'limited', 'bytes', 'latencyMs'] as const),
];

/** What a route has served since it was looked at before is added. */
function added(sum: RouteTraffic, now: RouteTraffic, before: RouteTraffic): RouteTraffic {
  // Fewer than before: it was forgotten, and counts from zero again.
  const from = now.requests < before.requests ? emptyRouteTraffic() : before;
  const counts = Object.fromEntries(totals.map((key) => [key, sum[key] + now[key] - from[key]]));
  const cache = Object.fromEntries(
    cacheWords.map((word) => [word, sum.cache[word] + now.cache[word] - from.cache[word]]),
  );
  const latency = sum.latency.map((count, i) => count + (now.latency[i] ?? 0) - (from.latency[i] ?? 0));
  return { ...sum, ...counts, cache: cache as RouteTraffic['cache'], latency };
}
